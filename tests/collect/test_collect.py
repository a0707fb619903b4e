"""`pdpp-host collect`: one run from the shell, on data that nobody made for it."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import warm

HOST = Path(sys.executable).parent / "pdpp-host"
MESSAGE = """\
From ana@example.org Thu Jan  1 00:00:00 2026
Message-ID: <{ident}@example.org>
Date: Thu, 1 Jan 2026 00:00:00 +0000
From: Ana <ana@example.org>
Subject: {ident}

Hello.

"""


def collect(folder: Path, *options: str, connector: str = "mailbox") -> tuple[int, str]:
    """Run the command over folder/mail; its status and all it printed."""
    command = [str(HOST), "collect", "--connector", connector, "--source", "mail"]
    done = warm.run([*command, "--storage", "sqlite:///own.db", *options], folder)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def new(told: str) -> int:
    """How many new records a summary counts."""
    found = re.search(r": (\d+) new", told)
    assert found, told
    return int(found.group(1))


def stored(folder: Path) -> int:
    """How many live records the database holds."""
    with sqlite3.connect(folder / "own.db") as database:
        (count,) = database.execute("SELECT count(*) FROM records WHERE deleted = 0").fetchone()
    database.close()
    return int(count)


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A folder of two mailboxes: a real git history as mail, and a small one."""
    repository = tmp_path / "repository"
    git = ["git", "-C", str(repository), "-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    for number in range(7):
        (repository / "file").write_text(f"From here on {number}\n")
        subprocess.run([*git, "add", "file"], check=True)
        subprocess.run([*git, "commit", "-qm", f"Change {number}\n\nFrom the start."], check=True)
    folder = tmp_path / "mail"
    folder.mkdir()
    form = ["format-patch", "--stdout", "--always", "--thread", "--pretty=mboxrd", "--root", "HEAD"]
    with (folder / "own.mbox").open("wb") as file:
        subprocess.run([*git, *form], stdout=file, check=True)
    (folder / "inbox.mbox").write_text(MESSAGE.format(ident="one"))
    return folder


def test_a_history_is_collected_once_and_then_what_is_new(mail: Path) -> None:
    """As many records as messages; again none; one appended, one more."""
    home = mail.parent
    status, told = collect(home)
    assert (status, new(told)) == (0, 8), told
    status, told = collect(home)
    assert (status, new(told)) == (0, 0), told
    with (mail / "inbox.mbox").open("a") as file:
        file.write(MESSAGE.format(ident="two"))
    status, told = collect(home)
    assert (status, new(told)) == (0, 1), told
    assert stored(home) == 9


def test_a_missing_mailbox_is_a_known_gap_and_loses_nothing(mail: Path) -> None:
    """A deleted mailbox ends 5, is named, and its records stay."""
    home = mail.parent
    collect(home)
    (mail / "own.mbox").unlink()
    status, told = collect(home)
    assert status == 5, told
    assert "source_partition_missing" in told
    assert "own" in told
    assert stored(home) == 8


def test_a_missing_source_fails_and_reports_nothing_missing(mail: Path) -> None:
    """Without the folder there is no inventory: the run fails, no mailbox is called missing."""
    home = mail.parent
    collect(home)
    shutil.rmtree(mail)
    status, told = collect(home)
    assert status == 1, told
    assert "source_partition_missing" not in told
    assert stored(home) == 8


def test_resources_narrow_the_run(mail: Path) -> None:
    """Only the named mailbox is collected; the rest comes with the next whole run."""
    home = mail.parent
    status, told = collect(home, "--resources", "messages=inbox")
    assert (status, new(told)) == (0, 1), told
    status, told = collect(home)
    assert (status, new(told)) == (0, 7), told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--resources", "messages"], "STREAM=NAME,NAME"),
        (["--resources", "letters=inbox"], "letters"),
        (["--storage", "mydb://here"], "mydb://here"),
        (["--plugin", "nobody.has.this"], "nobody.has.this"),
    ],
)
def test_mistakes_end_2(mail: Path, options: list[str], said: str) -> None:
    """What cannot be asked for is told in one sentence."""
    status, told = collect(mail.parent, *options)
    assert status == 2
    assert said in told


def test_a_connection_is_collected_by_its_id(mail: Path) -> None:
    """The id does for connector and source; beside them, or with a path that is not there, it ends 2."""
    home = mail.parent
    collect(home)
    with sqlite3.connect(home / "own.db") as database:
        [(connection,)] = database.execute("SELECT connection_id FROM connections").fetchall()
    database.close()
    with (mail / "inbox.mbox").open("a") as file:
        file.write(MESSAGE.format(ident="two"))
    command = [str(HOST), "collect", "--storage", "sqlite:///own.db", "--connection", connection]

    def ran(*more: str) -> tuple[int, str]:
        done = warm.run([*command, *more], home)
        return done.returncode, done.stdout + done.stderr

    status, told = ran()
    assert (status, new(told)) == (0, 1)
    assert ran("--path", "0")[0] == 0
    assert ran("--path", "3") == (2, "pdpp-host: the connection has no path 3\n")
    assert ran("--source", "mail")[0] == 2


def test_an_unknown_connector_ends_2(mail: Path) -> None:
    """The sentence names the connectors that there are."""
    status, told = collect(mail.parent, connector="mailbux")
    assert status == 2
    assert "there are" in told
