"""All that a storage says to whoever asks."""

from __future__ import annotations

from typing import Any

from pdpp_host.arguments import RecordQuery, RunsQuery, SummaryQuery, UnseenQuery
from pdpp_host.domain.evidence import EvidenceRow
from pdpp_host.ports import Storage


def told(storage: Storage) -> list[Any]:
    """All that a storage says, but for positions: those need only be in the same order."""
    both = ["con-1", "con-2"]
    with storage.read() as view:
        live = [
            [(r.connection_id, r.key, r.data, r.emitted_at) for r in view.records(RecordQuery(s, (*both,)))]
            for s in ("messages", "calls")
        ]
        return [
            live,
            view.connections(),
            [view.paths(connection) for connection in both],
            view.streams(both),
            [view.stream_state(connection, path) for connection in both for path in range(3)],
            [(view.run(f"run-{n}"), view.timeline(f"run-{n}")) for n in (0, 1, 2, 3, "x")],
            view.leases(),
            [(view.evidence(connection), view.batches(connection)) for connection in both],
            [_unseen(view, connection) for connection in both],
            _rows(view, both),
            [_maintained(view, connection) for connection in both],
            [view.bound_to(key) for key in ("key-1", "key-2", "nobody's")],
        ]


def _rows(view: Any, both: list[str]) -> list[EvidenceRow]:
    """The rows of the read model: one by one and all at once they are the same."""
    every: list[EvidenceRow] = view.summary_rows(SummaryQuery())
    assert [row for each in both for row in view.summary_rows(SummaryQuery(each))] == every
    return every


def _maintained(view: Any, connection: str) -> list[Any]:
    """What else a summary of a connection is made from."""
    asked = [RunsQuery(connection, keys, done) for keys, done in (((), True), (("key-1",), False))]
    return [
        view.open_gaps(connection),
        view.surface(connection),
        view.surface_events(connection),
        view.profile_keys(connection),
        view.schedule(connection),
        view.recounted(connection),
        [[run for _, run in view.runs_of(query)] for query in asked],
    ]


def _unseen(view: Any, connection: str) -> list[tuple[str, int]]:
    """What a batch has not met, without positions."""
    asked = UnseenQuery(connection, "messages", "bat-2")
    return [(record.key, record.seen_by) for record in view.unseen(asked)]
