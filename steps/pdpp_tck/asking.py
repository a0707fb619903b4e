"""What When may use: the questions that an owner asks over the subject's public face."""

from __future__ import annotations

import json
from typing import Any

from pdpp_tck.scene import Scene

JUDGED = "judged"
UNKNOWN = "pdpp-tck-unknown"


class Asking:
    """An owner's requests, each noted with what came of it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._door = scene.door

    def run(self, label: str = JUDGED, body: Any = None, connection: str = "first") -> None:
        """Ask for a run and follow it to its end."""
        connection_id = self._scene.connection(connection)
        asked = self._door.ask(connection_id, json.dumps(body or {}, ensure_ascii=False))
        self._door.follow(label, asked, connection_id, self._scene.streams, prior=False)

    def partition_run(self, partitions: list[str], label: str = JUDGED) -> None:
        """Ask for a run of these partitions' resources alone."""
        asked: dict[str, list[str]] = {}
        for stream, resource in map(self._scene.resource, partitions):
            asked.setdefault(stream, []).append(resource)
        self.run(label, {"resources": asked})

    def narrowest_run(self) -> None:
        """Ask for a run of the fewest fields."""
        stream, fields = self._scene.required_fields()
        self.run(JUDGED, {"fields": {stream: fields}})

    def unknown_stream(self) -> None:
        """Ask for a run of a stream that the connector's own manifest does not have."""
        self._scene.register_beyond(UNKNOWN)
        self.run(JUDGED, {"resources": {UNKNOWN: ["anything"]}})

    def rudely(self, faults: list[str]) -> None:
        """Start the connector without any host, once under each fault."""
        self._scene.be_rude(faults)

    def window_run(self, partition: str, window: dict[str, str]) -> None:
        """Ask for a run of what happened in that window, in the stream of that partition."""
        stream, window = self._scene.window(partition, window)
        self.run(JUDGED, {"time_range": {stream: window}})

    def together(self, bodies: dict[str, Any]) -> None:
        """Ask for one run of each connection before any is followed."""
        ids = {name: self._scene.connection(name) for name in bodies}
        texts = {name: json.dumps(body, ensure_ascii=False) for name, body in bodies.items()}
        asked = {name: self._door.ask(ids[name], text) for name, text in texts.items()}
        for name, answer in asked.items():
            self._door.follow(name, answer, ids[name], self._scene.streams, prior=False)

    def scripted(self, label: str, lines: list[dict[str, Any]], body: Any = None) -> None:
        """Ask for a run in which the kit's own connector says these lines."""
        self._scene.play("first", lines)
        self.run(label, body)

    def refused(self, group: str, bodies: list[str]) -> None:
        """Send run requests, as text, that ought to be refused; each answer is noted under `group`."""
        connection_id = self._scene.connection()
        for body in bodies:
            self._door.ask(connection_id, body, group)

    def acquire(self, rows: list[dict[str, str]]) -> None:
        """Bring batches in, then look at every read face."""
        for row in rows:
            self._scene.acquiring.row(row)
        self._scene.acquiring.look()

    def read(self, granted: str, other: str) -> None:
        """Look at every read face, then read as the bearer of a grant for one connection."""
        self._scene.acquiring.look()
        self._scene.acquiring.read(granted, other)

    def summaries(self, *moments: str, denied: bool = False) -> None:
        """Read all connections and each alone, at each of these moments, perhaps with every write denied."""
        if denied:
            self._door.stage("deny_writes", {"denied": True})
        for moment in moments:
            if moment:
                self._scene.summaries.freeze(moment)
            self._scene.summaries.look(moment)

    def carried(self, name: str, carriers: list[str]) -> None:
        """Deny every write and read while the process that carries a connection's run is said to be so."""
        self._door.stage("deny_writes", {"denied": True})
        for carrier in carriers:
            body = {"connection_id": self._scene.summaries.names[name], "running": True, "carrier": carrier}
            self._door.stage("liveness", body)
            self._scene.summaries.look(carrier)

    def sizes(self, sizes: list[tuple[int, int]]) -> None:
        """Read the list at each of these numbers of connections and of records in each.

        Where two of them show that it asks too much already, the larger ones are left out.
        """
        for number, (connections, records) in enumerate(sizes):
            self._scene.summaries.grow(connections, records)
            self._scene.summaries.cost(connections)
            if not number:
                self._scene.summaries.look("at first")
            elif self._scene.summaries.beyond():
                return

    def changes(self, changes: list[str]) -> None:
        """Make one change after the other, and look after each."""
        self._scene.summaries.look("at first")
        for change in changes:
            self._scene.summaries.change(change)
            self._scene.summaries.look(change)

    def while_held(self) -> None:
        """Readers who come while a look is held open."""
        self._scene.summaries.together()

    def while_failing(self) -> None:
        """Readers who come while a look is held open that then fails."""
        self._scene.summaries.failing()

    def schema(self, do: str, moment: str, **more: Any) -> dict[str, Any]:
        """Have the stage do something to the schema; what it shows then is noted under `moment`."""
        answer = self._door.stage("schema", {"do": do, **more}, moment).get("body")
        return answer if isinstance(answer, dict) else {}

    def census(self) -> None:
        """Count every start of a connector and find those that belong to no run that was followed."""
        self._door.census()
