"""One small program for each way of failing: its reason, its rule, and nothing left of it."""

from __future__ import annotations

import dataclasses
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pdpp_host.compose import Host
from pdpp_host.domain.entities import Run, Violation
from pdpp_host.runtime import collection
from pdpp_host.runtime.controller import Controller

from ..houses import House, manifest, stream
from .test_launch import group_is_gone, until

PROTOCOL = "connector_protocol_violation"
HEAR = "hear(); record('a'); say(type='STATE', stream='notes', cursor={'n': 1}); "
# Stdin holds START, or is closed: either way the program need not read to know that it was written.
SENT = "import select; select.select([0], [], []); "
WALL_S = 10.0


@dataclass(frozen=True)
class Case:
    """A program, how its run ends, and the host's limits for it."""

    program: str
    reason: str
    violation: Violation | None = None
    limits: dict[str, Any] = dataclasses.field(default_factory=dict)


def raw(text: str) -> str:
    """A program that says a line of its own as the third one, and lives on."""
    return HEAR + f"sys.stdout.write({text}); sys.stdout.flush(); threading.Event().wait()"


def broken(rule: str, *where: str | None) -> Violation:
    return Violation(rule, 3, *where)


DEEP = """'{"type":"RECORD","stream":"notes","key":"b","emitted_at":"t","data":{"id":"b","room":%s}}\\n' % """
ASK = "say(type='INTERACTION', request_id='i', kind='otp', message='m'); "

CASES = {
    "json": Case(raw("'{nope\\n'"), PROTOCOL, broken("invalid_json")),
    "nan": Case(raw(DEEP + "'NaN'"), PROTOCOL, broken("invalid_json")),
    "infinity": Case(raw(DEEP + "'-Infinity'"), PROTOCOL, broken("invalid_json")),
    "deep": Case(raw(DEEP + "('[' * 300 + ']' * 300)"), PROTOCOL, broken("invalid_json")),
    "very deep": Case(raw(DEEP + "('[' * 99999 + ']' * 99999)"), PROTOCOL, broken("invalid_json")),
    "beyond 64 bits": Case(raw(DEEP + "2**64"), PROTOCOL, broken("number_out_of_range")),
    "beyond a double": Case(raw(DEEP + "'1e999'"), PROTOCOL, broken("number_out_of_range")),
    "utf8": Case(
        HEAR + """os.write(1, b'{"type":"PROGRESS","message":"\\xff"}\\n'); threading.Event().wait()""",
        PROTOCOL,
        broken("invalid_utf8"),
    ),
    "type": Case(raw("""'{"type":"NEWS"}\\n'"""), PROTOCOL, broken("unknown_message_type")),
    "stream": Case(
        HEAR + "record('b', stream='dreams')", PROTOCOL, broken("undeclared_stream", "dreams", "b")
    ),
    "schema": Case(HEAR + "record('b', text=5)", PROTOCOL, broken("schema_violation", "notes", "b")),
    "key": Case(HEAR + "record('b', id='c')", PROTOCOL, broken("key_mismatch", "notes", "b")),
    "long line": Case(raw("'x' * 100_000"), PROTOCOL, broken("line_too_long"), limits={"line_limit": 50_000}),
    "after done": Case(
        HEAR + "done(1); record('b'); threading.Event().wait()",
        PROTOCOL,
        Violation("line_after_done", 4),
    ),
    "count": Case(HEAR + "done(2)", PROTOCOL, broken("done_count_mismatch")),
    "exit status": Case(HEAR + "done(1); sys.exit(4)", PROTOCOL, broken("exit_status_mismatch")),
    "record before START": Case(
        SENT + "record('b'); threading.Event().wait()",
        PROTOCOL,
        Violation("message_before_start", 1, "notes", "b"),
    ),
    "state before START": Case(
        SENT + "say(type='STATE', stream='notes', cursor={}); threading.Event().wait()",
        PROTOCOL,
        Violation("message_before_start", 1, "notes"),
    ),
    "two questions": Case(
        HEAR + ASK + ASK + "threading.Event().wait()", PROTOCOL, Violation("interaction_already_open", 4)
    ),
    "no done": Case(HEAR, "connector_exit_without_done"),
    "killed": Case(HEAR + "os.kill(os.getpid(), 9)", "connector_exit_without_done"),
    "reported failed": Case(HEAR + "done(1, 'failed'); sys.exit(1)", "connector_reported_failed"),
    "exits deaf": Case(SENT + "sys.exit(0)", "connector_stdin_closed"),
    "closes stdin": Case(SENT + "os.close(0); say(type='PROGRESS', message='m')", "connector_stdin_closed"),
    "silence": Case(HEAR + "threading.Event().wait()", "run_timed_out", limits={"silence_limit_s": 0.5}),
    "silence, deaf to SIGTERM": Case(
        HEAR + "signal.signal(signal.SIGTERM, signal.SIG_IGN); subprocess.run(['sleep', '60'])",
        "run_timed_out",
        limits={"silence_limit_s": 0.5},
    ),
    "wall clock": Case(
        HEAR + "\nwhile True: say(type='PROGRESS', message='m'); time.sleep(0.01)",
        "run_timed_out",
        limits={"run_limit_s": 0.7},
    ),
}


def limited(house: House, **limits: Any) -> None:
    """The same house with other limits."""
    services = dataclasses.replace(house.host.services, **limits)
    house.host.controller.close()
    house.host = Host(services, Controller(services))


def watched(house: House, program: str) -> tuple[str, Path]:
    """A connection whose program also starts a child of its own, and the file that tells its group."""
    group = house.home / "group"
    tells = f"open({str(group)!r}, 'w').write(str(os.getpgid(0)))"
    sleeper = "subprocess.Popen(['sleep', '60'], stdin=-3, stdout=-3, stderr=-3)"
    command = house.program(f"{tells}; {sleeper}; {program}")
    return house.connect(command, manifest(stream(), stream("logs"))), group


def judge(house: House, connection: str, run: Run, group: Path) -> None:
    """What holds after every failure: no cursor, no lease, no process, no zombie."""
    assert (run.status, run.checkpoint) == ("failed", "not_committed")
    assert house.cursors(connection) == {}
    assert house.leases() == []
    assert house.events(run.run_id)[-1] == "run.failed"
    until(lambda: group_is_gone(int(group.read_text())))
    assert zombies() == []


def zombies() -> list[str]:
    """Children of this process that have died and that nobody has waited for."""
    stats = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        # Others end while this one looks.
        with suppress(FileNotFoundError, ProcessLookupError):
            stats.append(file.read_text())
    told = [stat.rpartition(")")[2].split() for stat in stats]
    return [" ".join(each) for each in told if (each[0], each[1]) == ("Z", str(os.getpid()))]


def where(violation: Violation | None) -> tuple[str, int, str | None, str | None] | None:
    """What a violation names."""
    return violation and (violation.rule, violation.line, violation.stream, violation.key)


@pytest.mark.parametrize("name", CASES)
def test_a_failure(name: str, house: House) -> None:
    """Reason, rule, line, stream and key are right; no cursor, nothing left running, in bounded time."""
    case = CASES[name]
    limited(house, **case.limits)
    connection, group = watched(house, case.program)
    descriptors, begun = set(os.listdir("/proc/self/fd")), time.monotonic()
    run = house.run(connection)
    assert time.monotonic() - begun < WALL_S
    assert (run.terminal_reason, where(run.violation)) == (case.reason, where(case.violation))
    judge(house, connection, run, group)
    assert len(os.listdir("/proc/self/fd")) <= len(descriptors)


@pytest.mark.parametrize("command", ["/no/such/program", "/etc/passwd"])
def test_a_command_that_cannot_be_started(house: House, command: str) -> None:
    """A command that does not exist, or is no program, fails the run as launch_failed."""
    run = house.run(house.connect((command,)))
    assert (run.status, run.terminal_reason, run.checkpoint) == ("failed", "launch_failed", "not_committed")
    assert house.leases() == []


def test_a_child_that_stays_after_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that says DONE and then does not exit is ended, and its exit status tells against it."""
    monkeypatch.setattr(collection, "EXIT_SECONDS", 0.2)
    connection, group = watched(house, HEAR + "done(1); threading.Event().wait()")
    run = house.run(connection)
    assert run.violation is not None
    assert run.violation.rule == "exit_status_mismatch"
    judge(house, connection, run, group)


def test_a_cancel_wins_over_a_late_done(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """An owner's cancel that comes when DONE was heard but the end is not written cancels the run."""
    reached, go_on = threading.Event(), threading.Event()
    finish = collection.Collection._finish

    def held(self: collection.Collection, seen: Any) -> None:
        reached.set()
        go_on.wait(10)
        finish(self, seen)

    monkeypatch.setattr(collection.Collection, "_finish", held)
    run_id = house.start(house.connect(house.program(HEAR + "done(1)")))
    assert reached.wait(10)
    house.host.controller.cancel(run_id)
    go_on.set()
    run = house.ended(run_id)
    assert (run.status, run.terminal_reason, run.checkpoint) == (
        "cancelled",
        "owner_cancelled",
        "not_committed",
    )
    events = house.events(run_id)
    assert events.index("cancel_requested") < events.index("run.cancelled") == len(events) - 1
