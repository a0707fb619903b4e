"""What a connector says in a run, and what the host makes of it."""

from __future__ import annotations

import pytest

from pdpp_host.domain.entities import Counts
from pdpp_host.runtime import batching

from ..houses import House, done, record

STATE = {"type": "STATE", "stream": "notes", "cursor": {"n": 1}}


def test_no_state_before_its_records(house: House) -> None:
    """When a cursor is staged, every record before it is durable."""
    connection = house.connect(
        house.program(
            "hear(); record('a'); say(type='STATE', stream='notes', cursor={}); "
            "say(type='INTERACTION', request_id='i', kind='otp', message='m'); hear(); "
            "say(type='PROGRESS', message='m'); os.kill(os.getpid(), 9)"
        )
    )
    run = house.run(connection)
    assert run.terminal_reason == "connector_exit_without_done"
    assert list(house.stored(connection)) == ["a"]
    assert house.events(run.run_id)[1:3] == ["batch_ingested", "state_staged"]


def test_gaps_reach_the_run(house: House) -> None:
    """What the connector says it could not collect stands in the run's known gaps and its timeline."""
    gap = {
        "type": "SKIP_RESULT",
        "stream": "notes",
        "reason": "source_partition_missing",
        "diagnostics": {"missing_partitions": ["p"], "missing_count": 1, "truncated": False},
    }
    run = house.plays_out(gap, {"type": "DETAIL_GAP", "stream": "notes", "retryable": True}, done(0))
    assert [(known.kind, known.severity) for known in run.known_gaps] == [
        ("missing_partition", "recoverable"),
        ("detail_gap", "recoverable"),
    ]
    assert run.known_gaps[0].partitions == ("p",)
    assert house.events(run.run_id)[1:3] == ["stream_skipped", "detail_gap_recorded"]


def test_deletes_are_counted(house: House) -> None:
    """A delete of a live record counts as deleted, and among the records that DONE counts."""
    gone = {"type": "RECORD", "stream": "notes", "key": "a", "op": "delete", "emitted_at": "t"}
    state = {"type": "STATE", "stream": "notes", "cursor": {}}
    run = house.plays_out(record("a"), state, gone, done(2))
    assert run.records == Counts(accepted=1, deleted=1)


def test_unstorable_characters_are_counted(house: House) -> None:
    """NUL and lone surrogates are stored as U+FFFD, and the run says how many."""
    connection = house.connect(house.plays(record("a", text="x\0\ud800"), done(1)))
    run = house.run(connection)
    assert (run.status, run.records.replaced) == ("completed", 2)
    assert house.stored(connection)["a"]["text"] == "x\ufffd\ufffd"


def test_an_interaction_is_answered_at_once(house: House) -> None:
    """Nobody being there to ask, an INTERACTION is answered `timeout` and both sides are noted."""
    program = house.program(
        "hear(); say(type='INTERACTION', request_id='i1', kind='otp', message='code?'); a = hear();"
        "say(type='STATE', stream='notes', cursor=a); done(0)"
    )
    connection = house.connect(program)
    run = house.run(connection)
    answer = {"type": "INTERACTION_RESPONSE", "request_id": "i1", "status": "timeout"}
    assert house.cursors(connection) == {"notes": answer}
    assert house.events(run.run_id)[1:3] == ["interaction_required", "interaction_completed"]


def test_memory_is_bounded_in_bytes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few large records are written as soon as they weigh enough, and many events without any record too."""
    monkeypatch.setattr(batching, "BATCH_BYTES", 1000)
    monkeypatch.setattr(batching, "BATCH", 5)
    monkeypatch.setattr(batching, "LARGEST", 5)
    large = [record(f"k{n}", text="x" * 400) for n in range(4)]
    talk = [{"type": "PROGRESS", "message": "m"} for _ in range(12)]
    run = house.plays_out(*large, *talk, done(4))
    assert house.events(run.run_id).count("batch_ingested") == 2
    assert run.records.accepted == 4
