"""Records: exactly once, the later acknowledged wins, nobody's but their own connection's."""

from __future__ import annotations

import msgspec

from pdpp_host.contract.case import StorageCase
from pdpp_host.contract.entries import AT, batch, delete, identity, keys, read, upsert, write
from pdpp_host.domain.entities import Counts, StoredRecord


class Records(StorageCase):
    """Upserts, tombstones, pages, and cursors that are never ahead of their records."""

    def test_new_records_are_accepted_in_order(self) -> None:
        """Records that were not there are accepted, and come in the order in which they arrived."""
        assert write(self.storage, upsert("b", n=1), upsert("a", n=2)) == Counts(accepted=2)
        assert [(record.key, record.data) for record in read(self.storage)] == [
            ("b", {"id": "b", "n": 1}),
            ("a", {"id": "a", "n": 2}),
        ]

    def test_a_record_is_written_exactly_once(self) -> None:
        """A batch that is written again changes nothing and counts nothing."""
        write(self.storage, upsert("1", n=1), upsert("2"))
        before = read(self.storage)
        assert write(self.storage, upsert("1", n=1), upsert("2"), name="bat-2") == Counts()
        assert read(self.storage) == before

    def test_the_later_acknowledged_write_wins(self) -> None:
        """Of two writes of a record the one that was committed later stands, whatever it says of its time."""
        late = msgspec.structs.replace(upsert("1", n=1), emitted_at="2027-01-01T00:00:00Z")
        write(self.storage, late)
        assert write(self.storage, upsert("1", n=2), name="bat-2") == Counts(accepted=1, updated=1)
        [found] = read(self.storage)
        assert (found.data["n"], found.emitted_at) == (2, "2026-05-01T10:00:00Z")

    def test_the_last_write_of_a_batch_wins(self) -> None:
        """Of several writes of a record in one batch only the last is written and counted."""
        assert write(self.storage, upsert("1", n=1), upsert("2"), upsert("1", n=2)) == Counts(accepted=2)
        assert sorted(record.data.get("n", 0) for record in read(self.storage)) == [0, 2]
        assert write(self.storage, delete("2"), upsert("2")) == Counts()

    def test_a_changed_record_keeps_its_place(self) -> None:
        """A record that changes stays at its position, so that no page shows it twice or leaves it out."""
        write(self.storage, upsert("1"), upsert("2"), upsert("3"))
        [first, second] = read(self.storage, limit=2)
        write(self.storage, upsert("1", n=2), upsert("3", n=2))
        assert first.position < second.position
        assert keys(self.storage, after=second.position) == ["3"]
        assert keys(self.storage) == ["1", "2", "3"]

    def test_a_tombstone_hides_a_record_from_every_face(self) -> None:
        """A deleted record is in no page, no look-up and no count; deleting it again is nothing."""
        write(self.storage, upsert("1"), upsert("2"))
        assert write(self.storage, delete("1"), delete("3")) == Counts(deleted=1)
        assert keys(self.storage) == ["2"]
        with self.storage.read() as view:
            assert view.record("messages", identity("1"), ["con-1"]) is None
            assert view.streams(["con-1"]) == [("messages", "con-1", 1)]
        assert write(self.storage, delete("1")) == Counts()

    def test_a_deleted_record_can_come_back(self) -> None:
        """A record that was deleted is new when it is written again."""
        write(self.storage, upsert("1", n=1))
        write(self.storage, delete("1"))
        assert write(self.storage, upsert("1", n=1)) == Counts(accepted=1)
        assert keys(self.storage) == ["1"]

    def test_connections_and_streams_are_apart(self) -> None:
        """The same record id in another connection or stream is another record."""
        write(self.storage, upsert("1", n=1))
        write(self.storage, upsert("1", n=2), connection="con-2")
        write(self.storage, upsert("1", n=3), stream="calls")
        write(self.storage, delete("1"), connection="con-2")
        assert [record.data["n"] for record in read(self.storage)] == [1]
        assert [record.data["n"] for record in read(self.storage, stream="calls")] == [3]
        assert read(self.storage, "con-2") == []
        with self.storage.read() as view:
            assert view.streams(["con-1", "con-2"]) == [("calls", "con-1", 1), ("messages", "con-1", 1)]

    def test_one_record_is_found_by_its_id(self) -> None:
        """A record is found within the connections named, the oldest where several have it."""
        write(self.storage, upsert("1", n=1), connection="con-2")
        write(self.storage, upsert("1", n=2))
        with self.storage.read() as view:
            found = view.record("messages", identity("1"), ["con-1", "con-2"])
            assert isinstance(found, StoredRecord)
            assert (found.connection_id, found.data) == ("con-2", {"id": "1", "n": 1})
            assert view.record("calls", identity("1"), ["con-1", "con-2"]) is None
            assert view.record("messages", identity("1"), []) is None

    def test_pages_show_every_record_once(self) -> None:
        """Pages that start after the last position give every live record once, oldest first."""
        for n in range(10):
            write(self.storage, upsert(f"a{n}"), connection="con-1")
            write(self.storage, upsert(f"b{n}"), connection="con-2")
        write(self.storage, delete("a3"), connection="con-1")
        seen: list[StoredRecord] = []
        while page := read(self.storage, "con-1", "con-2", after=seen[-1].position if seen else 0, limit=4):
            assert len(page) <= 4
            seen += page
        expected = [f"{c}{n}" for n in range(10) for c in "ab" if (c, n) != ("a", 3)]
        assert [record.key for record in seen] == expected

    def test_cursors_belong_to_a_path(self) -> None:
        """Each path of each connection has its own cursors; streams that are not named keep theirs."""
        with self.storage.write() as unit:
            unit.put_stream_state("con-1", 0, {"messages": {"n": 1}, "calls": {"n": 2}}, "run-1", AT)
            unit.put_stream_state("con-1", 1, {"messages": {"n": 3}}, None, AT)
            unit.put_stream_state("con-2", 0, {"messages": {"n": 4}}, "run-2", AT)
            unit.put_stream_state("con-1", 0, {"messages": {"n": 5}}, "run-3", AT)
            unit.commit()
        with self.storage.read() as view:
            assert view.stream_state("con-1", 0) == {"messages": {"n": 5}, "calls": {"n": 2}}
            assert view.stream_state("con-1", 1) == {"messages": {"n": 3}}
            assert view.stream_state("con-2", 0) == {"messages": {"n": 4}}
            assert view.stream_state("con-2", 1) == {}

    def test_a_cursor_is_never_ahead_of_its_records(self) -> None:
        """A cursor that was put in one unit with its records shows when they do, and not before."""
        with self.storage.write() as unit:
            unit.put_stream_state("con-1", 0, {"messages": {"n": 1}}, "run-1", AT)
            unit.write_records(batch(upsert("1")))
            with self.storage.read() as view:
                assert view.stream_state("con-1", 0) == {}
        with self.storage.read() as view:
            assert view.stream_state("con-1", 0) == {}
        assert read(self.storage) == []
