from __future__ import annotations

from pdpp_host.domain.entities import StoredRecord
from pdpp_host.ports import RecordQuery
from pdpp_plugins.storage import questions
from pdpp_plugins.storage.sqlite import SqliteStorage

from .builders import delete, digest, keys, read, upsert, write


def test_records_are_paged_by_position(storage: SqliteStorage) -> None:
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


def test_a_record_keeps_its_page_when_it_changes(storage: SqliteStorage) -> None:
    """A record that changes between two pages neither comes twice nor is left out."""
    write(storage, upsert("1"), upsert("2"), upsert("3"))
    [first, second] = read(storage, limit=2)
    write(storage, upsert("1", n=2), upsert("3", n=2))
    assert keys(read(storage, after=second.position)) == ["3"]
    assert first.position < second.position


def test_only_the_connections_that_were_named_are_read(storage: SqliteStorage) -> None:
    """Records of a connection show only to those who name it; naming it twice changes nothing."""
    write(storage, upsert("1"), connection="con-1")
    write(storage, upsert("2"), connection="con-2")
    assert keys(read(storage, "con-2", "con-2")) == ["2"]
    with storage.read() as view:
        assert view.records(RecordQuery("messages", ())) == []
        assert view.streams([]) == []
        assert view.record("messages", digest("1"), []) is None


def test_one_record_is_found_by_its_id(storage: SqliteStorage) -> None:
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


def test_streams_are_counted_by_connection(storage: SqliteStorage) -> None:
    """Each stream with live records is listed once a connection; streams without are not."""
    write(storage, upsert("1"), upsert("2"), connection="con-1")
    write(storage, upsert("1"), connection="con-2")
    write(storage, upsert("1"), connection="con-2", stream="calls")
    write(storage, delete("1"), connection="con-2")
    with storage.read() as view:
        assert view.streams(["con-1", "con-2"]) == [("calls", "con-2", 1), ("messages", "con-1", 2)]


def test_a_page_costs_no_more_than_it_shows(storage: SqliteStorage) -> None:
    """Paging, finding and counting go through indexes and scan no table."""
    asked = (questions.PAGE_OF_RECORDS, questions.RECORD, questions.STREAMS)
    with storage.read() as view:
        for question in asked:
            sql = str(question.compile(view._connection, compile_kwargs={"render_postcompile": True}))
            values = (None,) * sql.count("?")
            plan = view._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            steps = [step[-1] for step in plan]
            assert not [step for step in steps if step.startswith(("SCAN records", "SCAN candidate"))], steps
            assert [step for step in steps if step.startswith("SEARCH") and " INDEX " in step], steps
