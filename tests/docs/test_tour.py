"""The tour is taken as it stands: in one shell, in order, against a real IMAP server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

import pytest
from following import PATIENCE_S, Shell, environment, follow
from imap_server import PASSWORD, Account, ImapServer
from pages import page
from parts import missing

MARK = "--- that was it, ended"


@contextmanager
def lasting_shell(folder: Path, variables: Mapping[str, str]) -> Iterator[Shell]:
    """A shell that remembers what was typed before; what it left running ends with it."""
    with subprocess.Popen(
        ["sh"],
        cwd=folder,
        env=environment(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        typing, heard = process.stdin, process.stdout

        def end() -> None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

        def run(typed: str) -> tuple[int, str]:
            # Nothing that is typed may read what is to be typed next.
            typing.write(f"{{ {typed}\n}} < /dev/null\nprintf '\\n%s %s\\n' '{MARK}' $?\n")
            typing.flush()
            printed = ""
            for line in heard:
                if line.startswith(MARK):
                    return int(line.split()[-1]), printed
                printed += line
            raise AssertionError(f"the shell ended: {typed}\n{printed}")

        patience = Timer(PATIENCE_S, end)
        patience.start()
        try:
            yield run
        finally:
            patience.cancel()
            end()


def filled(server: ImapServer) -> Account:
    """An account as the tour tells it."""
    account = server.account()
    for day, name in enumerate(("second", "third", "fourth"), start=2):
        ident = {"second": "two", "third": "three", "fourth": "four"}[name]
        date = f"{day} Jan 2026 10:00:00 +0000"
        head = f"Message-ID: <{ident}@example.org>\nDate: {date}\nFrom: Ben <ben@example.org>\n"
        account.append("INBOX", f"{head}Subject: The {name}\n\nHere and there.\n".encode())
    return account


@pytest.mark.long
def test_the_tour_can_be_taken(imap_server: ImapServer, tmp_path: Path) -> None:
    """Every command of the tour works, in order, and prints what the page shows."""
    if shutil.which("curl") is None:
        missing("curl", "no such program; on Debian install the package curl")
    account = filled(imap_server)
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {account.host} login {account.login} password {PASSWORD}\n")
    home = tmp_path / "tour"
    home.mkdir()
    variables = {"ACCOUNT": account.url, "PDPP_IMAP_NETRC": str(netrc), "TMPDIR": str(tmp_path)}
    with lasting_shell(home, variables) as shell:
        assert follow(page("tour-connections.md"), home, shell) > 25


def test_a_lasting_shell(tmp_path: Path) -> None:
    """It remembers variables and functions, tells each status, and leaves stdin alone."""
    with lasting_shell(tmp_path, {"GIVEN": "1"}) as shell:
        assert shell("kept=$GIVEN; false")[0] == 1
        assert shell("said() { echo it $kept; }")[0] == 0
        assert shell("said; cat") == (0, "it 1\n\n")
