from __future__ import annotations

from pdpp_host.domain.entities import Counts
from pdpp_plugins.storage.sql_storage import SqlStorage

from .builders import delete, digest, keys, read, select, upsert, write

HISTORY = "SELECT position, version, data, batch_id, deleted FROM record_history ORDER BY 1, 2"
RECORDS = "SELECT position, version, data, batch_id, deleted FROM records ORDER BY 1"


def test_new_records_are_accepted(storage: SqlStorage) -> None:
    """Records that were not there are accepted, in the order in which they came, with no history."""
    assert write(storage, upsert("b", n=1), upsert("a", n=2)) == Counts(accepted=2)
    assert [(record.key, record.data, record.position) for record in read(storage)] == [
        ("b", {"id": "b", "n": 1}, 1),
        ("a", {"id": "a", "n": 2}, 2),
    ]
    assert select(storage, HISTORY) == []


def test_an_equal_record_changes_nothing(storage: SqlStorage) -> None:
    """Writing what is there already counts nothing and leaves the record with its first batch."""
    write(storage, upsert("1", n=1))
    before = select(storage, "SELECT * FROM records")
    assert write(storage, upsert("1", n=1), batch="bat-2") == Counts()
    assert select(storage, "SELECT * FROM records") == before
    assert select(storage, HISTORY) == []


def test_a_changed_record_keeps_its_place_and_its_past(storage: SqlStorage) -> None:
    """A different record replaces the stored one at its position; history has the one before."""
    write(storage, upsert("1", n=1), upsert("2"))
    assert write(storage, upsert("1", n=2), upsert("3"), batch="bat-2") == Counts(accepted=2, updated=1)
    write(storage, upsert("1", n=3), batch="bat-3")
    assert keys(read(storage)) == ["1", "2", "3"]
    assert select(storage, RECORDS)[0] == (1, 3, '{"id":"1","n":3}', "bat-3", 0)
    assert select(storage, HISTORY) == [
        (1, 1, '{"id":"1","n":1}', "bat-1", 0),
        (1, 2, '{"id":"1","n":2}', "bat-2", 0),
    ]


def test_the_last_write_of_a_batch_wins(storage: SqlStorage) -> None:
    """Of several writes of a record in one batch only the last is written and counted."""
    assert write(storage, upsert("1", n=1), upsert("2"), upsert("1", n=2)) == Counts(accepted=2)
    assert [record.data for record in read(storage)] == [{"id": "1", "n": 2}, {"id": "2"}]
    assert write(storage, upsert("1", n=3), upsert("1", n=2)) == Counts()
    assert write(storage, upsert("4"), delete("4"), delete("2"), upsert("2")) == Counts()
    assert select(storage, HISTORY) == []


def test_a_delete_removes_a_live_record(storage: SqlStorage) -> None:
    """A deleted record is gone from every read face; its data is in history alone."""
    write(storage, upsert("1", n=1), upsert("2"))
    assert write(storage, delete("1"), batch="bat-2") == Counts(deleted=1)
    assert keys(read(storage)) == ["2"]
    with storage.read() as view:
        assert view.record("messages", digest("1"), ["con-1"]) is None
        assert view.streams(["con-1"]) == [("messages", "con-1", 1)]
    assert select(storage, RECORDS)[0] == (1, 2, None, "bat-2", 1)
    assert select(storage, HISTORY) == [(1, 1, '{"id":"1","n":1}', "bat-1", 0)]


def test_a_delete_of_what_is_not_there_is_nothing(storage: SqlStorage) -> None:
    """A delete of an unknown or already deleted record counts nothing and writes nothing."""
    write(storage, upsert("1"))
    write(storage, delete("1"))
    before = select(storage, RECORDS), select(storage, HISTORY)
    assert write(storage, delete("1"), delete("2"), batch="bat-2") == Counts()
    assert (select(storage, RECORDS), select(storage, HISTORY)) == before


def test_a_deleted_record_can_come_back(storage: SqlStorage) -> None:
    """A deleted record that is written again is accepted, not updated, and lives at its old position."""
    write(storage, upsert("1", n=1), upsert("2"))
    write(storage, delete("1"), batch="bat-2")
    assert write(storage, upsert("1", n=1), batch="bat-3") == Counts(accepted=1)
    assert keys(read(storage)) == ["1", "2"]
    assert select(storage, RECORDS)[0] == (1, 3, '{"id":"1","n":1}', "bat-3", 0)
    assert select(storage, HISTORY) == [(1, 1, '{"id":"1","n":1}', "bat-1", 0), (1, 2, None, "bat-2", 1)]


def test_all_kinds_of_writes_go_in_one_batch(storage: SqlStorage) -> None:
    """New, changed, equal, deleted and unknown ones are counted apart."""
    write(storage, upsert("changed", n=1), upsert("equal"), upsert("gone"))
    batch = (upsert("new"), upsert("changed", n=2), upsert("equal"), delete("gone"), delete("unknown"))
    assert write(storage, *batch) == Counts(accepted=2, updated=1, deleted=1)
    assert keys(read(storage)) == ["changed", "equal", "new"]


def test_an_empty_batch_is_nothing(storage: SqlStorage) -> None:
    """A batch without records writes nothing."""
    assert write(storage) == Counts()


def test_each_path_leaves_its_bit(storage: SqlStorage) -> None:
    """A record has the bit of every path that wrote it, equal or not, also through a delete."""

    def bits() -> list[int]:
        return select(storage, "SELECT seen_by FROM records ORDER BY position")

    write(storage, upsert("1"), upsert("2"), path=0)
    write(storage, upsert("1"), path=3)
    assert bits() == [0b1001, 0b1]
    write(storage, upsert("2", n=2), path=62)
    assert bits() == [0b1001, 0b1 | 1 << 62]
    write(storage, delete("1"), path=5)
    write(storage, upsert("1"), path=1)
    assert bits()[0] == 0b1011


def test_a_record_that_comes_back_was_seen_by_its_new_path_alone(storage: SqlStorage) -> None:
    """What is deleted is nobody's evidence, so that the one path that sees it again may take it away."""
    write(storage, upsert("1"), path=0)
    write(storage, delete("1"), path=0)
    write(storage, upsert("1"), path=1)
    assert select(storage, "SELECT seen_by FROM records") == [0b10]
    assert write(storage, delete("1"), path=1) == Counts(deleted=1)


def test_a_record_says_which_path_wrote_it_last(storage: SqlStorage) -> None:
    """The path of a record is that of its newest version; merely seeing it again does not count."""
    write(storage, upsert("1", n=1), path=0)
    write(storage, upsert("1", n=2), path=1)
    write(storage, upsert("1", n=2), path=2)
    assert select(storage, "SELECT path FROM records") == [1]
    assert select(storage, "SELECT path FROM record_history") == [0]


def test_equal_keys_stay_apart(storage: SqlStorage) -> None:
    """The same id in another connection or stream is another record."""
    write(storage, upsert("1", n=1))
    assert write(storage, upsert("1", n=2), connection="con-2") == Counts(accepted=1)
    assert write(storage, upsert("1", n=3), stream="calls") == Counts(accepted=1)
    assert write(storage, delete("1"), connection="con-2") == Counts(deleted=1)
    assert [record.data["n"] for record in read(storage)] == [1]
    assert [record.data["n"] for record in read(storage, stream="calls")] == [3]
    assert read(storage, "con-2") == []


def test_a_large_batch_is_one_batch(storage: SqlStorage) -> None:
    """A batch may be larger than the number of parameters that a statement may have."""
    many = [upsert(str(n)) for n in range(40_000)]
    assert write(storage, *many) == Counts(accepted=40_000)
    assert write(storage, *many, path=1) == Counts()
    changed = [upsert(str(n), n=1) for n in range(34_000)]
    assert write(storage, *changed) == Counts(accepted=34_000, updated=34_000)
