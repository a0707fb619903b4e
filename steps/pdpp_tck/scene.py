"""What Given may use: the source, the stage, and runs that are over before anything is judged."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from pdpp_tck.acquiring import SCRIPTED, Acquiring
from pdpp_tck.evidence.door import Door
from pdpp_tck.evidence.notes import file_name
from pdpp_tck.evidence.views import RunView
from pdpp_tck.faults import BREAKS, EMPTY, LARGE, be_rude
from pdpp_tck.manifests import SCRIPTED_KEY, scripted_manifest, unknown_stream
from pdpp_tck.own_source import ARRANGE, OwnSource
from pdpp_tck.subject import ArrangedSource, Connector, Item, Unarrangeable
from pdpp_tck.summarising import Summaries

MORE, MORE_EACH = 20, 100
"""What a fault in mid-stream needs: more partitions and records than a pipe holds."""

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


class Scene:
    """One scenario's set-up, built through the door so that all of it is noted."""

    def __init__(
        self, door: Door, connector: Connector | None, seed: int, others: list[dict[str, str]]
    ) -> None:
        self.door = door
        if connector is not None:
            door.folder, door.patience_s = connector.folder, connector.patience_s
        self._connector = connector
        self._seed = seed
        self._others = others
        if others:
            self.door.note("refers", files=others)
        self._source: ArrangedSource | None = None
        self._own: OwnSource | None = None
        if connector is not None and connector.driver is None:
            self._own = OwnSource(connector, door.home / "source", self._look)
        self._connections: dict[str, str] = {}
        self._roots: dict[str, Path] = {}
        self._prior = count(1)
        self._items: dict[str, list[Item]] = {}
        self.streams: list[str] = []
        self.acquiring = Acquiring(door)
        self.summaries = Summaries(door, self.acquiring)

    def close(self) -> None:
        """Let go of the source, and of what the stage was told for this scenario alone."""
        self.acquiring.close()
        self.summaries.close()
        if self._source is not None:
            self._source.close()

    @property
    def referred(self) -> bool:
        """Whether there is evidence of this connector's other scenarios to go by."""
        return bool(self._others)

    def fill_spine(self, events: int, sources: int) -> None:
        """Have the stage append events of many sources' runs to the spine."""
        self.door.stage("spine", {"events": events, "sources": sources})

    def hold_start(self, seconds: float) -> None:
        """Keep each START from the connector for a while; to be said before it is first configured."""
        self.door.hold_s = seconds
        self.door.note("held", seconds=seconds)

    def write(self, partition: str, items: list[tuple[str, datetime]]) -> None:
        """Add items to a partition of the source; each text carries a secret that no diagnostic may show."""
        if self._own is not None:
            # Nothing can be written: what its own source shows stands for it, once it is asked for.
            return
        driver, source = self._driver(), self._arranged()
        made = [Item(partition, ident, at, self._secret(partition, ident)) for ident, at in items]
        source.write(partition, made)
        self._items.setdefault(partition, []).extend(made)
        written = [
            {"ident": item.ident, "at": item.at.isoformat(), "key": driver.key(item), "secret": item.text}
            for item in made
        ]
        self.door.note(
            "source",
            did="wrote",
            stream=driver.stream,
            partition=partition,
            resource=driver.resource(partition),
            items=written,
        )

    def restore(self, partition: str) -> None:
        """Put a partition back as it was when it was taken out."""
        self._arranged().write(partition, self._items[partition])
        self.door.note("source", did="restored", stream=self._driver().stream, partition=partition)

    def obstruct(self) -> None:
        """Make the source impossible to list."""
        self._arranged().obstruct()
        self.door.note("source", did="obstructed", stream=self._driver().stream)

    def partitions(self) -> list[str]:
        """The partitions that were ever written."""
        return list(self._items)

    def remove(self, partition: str) -> None:
        """Take a partition out of the source."""
        self._arranged().remove(partition)
        self.door.note("source", did="removed", stream=self._driver().stream, partition=partition)

    def legacy(self, at: datetime) -> None:
        """Let the connection's committed cursor be an older, global one that stands at `at`."""
        driver = self._driver()
        cursor = driver.legacy_cursor(at)
        assert cursor is not None, f"{driver.name} claims legacy_cursor and has none"
        state = {driver.stream: cursor}
        self.door.stage("state", {"connection_id": self.connection(), "state": state})

    def finished_run(self, with_records: bool = False) -> None:
        """A run that is over, its state committed, before anything is judged; perhaps it has to emit."""
        entry = self._run({}, prior=True)
        if with_records:
            self.door.note("premise", fed=entry["label"])

    def run_over(self, body: Any = None) -> None:
        """A run that is over in whatever way a subject may end it."""
        self._run(body or {}, prior=False)

    def scoped_run_kept(self, partition: str) -> None:
        """A run of one partition's resource, its last cursors then committed as a laxer host would."""
        stream, resource = self.resource(partition)
        entry = self._run({"resources": {stream: [resource]}}, prior=False)
        said = [line.message or {} for line in RunView(entry).said("STATE")]
        state = {str(message.get("stream")): message.get("cursor") for message in said}
        if state:
            self.door.stage("state", {"connection_id": self.connection(), "state": state})

    def _look(self) -> dict[str, Any]:
        """A whole run on a connection of its own, to know what the connector's own source holds."""
        connection = self.connection("look")
        asked = self.door.ask(connection, "{}")
        return self.door.follow("look", asked, connection, [], prior=False)

    def _run(self, body: Any, *, prior: bool) -> dict[str, Any]:
        connection, label = self.connection(), f"before {next(self._prior)}"
        return self.door.follow(
            label,
            self.door.ask(connection, json.dumps(body, ensure_ascii=False)),
            connection,
            self.streams,
            prior,
        )

    def connection(self, name: str = "first") -> str:
        """The id of the connection of that name, configured when it is first asked for."""
        if name not in self._connections:
            if self._connector is None:
                key, where = SCRIPTED_KEY, {"root": str(self._root(name))}
            else:
                source = self._own or self._arranged()
                key, where = self._register(self._connector), source.where()
            self._connections[name] = self.door.connect(key, where, name)
        return self._connections[name]

    def scripted(self, streams: list[str], resource_field: str | None = None) -> None:
        """Register the kit's own connector with these streams; `key` is their primary key."""
        manifest = scripted_manifest(streams, resource_field)
        command = (sys.executable, "-S", "-E", str(SCRIPTED), "{source}")
        self.door.register(manifest, command, {})
        self.streams = streams

    def play(self, name: str, lines: list[dict[str, Any]], status: int = 0) -> None:
        """What the kit's own connector says in the next run of a connection, DONE added with its count."""
        count = sum(line["type"] == "RECORD" for line in lines)
        done = {"type": "DONE", "status": "succeeded", "records_emitted": count}
        script = [*lines, done, {"play": "exit", "status": status}]
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in script)
        (self._root(name) / "script.jsonl").write_text(text, encoding="utf-8")
        self.door.note("source", did="scripted", connection=name, lines=lines)

    def required_fields(self) -> tuple[str, list[str]]:
        """The stream of the source's items, and the fewest fields that its schema and key allow."""
        if self._own is not None:
            return self._own.required_fields()
        stream = self._driver().stream
        assert self._connector is not None, "a scenario of the host arranges no source"
        declared = next(s for s in self._connector.manifest["streams"] if s["name"] == stream)
        return stream, list(declared["schema"].get("required") or declared["primary_key"])

    def resource(self, partition: str) -> tuple[str, str]:
        """The stream of the source's items, and the identifier that selects a partition's."""
        if self._own is not None:
            stream, keys = self._own.records(partition)
            chosen = self._own.resource(partition)
            items = [{"ident": f"{partition}-{n}", "key": key} for n, key in enumerate(keys, start=1)]
            told = {"stream": stream, "partition": partition, "resource": chosen[1], "items": items}
            self.door.note("source", did="wrote", **told)
            return chosen
        driver = self._driver()
        return driver.stream, driver.resource(partition)

    def be_rude(self, faults: list[str]) -> None:
        """Start the connector by itself, once for each fault, over a source of its own each time."""
        assert self._connector is not None, "a scenario of the host arranges no source"
        for fault in faults:
            try:
                with self._fresh(fault, empty=fault == EMPTY) as (where, spoil):
                    noted = be_rude(fault, self._connector, where, spoil, self._seed)
            except Unarrangeable as error:
                noted = {"fault": fault, "unarranged": str(error)}
            self.door.note("alone", manifest=self._connector.manifest, **noted)

    @contextmanager
    def _fresh(self, name: str, *, empty: bool) -> Iterator[tuple[dict[str, str], Callable[[], None]]]:
        """Where a source lies that holds what was written so far, or nothing, and what breaks it."""
        if self._own is not None:
            if name in (EMPTY, BREAKS):
                raise Unarrangeable(f"no source driver; {ARRANGE}")
            yield self._own.where(), lambda: None
            return
        home = self.door.home / "faults" / file_name(name)
        home.mkdir(parents=True)
        source = self._driver().open(home)
        try:
            for partition, items in self._items.items() if not empty else ():
                source.write(partition, items)
            for number in range(MORE if name in LARGE else 0):
                more = [Item(f"more-{number}", f"m{number}-{n}", _EPOCH, "more") for n in range(MORE_EACH)]
                source.write(f"more-{number}", more)
            yield source.where(), source.obstruct
        finally:
            source.close()

    def register_beyond(self, stream: str) -> None:
        """Register the connector with one stream more than it has, which only the host then knows."""
        assert self._connector is not None, "a scenario of the host arranges no source"
        manifest, declared = self._connector.manifest, unknown_stream(stream)
        more = {**manifest, "streams": [*manifest["streams"], declared]}
        self._connector = replace(self._connector, manifest=more)

    def window(self, partition: str, window: dict[str, str]) -> tuple[str, dict[str, str]]:
        """The stream of the source's items, and the window of time in which they are asked for."""
        if self._own is not None:
            stream, since = self._own.since()
            return stream, {"since": since}
        return self.resource(partition)[0], window

    def _root(self, name: str) -> Path:
        root = self.door.home / "scripted" / file_name(name)
        root.mkdir(parents=True, exist_ok=True)
        return root

    def _register(self, connector: Connector) -> str:
        self.streams = [stream["name"] for stream in connector.manifest["streams"]]
        self.door.register(connector.manifest, connector.command, connector.environment)
        return str(connector.manifest["connector_key"])

    def _driver(self) -> Any:
        assert self._connector is not None, "a scenario of the host arranges no source"
        assert self._connector.driver is not None, "a scenario that arranges a source needs a driver"
        return self._connector.driver

    def _arranged(self) -> ArrangedSource:
        if self._source is None:
            home = self.door.home / "source"
            home.mkdir()
            self._source = self._driver().open(home)
        return self._source

    def _secret(self, partition: str, ident: str) -> str:
        mark = hashlib.sha256(f"{self._seed}/{partition}/{ident}".encode()).hexdigest()[:16]
        return f"canary-{mark}"
