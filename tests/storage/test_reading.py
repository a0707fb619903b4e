from __future__ import annotations

import re

import pytest

from pdpp_host.arguments import RecordQuery
from pdpp_host.domain.entities import StoredRecord
from pdpp_plugins.storage.sql_storage import SqlStorage

from .builders import delete, digest, explained, keys, read, upsert, write


def test_records_are_paged_by_position(storage: SqlStorage) -> None:
    """Pages that start after the last position give every live record once, in order."""
    for n in range(10):
        write(storage, upsert(f"a{n}"), connection="con-1")
        write(storage, upsert(f"b{n}"), upsert("x"), connection="con-2")
    write(storage, delete("a3"), connection="con-1")
    write(storage, upsert("z"), connection="con-3")
    seen: list[StoredRecord] = []
    while page := read(storage, "con-1", "con-2", after=seen[-1].position if seen else 0, limit=4):
        assert len(page) <= 4
        seen += page
    expected = ["a0", "b0", "x", *(f"{c}{n}" for n in range(1, 10) for c in "ab" if (c, n) != ("a", 3))]
    assert keys(seen) == expected


def test_a_record_keeps_its_page_when_it_changes(storage: SqlStorage) -> None:
    """A record that changes between two pages neither comes twice nor is left out."""
    write(storage, upsert("1"), upsert("2"), upsert("3"))
    [first, second] = read(storage, limit=2)
    write(storage, upsert("1", n=2), upsert("3", n=2))
    assert keys(read(storage, after=second.position)) == ["3"]
    assert first.position < second.position


def test_only_the_connections_that_were_named_are_read(storage: SqlStorage) -> None:
    """Records of a connection show only to those who name it; naming it twice changes nothing."""
    write(storage, upsert("1"), connection="con-1")
    write(storage, upsert("2"), connection="con-2")
    assert keys(read(storage, "con-2", "con-2")) == ["2"]
    with storage.read() as view:
        assert view.records(RecordQuery("messages", ())) == []
        assert view.streams([]) == []
        assert view.record("messages", digest("1"), []) is None


def test_one_record_is_found_by_its_id(storage: SqlStorage) -> None:
    """A record is found by stream and id within the connections named, the oldest where several have it."""
    write(storage, upsert("1", n=1), connection="con-2")
    write(storage, upsert("1", n=2), connection="con-1")
    with storage.read() as view:
        found = view.record("messages", digest("1"), ["con-1", "con-2"])
        assert found == StoredRecord(
            "con-2", "messages", digest("1"), "1", {"id": "1", "n": 1}, "2026-05-01T10:00:00Z", 1
        )
        assert view.record("calls", digest("1"), ["con-1", "con-2"]) is None
        assert view.record("messages", digest("2"), ["con-1", "con-2"]) is None


def test_streams_are_counted_by_connection(storage: SqlStorage) -> None:
    """Each stream with live records is listed once a connection; streams without are not."""
    write(storage, upsert("1"), upsert("2"), connection="con-1")
    write(storage, upsert("1"), connection="con-2")
    write(storage, upsert("1"), connection="con-2", stream="calls")
    write(storage, delete("1"), connection="con-2")
    with storage.read() as view:
        assert view.streams(["con-1", "con-2"]) == [("calls", "con-2", 1), ("messages", "con-1", 2)]


@pytest.mark.parametrize("question", ["page_of_records", "stored_records", "streams", "record"])
def test_a_page_costs_no_more_than_it_shows(storage: SqlStorage, question: str) -> None:
    """Paging, finding and counting go through indexes and scan no table."""
    for n in range(40):
        write(storage, *(upsert(f"{n}-{m}") for m in range(50)), connection=f"con-{n}")
    given = {"connections": '["con-7"]', "fingerprints": "[7]", "connection": "con-7", "id": "x"}
    given |= {"of_stream": "messages", "after": 0, "page": 10}
    plan = explained(storage, getattr(storage._spelling, question), given)
    assert not [step for step in plan if re.search(r"(SCAN|Seq Scan on) (records|candidate)", step)], plan
    assert [step for step in plan if re.search(r"SEARCH .* INDEX|Index.* Scan", step)], plan
