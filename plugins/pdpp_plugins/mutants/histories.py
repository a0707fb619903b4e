"""Hosts that go too deep for the list, or not deep enough for one connection: CS-04 and CS-07.2."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from typing import Any

import msgspec

from pdpp_host.arguments import RunsQuery, SummaryQuery
from pdpp_host.domain.entities import Run
from pdpp_host.domain.evidence import EvidenceRow
from pdpp_host.ports import StorageError
from pdpp_host.services import Services
from pdpp_host.summaries.shapes import RetainedShown, Summary
from pdpp_plugins.mutants.hosts import breaks, legal
from pdpp_plugins.mutants.snapshots import Behind, runs_of, spoilt

Runs = list[tuple[int, Run]]


@breaks("CS-04.1/T2", "the list was answered 503")
def lists_histories(services: Services) -> Services:
    """The list reads the run history of each connection, and fails where one cannot be read."""

    class Deep(Behind):
        def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
            """The rows, once each connection's latest runs are read."""
            rows: list[EvidenceRow] = self.real.summary_rows(query)
            for row in rows:
                self.real.runs_of(RunsQuery(row.connection_id))
            return rows

    return spoilt(services, Deep)


@breaks("CS-04.1/T2", "a row of every connection in the list")
def leaves_out_unread_histories(services: Services) -> Services:
    """A connection whose run history cannot be read is left out of the list."""

    class Deep(Behind):
        def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
            """The rows whose runs can be read."""
            rows: list[EvidenceRow] = self.real.summary_rows(query)
            return rows if query.connection_id else [row for row in rows if self._read(row.connection_id)]

        def _read(self, connection_id: str) -> bool:
            with suppress(StorageError):
                self.real.runs_of(RunsQuery(connection_id))
                return True
            return False

    return spoilt(services, Deep)


@breaks("CS-04.1/T2", "5 records retained of 'first'")
def lists_without_sizes(services: Services) -> Services:
    """The overview is so shallow that it tells no sizes."""

    def overview(summary: Summary) -> Summary:
        return msgspec.structs.replace(summary, retained=RetainedShown(0, 0, ()))

    return dataclasses.replace(services, overview=overview)


@breaks("CS-04.2/T1", "expected the success")
@breaks("CS-07.2/T1", "expected the success")
def looks_for_success_among_the_latest(services: Services) -> Services:
    """The last success is looked for among the latest twenty runs."""

    class Latest(Behind):
        def runs_of(self, query: RunsQuery) -> Runs:
            """Of one page those that succeeded."""
            if not query.succeeded or query.before is not None:
                return [] if query.succeeded else runs_of(self, query)
            return [row for row in runs_of(self, query, succeeded=False) if row[1].status == "completed"]

    return spoilt(services, Latest)


@breaks("CS-04.2/T1", "the reasons of 'failures'")
@breaks("CS-07.2/T1", "the reasons of 'failures'")
def keeps_reasons_back(services: Services) -> Services:
    """Of runs behind the last one no reason is told."""

    class Curt(Behind):
        def runs_of(self, query: RunsQuery) -> Runs:
            """Runs as a list of them would have them."""
            return [
                (at, msgspec.structs.replace(run, terminal_reason=None)) for at, run in runs_of(self, query)
            ]

    return spoilt(services, Curt)


@breaks("CS-04.2/T2", "the reasons of 'failures'")
@breaks("CS-07.2/T2", "an error for the detail of 'second'")
def falls_back_on_the_overview(services: Services) -> Services:
    """One connection whose evidence row is up to date is told from that row, without its runs."""

    class Shallow(Behind):
        clean = False

        def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
            """The rows; those of one connection are remembered where nothing is to be folded."""
            rows: list[EvidenceRow] = self.real.summary_rows(query)
            self.clean = not any(row.maintenance.dirty for row in rows)
            return rows

        def runs_of(self, query: RunsQuery) -> Runs:
            """Nothing, where the row tells enough."""
            return [] if self.clean else runs_of(self, query)

    return spoilt(services, Shallow)


@breaks("CS-07.2/T2", "an error for the detail of 'second'")
def takes_no_history_for_none(services: Services) -> Services:
    """Where the run history cannot be read one connection is told as if it had no runs."""

    class Lenient(Behind):
        def runs_of(self, query: RunsQuery) -> Runs:
            """None where that fails."""
            with suppress(StorageError):
                return runs_of(self, query)
            return []

    return spoilt(services, Lenient)


@breaks("CS-04.2/T1", "expected the success")
def counts_back_two_hundred(services: Services) -> Services:
    """Evidence goes back two hundred runs, and a connection that failed as often never succeeded."""

    class Bounded(Behind):
        def runs_of(self, query: RunsQuery) -> Runs:
            """Successes that are no farther back."""
            found = runs_of(self, query)
            latest = runs_of(self, query, succeeded=False, before=None, limit=200)
            return [row for row in found if row[0] >= latest[-1][0]] if latest else found

    return spoilt(services, Bounded)


@breaks("CS-04.2/T2", "as last_successful_run of 'first'")
@breaks("CS-01.1/T2", "as last_successful_run of 'right'")
def forgets_success_at_the_next_run(services: Services) -> Services:
    """A success is told while it is the last run, and forgotten with the first failure after it."""

    def synthesise(row: EvidenceRow, *more: Any) -> Summary:
        made: Summary = services.synthesise(row, *more)
        last = made.last_run
        succeeded = last if last is not None and last.status == "completed" else None
        return msgspec.structs.replace(made, last_successful_run=succeeded)

    return dataclasses.replace(services, synthesise=synthesise)


@legal("CS-04.1", "CS-01.1", "CS-01.2", "CS-01/nobodys", "CS-03/one-function", takes=("CS-04.1/T1",))
def lists_without_runs(services: Services) -> Services:
    """Rows of the list tell neither the last run nor the last successful one."""

    def overview(summary: Summary) -> Summary:
        return msgspec.structs.replace(summary, last_run=None, last_successful_run=None)

    return dataclasses.replace(services, overview=overview)
