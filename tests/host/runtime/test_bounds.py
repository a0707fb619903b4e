"""What a host keeps of a connector that says too much: memory, gaps, and last words."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run as run_process
from typing import Any

import msgspec
import pytest

from pdpp_host.domain.entities import Connector, Gap, Source
from pdpp_host.domain.known import KnownGaps
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.runtime import planning
from pdpp_host.runtime.words import SAID, last_words

from ..houses import House, done, manifest, record

MEASURE = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from host.houses import a_house
def peak():
    return int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) // 1024
with a_house(Path({home!r})) as house:
    kind = type(house.host.services.storage)
    write = kind.write
    def slow(self):
        time.sleep(0.02)
        return write(self)
    kind.write = slow
    house.run(house.connect(house.program("hear(); record('a'); done(1)")))
    before = peak()
    run = house.run(house.connect(house.program({program!r})))
    print(run.violation.rule if run.violation else run.terminal_reason or run.status, peak() - before)
"""


def measured(home: Path, program: str) -> tuple[str, int]:
    """How a run in a process of its own ended, and by how many MiB the process grew for it at most."""
    text = MEASURE.format(tests=str(Path(__file__).parents[2]), home=str(home), program=program)
    done = run_process([sys.executable, "-c", text], capture_output=True, text=True, check=True, timeout=60)
    ended, grown = done.stdout.split()
    return ended, int(grown)


def test_a_line_without_end_costs_the_limit(tmp_path: Path) -> None:
    """100 MB without a newline costs the line limit of 64 MiB, a copy of it and little more."""
    program = "hear()\nfor _ in range(100): sys.stdout.write('x' * 1_000_000)\nthreading.Event().wait()"
    ended, grown = measured(tmp_path, program)
    assert ended == "line_too_long"
    assert grown < 150, grown


@pytest.mark.long
def test_a_flood_of_words_is_not_held(tmp_path: Path) -> None:
    """120 MB of progress and of gaps, all of them long lines, cost a few lines and no more."""
    program = """hear()
for n in range(60):
    say(type='PROGRESS', message='x' * 1_000_000)
    say(type='SKIP_RESULT', stream='notes', reason='r', message='y' * 1_000_000)
done(0)"""
    ended, grown = measured(tmp_path, program)
    assert ended == "completed"
    assert grown < 60, grown


@pytest.mark.long
def test_a_connector_faster_than_the_disk_is_slowed(tmp_path: Path) -> None:
    """120 MB of records, said faster than they can be written, are not buffered; SQLite's cache has 32 MB."""
    program = "hear()\nfor n in range(120_000): record(str(n), text='x' * 1000)\ndone(120_000)"
    ended, grown = measured(tmp_path, program)
    assert ended == "completed"
    assert grown < 32 + 24, grown


def last_event(house: House, run_id: str) -> dict[str, Any]:
    """The data of a run's last event."""
    with house.host.services.storage.read() as view:
        return list(view.timeline(run_id))[-1].data


def gap(severity: str, name: str) -> Gap:
    return Gap("stream_skipped", name, severity)  # type: ignore[arg-type]


def test_floods_never_push_out_a_real_gap() -> None:
    """The least severe gaps go first, the latest of them, and the number of those left out is told."""
    gaps = KnownGaps(kept=3)
    for n in range(5):
        gaps.add(gap("informational", f"i{n}"))
    gaps.add(gap("actionable", "a"))
    gaps.add(gap("transient", "t"))
    for n in range(5):
        gaps.add(gap("informational", f"j{n}"))
    *kept, left_out = gaps.all()
    assert [known.reason for known in kept] == ["i0", "a", "t"]
    assert (left_out.severity, left_out.diagnostics) == ("informational", {"left_out": {"informational": 9}})


def test_gaps_left_out_are_as_severe_as_the_worst_of_them() -> None:
    """A real gap that had to go is told as one."""
    gaps = KnownGaps(kept=1)
    for severity in ("actionable", "informational", "recoverable"):
        gaps.add(gap(severity, severity))
    assert [known.severity for known in gaps.all()] == ["actionable", "recoverable"]


def test_gaps_are_bounded_in_bytes() -> None:
    """Few large gaps are dropped as many small ones are."""
    gaps = KnownGaps(size=1000)
    gaps.add(gap("recoverable", "r"))
    gaps.add(gap("informational", "x" * 2000))
    assert [known.kind for known in gaps.all()] == ["stream_skipped", "gaps_left_out"]


def test_as_many_gaps_as_are_kept_say_nothing_more() -> None:
    """Nothing is said to be left out where nothing was."""
    gaps = KnownGaps(kept=2)
    gaps.add(gap("recoverable", "r"))
    gaps.add(gap("informational", "i"))
    assert [known.reason for known in gaps.all()] == ["r", "i"]


def test_a_flood_of_skips_in_a_run(house: House) -> None:
    """A real gap after thousands of informational ones stands in the run, beside 999 of them."""
    program = """hear()
for n in range(3000): say(type='SKIP_RESULT', stream='notes', reason='out_of_scope')
say(type='SKIP_RESULT', stream='notes', reason='source_partition_missing')
done(0)"""
    run = house.run(house.connect(house.program(program)))
    assert len(run.known_gaps) == 1001
    assert run.known_gaps[-2].reason == "source_partition_missing"
    assert run.known_gaps[-1].diagnostics == {"left_out": {"informational": 2001}}


def test_last_words_are_redacted_and_short() -> None:
    """Declared values go, the longest first; short ones stay; at most 2 KiB of the end are kept."""
    assert last_words("no abcdef, no abcd, 1\0", ["abcd", "abcdef", "1", ""]) == (
        "no [redacted], no [redacted], 1\ufffd"
    )
    assert len(last_words("ä" * 5000 + "end", []).encode()) <= SAID
    assert last_words("ä" * 5000 + "end", []).endswith("end")


def test_the_last_words_of_a_failed_run(house: House) -> None:
    """The owner sees the end of a failed connector's stderr in the run's last event, without its secrets."""
    command = house.program("hear(); sys.stderr.write('no door for ' + os.environ['TOKEN']); sys.exit(1)")
    connection = house.connect(command)
    with house.host.services.storage.write() as unit:
        unit.put_connector(Connector(parse_manifest(manifest()), command, {"TOKEN": "s3cret"}))
        unit.commit()
    run = house.run(connection)
    assert last_event(house, run.run_id) == {
        "reason": "connector_exit_without_done",
        "stderr": "no door for [redacted]",
    }


def test_a_run_that_ends_well_has_no_last_words(house: House) -> None:
    """What a connector that did its work wrote to stderr is not kept."""
    run = house.run(house.connect(house.program("hear(); sys.stderr.write('hm'); done(0)")))
    assert last_event(house, run.run_id) == {}


@pytest.mark.parametrize("binding", ["browser", "interactive"])
def test_a_binding_that_the_path_lacks(house: House, binding: str) -> None:
    """A run whose connector needs what its path does not offer is refused before anything starts."""
    raw = manifest() | {"runtime_requirements": {"bindings": ["network", "filesystem", binding]}}
    connection = house.connect(house.program("done(0)"), raw)
    with pytest.raises(RequestRefused) as caught:
        house.start(connection)
    assert caught.value.code == "binding_missing"
    assert f"needs {binding}," in caught.value.message
    assert house.leases() == []


def planned(house: House, connection: str) -> planning.Plan:
    with house.host.services.storage.read() as view:
        return planning.planned(house.host.services, view, connection, b"{}")


def test_a_root_that_the_path_lacks(house: House) -> None:
    """A connector that needs a filesystem and whose path has no root: the owner is told what to do."""
    raw = manifest() | {"runtime_requirements": {"bindings": ["filesystem"]}}
    connection = house.connect(house.program("done(0)"), raw)
    plan = planned(house, connection)
    bare = msgspec.structs.replace(plan.path, source=Source())
    with pytest.raises(RequestRefused) as caught:
        planning._check_bindings(plan.connector, bare)
    assert caught.value.message.endswith("; give its source a root")


def test_the_url_that_a_path_has(house: House) -> None:
    """START binds the URL of a path that has one; without one the network is there and empty."""
    plan = planned(house, house.connect(house.program("done(0)")))
    assert plan.start().bindings["network"] == {}
    there = msgspec.structs.replace(plan.path, source=Source(base_url="imap://ann@x"))
    assert planning.offered(there) == {"network": {"base_url": "imap://ann@x"}}


def test_a_command_that_does_not_exist_is_named(house: House) -> None:
    """The last event of a run that could not be launched names the command."""
    run = house.run(house.connect(("/no/such/program",)))
    assert "'/no/such/program'" in last_event(house, run.run_id)["message"]


def test_a_cursor_of_twenty_thousand_partitions(house: House) -> None:
    """A STATE of 3 MB fits, and comes back whole."""
    cursor = {f"partition-{n:05}": {"at": "2026-05-01T10:00:00Z", "seen": "x" * 100} for n in range(20_000)}
    state = {"type": "STATE", "stream": "notes", "cursor": cursor}
    assert len(json.dumps(state)) > 3_000_000
    connection = house.connect(house.plays(record("a"), state, done(1)))
    assert house.run(connection).status == "completed"
    assert house.cursors(connection) == {"notes": cursor}
    assert house.run(connection).status == "completed"
