"""`pdpp-host import`: an owner's file from the shell, and what is left where it is refused."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import warm

HOST = str(Path(sys.executable).parent / "pdpp-host")
ANN = ("--connector", "mailbox", "--account", "imap://ann@imap.example.org")
MESSAGE = """\
From ana@example.org Thu Jan  1 00:00:00 2026
Message-ID: <{ident}@example.org>
Date: Thu, 1 Jan 2026 00:00:00 +0000

Hello.

"""


def mbox(*idents: str) -> bytes:
    """An mbox of messages with these names."""
    return "".join(MESSAGE.format(ident=ident) for ident in idents).encode()


def environment(home: Path) -> dict[str, str]:
    """Artifacts are staged below the test's own folder."""
    return os.environ | {"TMPDIR": str(home)}


def imports(home: Path, *arguments: str, given: bytes = b"") -> tuple[int, str]:
    """Run the command in a folder; its status and all it printed."""
    command = [HOST, "import", *arguments, "--storage", "sqlite:///own.db"]
    done = warm.run(command, home, environment(home), timeout=60, given=given)
    told = done.stdout + done.stderr
    assert "Traceback" not in told
    return done.returncode, told


def asked(home: Path, question: str) -> list[tuple[object, ...]]:
    """What the database says."""
    database = sqlite3.connect(home / "own.db")
    try:
        return database.execute(question).fetchall()
    finally:
        database.close()


def said(name: str, told: str) -> str:
    """A line of the receipt."""
    found = re.search(rf"^{name}: (.*)$", told, re.MULTILINE)
    assert found, told
    return found.group(1)


def nothing_is_left(home: Path) -> None:
    """No connection, run, batch, lease or staged byte."""
    for name in ("connections", "paths", "runs", "batches", "leases"):
        assert asked(home, f"SELECT * FROM {name}") == [], name
    assert not [each for each in home.glob("pdpp-host-*/artifact-*") if each.suffix != ".lock"]


def test_a_file_and_the_next_one(tmp_path: Path) -> None:
    """The first one makes the connection of its account, the second goes there; each has its receipt."""
    (tmp_path / "inbox.mbox").write_bytes(mbox("a", "b"))
    status, first = imports(tmp_path, "inbox.mbox", *ANN)
    assert (status, said("counts", first)) == (
        0,
        "2 parsed, 2 accepted, 0 duplicate, 0 skipped, 0 failed",
    )
    assert said("artifact", first).startswith("'inbox.mbox', mbox, ")
    (tmp_path / "inbox.mbox").write_bytes(mbox("b", "c"))
    status, second = imports(tmp_path, "inbox.mbox", *ANN)
    assert (status, said("counts", second)) == (
        0,
        "2 parsed, 1 accepted, 1 duplicate, 0 skipped, 0 failed",
    )
    assert said("connection", second) == said("connection", first)
    assert said("batch", second) != said("batch", first)
    (tmp_path / "inbox.mbox").write_bytes(mbox("d"))
    status, third = imports(tmp_path, "inbox.mbox", "--connection", said("connection", first))
    assert (status, "1 new" in third) == (0, True)
    assert asked(tmp_path, "SELECT count(*) FROM records") == [(4,)]


def test_another_account_is_another_connection(tmp_path: Path) -> None:
    """The same bytes are a new import there, and the account is the binding."""
    (tmp_path / "inbox.mbox").write_bytes(mbox("a"))
    _, first = imports(tmp_path, "inbox.mbox", *ANN)
    _, other = imports(tmp_path, "inbox.mbox", *ANN[:3], "imap://bob@imap.example.org")
    assert said("connection", other) != said("connection", first)
    bound = [json.loads(str(binding)) for (binding,) in asked(tmp_path, "SELECT binding FROM paths")]
    assert bound == [{"account": ANN[3]}, {"account": "imap://bob@imap.example.org"}]


def test_the_same_bytes_are_recognised(tmp_path: Path) -> None:
    """Nothing is written, the receipt is the first one's, and the command ends 0."""
    _, first = imports(tmp_path, "-", *ANN, given=mbox("a"))
    assert said("artifact", first).startswith("'artifact', mbox, ")
    status, again = imports(tmp_path, "-", "--name", "other", *ANN, given=mbox("a"))
    assert (status, again.startswith("recognised: ")) == (0, True)
    assert again.splitlines()[1:] == first.splitlines()[1:]
    assert asked(tmp_path, "SELECT count(*) FROM batches") == [(1,)]


def test_a_claim_of_all_there_is(tmp_path: Path) -> None:
    """With it, what only uploads have seen and this one lacks goes; the receipt says so."""
    name = ("--name", "inbox.mbox")
    imports(tmp_path, "-", *name, *ANN, given=mbox("a", "b"))
    status, told = imports(tmp_path, "-", *name, *ANN, "--coverage", "messages=full_refresh", given=mbox("b"))
    assert (status, said("coverage", told)) == (0, "full_refresh of messages, granted")
    assert "0 new, 0 changed, 1 deleted" in told


def test_what_cannot_be_read_is_a_known_gap(tmp_path: Path) -> None:
    """A zip of which one mailbox holds no mail ends 5, and its claim is denied."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inbox.mbox", mbox("a"))
        archive.writestr("sent.mbox", b"no mail at all")
    status, told = imports(tmp_path, "-", *ANN, "--coverage", "messages=full_refresh", given=out.getvalue())
    assert (status, said("coverage", told)) == (5, "full_refresh of messages, denied: incomplete")
    assert said("gap", told).startswith("source_messages_malformed in messages")
    assert said("artifact", told).startswith("'artifact', zip, ")


@pytest.mark.parametrize(
    ("arguments", "given", "told"),
    [
        (("-", *ANN), b"", "empty"),
        (("-", *ANN), b"PK\x03\x04 and no more", "truncated or corrupt"),
        (("-", *ANN, "--coverage", "messages"), b"x", "STREAM=full_refresh"),
        (("-", *ANN, "--coverage", "messages=all"), b"x", "must be \"full_refresh\", not 'all'"),
        (("-", *ANN, "--coverage", "letters=full_refresh"), b"x", "'letters'"),
        (("-", "--connector", "mailbux", "--account", "x"), b"x", "there are folder, imap, mailbox"),
        (("-", "--connection", "conn_no"), b"x", "no connection 'conn_no'"),
        (("nowhere", *ANN), b"", "cannot read 'nowhere': No such file"),
        ((".", *ANN), b"", "cannot read '.': Is a directory"),
        (("-", "--connector", "mailbox"), b"x", "--connector and --account"),
        (("-",), b"x", "--connector and --account"),
        (("-", "--connection", "c", *ANN), b"x", "--connector and --account"),
    ],
)
def test_what_is_refused(arguments: tuple[str, ...], given: bytes, told: str, tmp_path: Path) -> None:
    """One sentence, exit 2, and no new connection stays behind."""
    assert warm.run([HOST, "migrate", "--storage", "sqlite:///own.db"], tmp_path).returncode == 0
    status, heard = imports(tmp_path, *arguments, given=given)
    assert (status, heard.startswith("pdpp-host: "), heard.count("\n")) == (2, True, 1)
    assert told in heard
    nothing_is_left(tmp_path)


def test_a_refused_file_holds_up_no_other(tmp_path: Path) -> None:
    """Where a connection is there already its lease is given back, and it stays as it was."""
    _, first = imports(tmp_path, "-", *ANN, given=mbox("a"))
    status, told = imports(tmp_path, "-", "--connection", said("connection", first), given=b"PK\x03\x04")
    assert (status, "truncated or corrupt" in told) == (2, True)
    assert asked(tmp_path, "SELECT * FROM leases") == []
    assert asked(tmp_path, "SELECT count(*) FROM batches") == [(1,)]
    assert imports(tmp_path, "-", *ANN, given=mbox("b"))[0] == 0


def test_several_connections_of_an_account(tmp_path: Path) -> None:
    """Which one is meant is never guessed."""
    imports(tmp_path, "-", *ANN, given=mbox("a"))
    database = sqlite3.connect(tmp_path / "own.db")
    for table in ("connections", "paths"):
        names = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        kept = ", ".join(name for name in names if name not in ("connection_id", "position", "ordinal_id"))
        database.execute(f"INSERT INTO {table} (connection_id, {kept}) SELECT 'conn_2', {kept} FROM {table}")
    database.commit()
    database.close()
    status, told = imports(tmp_path, "-", *ANN, given=mbox("b"))
    assert status == 2
    assert re.search(r"several connections have such a path: conn_\w+, conn_\w+; say which", told), told
    assert imports(tmp_path, "-", "--connection", "conn_2", given=mbox("b"))[0] == 0


def heed_interrupts() -> None:
    """A shell that starts the tests in the background has them ignore Ctrl-C, and all that they start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_an_interrupt_while_bytes_come(tmp_path: Path) -> None:
    """It ends 1, and nothing is left."""
    command = [HOST, "import", "-", *ANN, "--storage", "sqlite:///own.db"]
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=-1,
        stdout=-1,
        stderr=-1,
        preexec_fn=heed_interrupts,
    ) as child:
        assert child.stdin
        assert child.stderr
        try:
            child.stdin.write(mbox("a") * 50_000)
            child.stdin.flush()
            child.send_signal(signal.SIGINT)
            assert child.wait(30) == 1
            told = child.stderr.read()
        finally:
            child.kill()
    assert told == b"pdpp-host: cancelled before the artifact was read; nothing is written\n"
    nothing_is_left(tmp_path)


SLOW = """\
import json, signal, sys, time
start = json.loads(sys.stdin.readline())
for number in range(1000):
    key = str(number)
    print(json.dumps({"type": "RECORD", "stream": "notes", "key": key, "data": {"id": key},
                      "emitted_at": "2026-05-01T10:00:00Z"}), flush=True)
print(json.dumps({"type": "STATE", "stream": "notes", "cursor": {}}), flush=True)
open("begun", "w").close()
time.sleep(60)
"""
SLOW_PLUGIN = """\
import sys
from pdpp_host.domain.entities import Connector
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.hookspecs import hookimpl

STREAM = {"name": "notes", "semantics": "append_only", "schema": {"type": "object"}, "primary_key": ["id"]}
MANIFEST = {"connector_key": "slow", "version": "1", "display_name": "Slow", "streams": [STREAM]}


@hookimpl
def register_connectors():
    return [Connector(parse_manifest(MANIFEST), (sys.executable, "-S", "-E", sys.path[0] + "/program.py"))]
"""


def test_an_interrupt_while_it_runs(tmp_path: Path) -> None:
    """The run is cancelled and ends 1; what was written stays, with a batch that says how it ended."""
    (tmp_path / "program.py").write_text(SLOW.replace('"begun"', repr(str(tmp_path / "begun"))))
    (tmp_path / "slow_plugin.py").write_text(SLOW_PLUGIN.replace("sys.path[0]", repr(str(tmp_path))))
    command = [HOST, "import", "program.py", "--connector", "slow", "--account", "x"]
    variables = environment(tmp_path) | {"PYTHONPATH": str(tmp_path)}
    with subprocess.Popen(
        [*command, "--plugin", "slow_plugin", "--storage", "sqlite:///own.db"],
        cwd=tmp_path,
        env=variables,
        preexec_fn=heed_interrupts,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as child:
        try:
            until = time.monotonic() + 30
            while not (tmp_path / "begun").exists():
                assert child.poll() is None
                assert time.monotonic() < until
                time.sleep(0.02)
            child.send_signal(signal.SIGINT)
            told, _ = child.communicate(timeout=30)
        finally:
            child.kill()
    assert (child.returncode, told.startswith("cancelled in ")) == (1, True), told
    assert said("reason", told) == "owner_cancelled"
    assert asked(tmp_path, "SELECT status FROM batches") == [("cancelled",)]
    assert asked(tmp_path, "SELECT count(*) FROM leases") == [(0,)]


def test_a_fault_ends_3(tmp_path: Path) -> None:
    """Where bytes cannot be staged it is nobody's refusal, and nothing is left."""
    assert warm.run([HOST, "migrate", "--storage", "sqlite:///own.db"], tmp_path).returncode == 0
    (tmp_path / f"pdpp-host-{os.getuid()}").write_bytes(b"no folder")
    status, told = imports(tmp_path, "-", *ANN, given=mbox("a"))
    assert (status, told.startswith("pdpp-host: the artifact cannot be kept in ")) == (3, True), told
    nothing_is_left(tmp_path)
