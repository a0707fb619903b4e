"""What a storage retains, counted exactly."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from pdpp_host.arguments import SummaryQuery
from pdpp_host.contract.entries import (
    AT,
    batch,
    delete,
    upsert,
    write,
)
from pdpp_host.contract.evidence import EvidenceCase
from pdpp_host.domain.entities import RecordWrite
from pdpp_host.domain.evidence import Retained


class Counted(EvidenceCase):
    """Counts and sizes that follow what is written, in the same transaction or not at all."""

    def test_retained_counts_are_exact(self) -> None:
        """Numbers and bytes of live records are right after every kind of write, in UTF-8."""
        self._make()
        for writes in (
            [upsert("1", t="é"), upsert("2", t="🙂"), upsert("2", t="🙂🙂")],
            [upsert("1", t="longer than before"), upsert("3")],
            [upsert("1", t="longer than before")],
            [delete("2"), delete("2"), delete("never there")],
            [upsert("2", t="back again: ü"), delete("3"), upsert("3", t="and back")],
            [delete("1"), delete("2"), delete("3")],
        ):
            write(self.storage, *writes)
            self._exact()
        assert self._row().retained == ()

    def test_withdrawn_evidence_counts_as_before(self) -> None:
        """A record that another path has seen too counts until nobody has, or it goes outright."""
        self._make()
        for path in (0, 1):
            write(self.storage, upsert("1", t="é"), upsert("2"), path=path)
        size = _bytes(upsert("1", t="é"), upsert("2"))
        write(self.storage, delete("1"), path=0)
        assert self._row().retained == (Retained("messages", 2, size),)
        write(self.storage, delete("1"), path=1)
        assert self._row().retained == (Retained("messages", 1, _bytes(upsert("2"))),)
        with self.storage.write() as unit:
            unit.write_records(msgspec.structs.replace(batch(delete("2")), outright=True))
            unit.commit()
        assert self._row().retained == ()
        self._exact()

    def test_streams_are_counted_apart(self) -> None:
        """Each stream of each connection has a row of its own, by the stream's name."""
        self._make("con-1", "con-2")
        write(self.storage, upsert("1"), stream="b")
        write(self.storage, upsert("1"), upsert("2"), stream="a")
        write(self.storage, upsert("1"), connection="con-2", stream="a")
        assert [(row.stream, row.records) for row in self._row().retained] == [("a", 2), ("b", 1)]
        assert [(row.stream, row.records) for row in self._row("con-2").retained] == [("a", 1)]

    def test_the_last_write_is_told(self) -> None:
        """A connection tells when something of it was last written; what changes nothing is no write."""
        self._make()
        assert self._row().last_record_at is None
        later = AT + timedelta(hours=1)
        for at, told in ((AT, AT), (later, AT)):
            with self.storage.write() as unit:
                unit.write_records(msgspec.structs.replace(batch(upsert("1")), written_at=at))
                unit.commit()
            assert self._row().last_record_at == told

    def test_counts_are_rolled_back_with_their_records(self) -> None:
        """What a unit that does not commit has counted is not counted."""
        self._make()
        write(self.storage, upsert("1"))
        before = self._row()
        with self.storage.write() as unit:
            unit.write_records(batch(upsert("1", t="é"), upsert("2")))
            assert [each.records for each in unit.summary_rows(SummaryQuery("con-1"))[0].retained] == [2]
        assert self._row() == before

    def _exact(self) -> None:
        """What is maintained is what is counted."""
        with self.storage.read() as view:
            counted = view.recounted("con-1")
        assert self._row().retained == tuple(Retained(row.stream, row.records, row.bytes) for row in counted)


def _bytes(*writes: RecordWrite) -> int:
    return sum(len((each.data or "").encode()) for each in writes)
