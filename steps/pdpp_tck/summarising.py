"""Summaries: what a scenario sets up for them, and how it looks at them through the door."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from pdpp_tck.evidence.summarised import beyond, counted

if TYPE_CHECKING:
    from pdpp_tck.acquiring import Acquiring
    from pdpp_tck.evidence.door import Door
    from pdpp_tck.evidence.readers import Reader

LIST = "/_ref/connectors"
_RECORDS_A_CALL = 20_000
STREAM = "messages"
MOMENT = "2026-05-01T10:00:00Z"
READERS = 12
SCOPED_PATIENCE_S = 2.0
"""How long one connection alone may take while a look at all of them is held."""


class Summaries:
    """Connections, their finished runs and records, by way of the stage; and reads of their summaries."""

    def __init__(self, door: Door, acquiring: Acquiring) -> None:
        self._door, self._acquiring = door, acquiring
        self._names: dict[str, str] = {}
        self._runs: dict[str, str] = {}
        self._held: dict[str, set[str]] = {}
        self._many = 0
        self._ids = count(1)

    @property
    def names(self) -> dict[str, str]:
        """The ids of connections, by the names that the scenario has for them."""
        return self._names | self._acquiring.connections

    def connect(self, name: str, key: str = "", more: dict[str, Any] | None = None) -> None:
        """Configure a connection of the kit's own connector, perhaps with a browser-surface profile key."""
        body = self._acquiring.configuration(name)
        keyed = {"browser_profile_key": f"{key}-{self._acquiring.mark}"} if key else {}
        asked = self._door.owner("POST", "/_ref/connections", json.dumps(body | keyed | (more or {})))
        answer = asked.get("body")
        self._names[name] = str(answer.get("connection_id", "")) if isinstance(answer, dict) else ""

    def freeze(self, at: str = MOMENT) -> None:
        """Stop the host's clock."""
        self._door.stage("clock", {"at": at})

    def close(self) -> None:
        """Let time run and everything pass again."""
        for operation, body in (("clock", {"at": None}), ("deny_writes", {"denied": False})):
            if any(entry["path"] == f"/_stage/{operation}" for entry in self._door.entries("stage")):
                self._door.stage(operation, body)
        for entry in self._door.entries("stage"):
            if entry["path"] == "/_stage/liveness":
                self._door.stage("liveness", json.loads(entry["sent"]) | {"carrier": None})

    def run(self, row: dict[str, str]) -> None:
        """A finished run as a table tells it: called, of, key, status, reason, surface, times."""
        body: dict[str, Any] = {"status": row["status"]}
        if row.get("of"):
            body["connection_id"] = self.names[row["of"]]
        if row.get("key"):
            body["profile_key"] = f"{row['key']}-{self._acquiring.mark}"
        if row.get("reason"):
            body["terminal_reason"] = row["reason"]
        if row.get("surface"):
            kind, _, reason = row["surface"].partition(": ")
            body["events"] = [{"event_type": f"browser_surface.{kind}", "data": {"reason": reason}}]
        if row.get("times"):
            body["count"] = int(row["times"])
        if row.get("again"):
            body["run_id"] = self._runs[row["again"]]
        answer = self._door.stage("runs", body).get("body")
        ids = answer.get("ids") if isinstance(answer, dict) else None
        self._runs[row["called"]] = str(ids[0]) if isinstance(ids, list) and ids else ""
        told = [reason for reason in (row.get("reason"), row.get("surface", "").partition(": ")[2]) if reason]
        self._door.note("staged run", called=row["called"], run_id=self._runs[row["called"]], told=told)

    def fill(self, name: str, records: int, prefix: str = "r", **more: Any) -> None:
        """Have a connection hold records, written by the host's own way of writing."""
        body = {"connection_id": self.names[name], "stream": STREAM, "count": records, "prefix": prefix}
        self._door.stage("records", body | more)
        keys, held = {f"{prefix}{number}" for number in range(records)}, self._held.setdefault(name, set())
        self._held[name] = held - keys if more.get("deleted") else held | keys

    def grow(self, connections: int, records: int) -> None:
        """Have that many connections in all, each new one with that many records and a run."""
        key = self._acquiring.configuration("many")["connector_key"]
        body = {"connector_key": key, "stream": STREAM, "records": records}
        # In calls that a slow database answers in time.
        most = max(1, min(300, _RECORDS_A_CALL // max(1, records)))
        while (more := connections - self._many - len(self._names)) > 0:
            count = min(more, most)
            self._door.stage("connections", body | {"count": count})
            self._many += count

    def cost(self, connections: int) -> None:
        """What the list, and one connection alone, ask of the database once nothing is left to be folded."""
        for _ in range(2):
            self._door.look(LIST, {})
        name, connection_id = next(iter(self._names.items()))
        path = f"/_ref/connections/{connection_id}"
        for what, asked in (("list", LIST), ("alone", path), ("diagnostics", f"{path}/diagnostics")):
            request_id = f"{self._acquiring.mark}-cost-{next(self._ids)}"
            status, body = self._door.look(asked, {}, request_id)
            traced = self._door.stage("trace", {"request_id": request_id}).get("body")
            told = {"rows": counted(body)} if what == "list" else {}
            self._door.note(
                "cost", what=what, connections=connections, status=status, traced=traced, of=name, **told
            )

    def beyond(self) -> bool:
        """Whether the reads asked for too much already."""
        return beyond(self._door.entries("cost"))

    def look(self, moment: str) -> None:
        """Note the list, and each connection alone, with its diagnostics; then the list once more.

        Whoever reads first may find what has still to be folded; the second list finds what was kept.
        """
        status, page = self._door.look(LIST, {})
        alone = {}
        for name, connection_id in self.names.items():
            path = f"/_ref/connections/{connection_id}"
            alone[name] = {
                "detail": list(self._door.look(path, {})),
                "scoped": list(self._door.look(LIST, {"connection": connection_id})),
                "diagnostics": list(self._door.look(f"{path}/diagnostics", {})),
            }
        held = {name: len(keys) for name, keys in self._held.items()}
        self._door.note(
            "summaries",
            moment=moment,
            ids=self.names,
            held=held,
            list=[status, page],
            alone=alone,
            again=list(self._door.look(LIST, {})),
        )

    def change(self, what: str) -> None:
        """Make one change that a summary has to show."""
        name, connection_id = next(iter(self._names.items()))
        _CHANGES[what](self, name, f"/_ref/connections/{connection_id}")

    def gap(self, name: str) -> None:
        """A run that leaves a gap behind."""
        body = {"status": "completed", "connection_id": self.names[name], "known_gaps": [_GAP]}
        self._door.stage("runs", body)

    def join(self, path: str) -> None:
        """Another path into a connection of ana's, under a rule that proves the two one source."""
        self._acquiring.rule("both are one source")
        self.patch(f"{path}/paths", self._acquiring.archive(), "POST")

    def spoil(self, what: str, name: str) -> None:
        """Have a part of a connection fail from now on; what was known before is known."""
        self._door.look(LIST, {})
        self._door.stage("break", {"what": what, "connection_id": self.names[name]})

    def patch(self, path: str, body: dict[str, Any], method: str = "PATCH") -> None:
        """A change of the owner's."""
        self._door.owner(method, path, json.dumps(body))

    def together(self) -> None:
        """Readers that come while one look is held open, after a change that was acknowledged meanwhile.

        One connection is read alone, and a page of one row is asked for, while the look is held.
        """
        name, connection_id = next(iter(self.names.items()))
        path = f"/_ref/connections/{connection_id}"
        first = self._taken_off()
        self.patch(path, {"display_name": "renamed meanwhile"})
        others = [self._reader() for _ in range(READERS - 1)]
        alone = {"detail": self._reader(path), "scoped": self._reader(LIST, connection=connection_id)}
        paged = self._reader(LIST, limit="1")
        until = time.monotonic() + SCOPED_PATIENCE_S
        waited = {
            what: not reader.answered_within(max(0.0, until - time.monotonic()))
            for what, reader in alone.items()
        }
        self._door.stage("hold", {"held": False})
        readers = (first, *others)
        self._door.note(
            "flight",
            answers=[list(reader.answer()) for reader in readers],
            traced=[self._traced(reader) for reader in readers],
            alone={what: list(reader.answer()) for what, reader in alone.items()},
            own={what: self._traced(reader) for what, reader in alone.items()},
            waited=waited,
            paged=list(paged.answer()),
            page=list(self._door.look(LIST, {"limit": "1"})),
            of=name,
            id=connection_id,
        )

    def failing(self) -> None:
        """Readers that come while one look is held open, which then fails; and one that comes later."""
        first = self._taken_off()
        others = [self._reader() for _ in range(READERS - 1)]
        self._door.stage("hold", {"held": False, "failing": True})
        answers = [list(reader.answer()) for reader in (first, *others)]
        self._door.note("failed flight", answers=answers, later=list(self._door.look(LIST, {})))

    def _taken_off(self) -> Reader:
        """A reader whose look has reached the database and is held open there."""
        for _ in range(2):
            self._door.look(LIST, {})
        self._door.stage("hold", {"held": True})
        first = self._reader()
        for _ in range(2000):
            traced = self._traced(first)
            if not isinstance(traced, dict) or traced.get("reads") or first.answered_within(0):
                break
        return first

    def _reader(self, path: str = LIST, **query: str) -> Reader:
        return self._door.reader_of(path, f"{self._acquiring.mark}-reader-{next(self._ids)}", query or None)

    def _traced(self, reader: Reader) -> Any:
        return self._door.stage("trace", {"request_id": reader.request_id}).get("body")


_EVENT = {"event_type": "browser_surface.waiting", "data": {"reason": "changed"}}
_GAP = {"kind": "stream_skipped", "reason": "changed", "severity": "recoverable", "stream": STREAM}
_CHANGES: dict[str, Callable[[Summaries, str, str], None]] = {
    "records": lambda s, name, path: s.fill(name, 3, "new"),
    "an update of equal number": lambda s, name, path: s.fill(name, 2, text="longer than it was before"),
    "a delete": lambda s, name, path: s.fill(name, 1, deleted=True),
    "a run": lambda s, name, path: s.run({"called": "changed", "of": name, "status": "completed"}),
    "a run that began": lambda s, name, path: s.run({"called": "begun", "of": name, "status": "active"}),
    "a word of its surface": lambda s, name, path: s.run(
        {"called": "waits", "again": "begun", "status": "active", "surface": "waiting: changed"}
    ),
    "its end": lambda s, name, path: s.run({"called": "ended", "again": "begun", "status": "completed"}),
    "a surface event": lambda s, name, path: s.run(
        {"called": "gone", "of": name, "status": "surface_failed", "surface": "failed: changed"}
    ),
    "a path": lambda s, name, path: s.join(path),
    "a name": lambda s, name, path: s.patch(path, {"display_name": "changed"}),
    "a pause": lambda s, name, path: s.patch(path, {"paused": True}),
    "a schedule": lambda s, name, path: s.patch(f"{path}/schedule", {"interval_seconds": 3600}, "PUT"),
    "a gap": lambda s, name, path: s.gap(name),
}
