"""Acquisitions: batches that the kit's own connectors bring in, by several paths and connections."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pdpp_tck.evidence.brought import DRAFTS, SCHEDULE, STREAM, STREAMS, Brought, brought
from pdpp_tck.evidence.notes import file_name

if TYPE_CHECKING:
    from pdpp_tck.evidence.door import Door

SCRIPTED = Path(__file__).parent / "programs" / "scripted.py"
WINDOW = {"since": "2024-02-01T00:00:00Z", "until": "2024-03-01T00:00:00Z"}
METHODS = {"archive": "owner_artifact", "interface": "provider_api", "daily interface": "provider_api"}
CONNECTORS = {method: f"pdpp-tck-{method.replace('_', '-')}" for method in METHODS.values()}
DAILY_SINCE = "2024-06-01T00:00:00Z"
RULES: dict[str, dict[str, Any]] = {
    "both are one source": {},
    "both are one source and equal texts are one record": {"logical": {STREAM: "text"}},
    "both are one source and a refresh of one reaches the other": {"reconciles": [STREAM]},
}


@dataclass(frozen=True, slots=True)
class Way:
    """How a batch comes in: what carries it, and whose source it is from."""

    carrier: str
    owner: str

    @classmethod
    def read(cls, told: str) -> Way:
        """The way behind a cell such as `interface of bea`; it is ana's where nobody is named."""
        carrier, _, owner = told.partition(" of ")
        return cls(carrier, owner or "ana")

    @property
    def method(self) -> str:
        """The acquisition method."""
        return METHODS[self.carrier]

    def binding(self, mark: str) -> dict[str, str]:
        """What its path says of its source, under the scenario's mark; an address is all that some know."""
        if "@" in self.owner:
            return {"account": self.owner}
        if self.carrier == "archive":
            return {"local": f"archive of {self.owner} {mark}"}
        return {"account": f"pdpp-tck:{self.owner}-{mark}"}


class Acquiring:
    """Brings batches in through the door, one after the other, and notes where each of them went."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._registered = self._ruled = False
        # Bindings of other scenarios on a host that is not empty are none of this one's.
        self._mark = sha256(str(door.home).encode()).hexdigest()[:8]
        self.rule_name = f"pdpp-tck-{self._mark}"
        self.connections: dict[str, str] = {}
        self._paths: dict[tuple[str, Way], dict[str, Any]] = {}
        self._texts: dict[str, None] = {}
        self._went: dict[str, str] = {}
        self._open: tuple[dict[str, Any], dict[str, Any]] | None = None

    def rule(self, says: str) -> None:
        """Have the stage install an identity rule for ana's two sources."""
        same = [Way("archive", "ana").binding(self._mark), Way("interface", "ana").binding(self._mark)]
        self._door.stage("rules", {"install": {"name": self.rule_name, "same_source": same, **RULES[says]}})
        self._ruled = True

    def close(self) -> None:
        """Take the rule out of force: a host may outlive the scenario."""
        if self._ruled:
            self._door.stage("rules", {"remove": self.rule_name})

    def row(self, row: dict[str, str]) -> None:
        """One line of a table: a rule that comes into force, or a batch that comes in."""
        if row["by"] == "rule":
            self.rule(row["brings"])
            return
        if row["by"] == "the owner":
            self._schedule(row["into"])
            return
        times = int(row.get("times") or 1)
        if row.get("how") == "by the stage":
            self._stage(row, times)
            return
        for number in range(times):
            called = row["called"] if times == 1 else f"{row['called']} {number + 1}"
            before, self._open = self._open, None
            self._acquire(called, row)
            if before is not None:
                self._follow(*before, cancel=True)

    def look(self) -> None:
        """Note every read face of every connection, as the owner sees it."""
        known = self.connections.values()
        alone = {f"that of {called}": each for called, each in self._went.items() if each not in known}
        for name, connection_id in (self.connections | alone).items():
            self._door.note("faces", connection=name, **self._door.faces(connection_id, STREAMS, self._texts))

    def read(self, granted: str, other: str) -> None:
        """Read as the bearer of a grant for one of two connections."""
        own, foreign = self.connections.get(granted, ""), self.connections.get(other, "")
        grant = {"connections": [own], "streams": [STREAM], "expires_at": "2999-01-01T00:00:00Z"}
        self._door.reader(grant, self._texts, foreign, DRAFTS)

    def _stage(self, row: dict[str, str], times: int) -> None:
        """Batches that the stage writes, each of one more record, where nothing turns on how they came."""
        connection = self.connections.get(row["into"], "")
        paths = [way for into, way in self._paths if into == row["into"]]
        body = {"connection_id": connection, "stream": STREAM, "count": 1}
        body |= {"path": paths.index(Way.read(row["by"]))}
        for number in range(times):
            self._door.stage("records", body | {"prefix": f"{row['brings']}{number} "})

    def _acquire(self, called: str, row: dict[str, str]) -> None:
        into, way, how = row["into"], Way.read(row["by"]), row.get("how", "")
        records = brought(row["brings"])
        self._texts |= dict.fromkeys(record.text for record in records)
        configured = self._path(into, way)
        went = configured["connection_id"]
        noted: dict[str, Any] = {"called": called, "into": into, "method": way.method}
        noted |= {"brings": row["brings"], "way": f"{way.carrier} of {way.owner}"}
        noted |= {"configured": configured, "connection_id": went}
        if went is not None:
            claims, lines, status = _told(row["called"], records, how)
            root = self._root(into, way)
            asked, went = self._ask(way, went, root, claims, lines, status)
            noted |= {"connection_id": went}
            if "held open" in how:
                self._open = noted, asked
                return
            self._follow(noted, asked, cancel="cancelled" in how)
            return
        self._door.note("acquisition", **noted)

    def _follow(self, noted: dict[str, Any], asked: dict[str, Any], *, cancel: bool) -> None:
        went = noted["connection_id"]
        entry = self._door.follow(noted["called"], asked, went, [STREAM], prior=False, cancel=cancel)
        noted |= {"run_id": entry["run_id"], "asked": entry["asked"]}
        self._went[noted["called"]] = went
        noted["batch"] = self._door.batch(went, entry["run_id"])
        self._door.note("acquisition", **noted)

    def _schedule(self, into: str) -> None:
        path = f"/_ref/connections/{self.connections.get(into, '')}/schedule"
        self._door.owner("PUT", path, json.dumps({"interval_seconds": SCHEDULE}))

    def _ask(
        self, way: Way, went: str, root: Path, claims: dict[str, Any], lines: list[str], status: int
    ) -> tuple[dict[str, Any], str]:
        """Ask for the import or the run; a host may point from a superseded connection to another."""
        script = "".join(line + "\n" for line in [*lines, json.dumps({"play": "exit", "status": status})])
        if way.method == "owner_artifact":
            return self._door.bring(went, script, claims), went
        (root / "script.jsonl").write_text(script, encoding="utf-8")
        asked = self._door.ask(went, json.dumps(claims))
        body = asked.get("body")
        error = body.get("error") if asked.get("status") == 409 and isinstance(body, dict) else None
        other = error.get("connection_id") if isinstance(error, dict) else None
        return (self._door.ask(other, json.dumps(claims)), other) if isinstance(other, str) else (asked, went)

    def _path(self, into: str, way: Way) -> dict[str, Any]:
        """How a way was configured when it was first asked for: the answer, and where it leads if at all."""
        if (into, way) not in self._paths:
            self._register()
            body = {
                "connector_key": CONNECTORS[way.method],
                "display_name": into,
                "binding": way.binding(self._mark),
                "method": way.method,
                "source": {"root": str(self._root(into, way))},
            }
            if way.carrier == "daily interface":
                body["since"] = DAILY_SINCE
            there = self.connections.get(into)
            where = "/_ref/connections" if there is None else f"/_ref/connections/{there}/paths"
            asked = self._door.owner("POST", where, json.dumps(body))
            answer = asked.get("body")
            made = answer.get("connection_id") if isinstance(answer, dict) else None
            went = made if isinstance(made, str) else None
            self._paths[into, way] = {"status": asked.get("status"), "body": answer, "connection_id": went}
            if there is None and isinstance(made, str):
                self.connections[into] = made
        return self._paths[into, way]

    @property
    def mark(self) -> str:
        """What tells this scenario's bindings and keys from those of others on the same host."""
        return self._mark

    def configuration(self, name: str) -> dict[str, Any]:
        """The body that configures a connection of that name, collected by an interface of its own."""
        self._register()
        way = Way("interface", name)
        return {
            "connector_key": CONNECTORS[way.method],
            "display_name": name,
            "binding": way.binding(self._mark),
            "method": way.method,
            "source": {"root": str(self._root(name, way))},
        }

    def archive(self) -> dict[str, Any]:
        """The body that adds the path of ana's archive to a connection."""
        way = Way("archive", "ana")
        configured = self.configuration("ana")
        return configured | {
            "connector_key": CONNECTORS[way.method],
            "binding": way.binding(self._mark),
            "method": way.method,
        }

    def _register(self) -> None:
        if not self._registered:
            self._registered = True
            command = (sys.executable, "-S", "-E", str(SCRIPTED), "{source}")
            for key in CONNECTORS.values():
                self._door.register(_manifest(key), command, {})

    def _root(self, into: str, way: Way) -> Path:
        root = self._door.home / "scripted" / file_name(f"{into} {way.carrier} {way.owner}")
        root.mkdir(parents=True, exist_ok=True)
        return root


def _told(called: str, records: Iterable[Brought], how: str) -> tuple[dict[str, Any], list[str], int]:
    """The request, the lines and the exit status of a batch that comes in in this way."""
    claims: dict[str, Any] = {"coverage": {STREAM: "full_refresh"}} if "full refresh" in how else {}
    if "of February" in how:
        claims["time_range"] = {STREAM: WINDOW}
    if "of some fields" in how:
        claims["fields"] = {STREAM: ["id", "text"]}
    if "of some resources" in how:
        claims["resources"] = {STREAM: [record.key for record in records]}
    lines: list[dict[str, Any]] = [record.line for record in records]
    count = len(lines)
    if "leaving something out" in how:
        lines.append({"type": "SKIP_RESULT", "stream": STREAM, "reason": "user_disabled", "message": "some"})
    if "leaving a gap" in how:
        lines.append({"type": "DETAIL_GAP", "stream": STREAM, "reason": "some", "retryable": True})
    if "without a cursor" not in how:
        lines.append({"type": "STATE", "stream": STREAM, "cursor": {"mark": called}})
    if "cancelled" in how or "held open" in how:
        return claims, [*map(json.dumps, lines), json.dumps({"play": "linger"})], 1
    failed = "failing" in how
    count += "miscounting" in how
    lines.append({"type": "DONE", "status": "failed" if failed else "succeeded", "records_emitted": count})
    return claims, [json.dumps(line) for line in lines], int(failed or "ending badly" in how)


def _manifest(key: str) -> dict[str, Any]:
    """One definition of each stream for every connector; what says nothing of records differs."""
    fields = ("id", "text", "at") if key == CONNECTORS["owner_artifact"] else ("at", "text", "id")
    properties = {name: {"type": "string", "title": f"{name} as {key} has it"} for name in fields}
    schema = {"title": key, "type": "object", "properties": properties, "required": ["id"]}
    streams = [
        {
            "name": name,
            "semantics": "append_only",
            "schema": schema,
            "primary_key": ["id"],
            "consent_time_field": "at",
            "selection": {"resources": True, "fields": True},
            "incremental": True,
            "coverage_authority": "full_refresh",
        }
        for name in STREAMS
    ]
    common = {"connector_key": key, "version": "1", "display_name": key, "streams": streams}
    return common | {"refresh_policy": {"maximum_staleness_seconds": 3600}}
