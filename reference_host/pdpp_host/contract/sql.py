"""The contract of a storage that claims `sql_schema`: indexes are there, the planner uses them."""

from __future__ import annotations

from typing import cast

from msgspec import structs

from pdpp_host.contract.entries import a_batch, a_run, an_event, batch, upsert
from pdpp_host.contract.storage import StorageContract
from pdpp_host.domain.entities import Artifact
from pdpp_host.sql_port import IndexShape, Question, SqlStorage

# Records may be found by what names them, or by one column that stands for it.
_IDENTITY = ("connection_id", "stream", "record_id")

# By table: the leading columns, what an index of them may leave out, and the question that wants it.
HOT_PATHS: dict[str, tuple[tuple[tuple[str, ...], str, Question], ...]] = {
    "records": (
        (_IDENTITY, "", "stored_records"),
        (("connection_id", "stream", "position"), "NOT deleted", "page_of_records"),
        (("connection_id", "stream", "position", "seen_by"), "NOT deleted", "evidence"),
    ),
    "runs": (
        (("connection_id", "position"), "", "runs_of"),
        (("connection_id", "position"), "status = 'completed'", "successes_of"),
    ),
    "batches": ((("connection_id", "artifact_sha256"), "artifact_sha256 IS NOT NULL", "batches_of"),),
    "spine_events": (
        (("run_id", "event_id"), "", "timeline"),
        (("source_kind", "source_id", "run_id", "occurred_at"), "run_id IS NOT NULL", "source_runs"),
    ),
}


class SqlStorageContract(StorageContract):
    """`open` must give a `pdpp_host.sql_port.SqlStorage`."""

    def test_every_hot_path_has_a_usable_index(self) -> None:
        """Records by identity and by position, events by run and by source: each has an index (CS-05.1)."""
        tables = {table.name: table for table in self.sql.tables()}
        for table, paths in HOT_PATHS.items():
            for columns, may_leave_out, _ in paths:
                fit = [index for index in tables[table].indexes if _serves(index, columns, may_leave_out)]
                assert fit, f"{table} has no usable index over {', '.join(columns)}"

    def test_the_planner_uses_the_indexes(self) -> None:
        """Once there are rows no hot question reads a table of records or events to its end."""
        self._fill()
        tables = {table.name: table for table in self.sql.tables()}
        for table, paths in HOT_PATHS.items():
            for columns, may_leave_out, question in paths:
                plan = self.sql.plan(question)
                fit = {i.name for i in tables[table].indexes if _serves(i, columns, may_leave_out)}
                assert plan.indexes & fit, f"{question} uses {sorted(plan.indexes)}, none of {sorted(fit)}"
                assert table not in plan.scanned, f"{question} reads {table} to its end"

    def test_a_list_of_summaries_reads_evidence_alone(self) -> None:
        """The full list looks at connections, evidence and sizes, and at no record or run (CS-06.1)."""
        self._fill()
        questions: tuple[Question, ...] = ("summary_rows", "retained")
        for question in questions:
            plan = self.sql.plan(question)
            assert plan.scanned <= {"connections", "evidence", "retained"}, sorted(plan.scanned)

    def test_a_lost_index_comes_back_and_nothing_else_changes(self) -> None:
        """A database at head that lost an index has it again when it is opened, and its rows as before."""
        self._fill()
        before = self.sql.tables()
        for index in [index for table in before for index in table.indexes if not index.unique]:
            self.sql.drop_index(index.name)
            with self.beside():
                pass
            assert self.sql.tables() == before, index.name
        with self.storage.read() as view:
            assert len(view.timeline("run-7")) == 20

    @property
    def sql(self) -> SqlStorage:
        """The storage with what it shows of itself."""
        return cast(SqlStorage, self.storage)

    def _fill(self) -> None:
        with self.storage.write() as unit:
            for n in range(40):
                records = (upsert(f"{n}-{m}") for m in range(50))
                unit.write_records(batch(*records, connection=f"con-{n}"))
            for n in range(200):
                run = None if n % 5 == 0 else f"run-{n}"
                unit.append([an_event("state_staged", run, f"con-{n % 50}") for _ in range(20)])
            for n in range(2000):
                owner, artifact = f"con-{n % 50}", Artifact("a", f"digest-{n}", 1, "file")
                unit.add_run(structs.replace(a_run(f"run-{n}", owner), status="completed"))
                made = structs.replace(a_batch(f"bat-{n}"), connection_id=owner, artifact=artifact)
                unit.add_batch(made)
            unit.commit()


def _serves(index: IndexShape, columns: tuple[str, ...], may_leave_out: str) -> bool:
    leading = index.columns[: len(columns)] == columns
    stands_for = columns == _IDENTITY and index.columns == ("fingerprint",)
    return index.usable and (leading or stands_for) and index.where in (None, may_leave_out or None)
