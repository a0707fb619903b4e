"""Collecting: from START to the last STATE, stream by stream and channel by channel."""

from __future__ import annotations

import json

from pdpp_plugins.connectors.folder.cursor import Cursor, HighWater, decode
from pdpp_plugins.connectors.folder.inventory import Inventory, LinkOutside, take_inventory
from pdpp_plugins.connectors.folder.partition import Partition
from pdpp_plugins.connectors.folder.shape import Shape, manifests
from pdpp_plugins.connectors.notices import Notices
from pdpp_plugins.connectors.refusals import misunderstood
from pdpp_plugins.connectors.scope import Boundary, scoped_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.wire import Wire


def collect(start: dict[str, Any], wire: Wire) -> None:
    """Collect what START asks for; every cursor and bound is understood before the first record goes out."""
    known, state = manifests(), start.get("state") or {}
    if not isinstance(state, dict):
        raise misunderstood("state is not an object")
    wanted = scoped_streams(start)
    streams = [
        Stream(Boundary(entry, known[name]), Shape(known[name]), decode(name, state.get(name)), wire)
        for name, entry in wanted.items()
        if name in known
    ]
    inventory = take_inventory(_root(start))
    for name in sorted(wanted.keys() - known.keys()):
        wire.skip(name, "stream_unknown", "this connector has no such stream", {}, "update_selector")
    for stream in streams:
        stream.collect(inventory)


class Stream:
    """One stream of a run."""

    def __init__(self, boundary: Boundary, shape: Shape, cursor: Cursor, wire: Wire) -> None:
        self._boundary = boundary
        self._name = boundary.stream
        self._shape = shape
        self._cursor = cursor
        self._wire = wire
        self._notices = Notices()
        self._named = None if boundary.resources is None else _channels_named(boundary.resources)

    def collect(self, inventory: Inventory) -> None:
        """Emit records, then what was not collected, then the cursor unless the run is narrowed."""
        before = self._wire.records
        self._note_inventory(inventory)
        channels = filter(self._may_hold, inventory.channels)
        read = {channel: self._read(inventory, channel) for channel in channels}
        self._notices.emit(self._name, self._wire)
        emitted = self._wire.records - before
        self._wire.progress(self._name, f"{len(read)} channels read", emitted)
        if not self._boundary.narrowed:
            self._wire.state(self._name, Cursor({**self._cursor.partitions, **read}).encode())

    def _read(self, inventory: Inventory, channel: str) -> HighWater:
        self._wire.check()
        high = self._cursor.partitions.get(channel)
        partition = Partition(self._boundary, self._shape, channel, high, self._cursor.last_at)
        try:
            with inventory.open(channel, f"{self._name}.jsonl") as file:
                return partition.read(file, self._wire, self._notices)
        except FileNotFoundError:
            if high and high.offset:
                self._notices.partition("source_partition_missing", channel)
        except LinkOutside:
            self._notices.partition("source_link_outside", channel)
        except OSError:
            self._notices.partition("source_unreadable", channel)
        return high or HighWater()

    def _note_inventory(self, inventory: Inventory) -> None:
        present = set(inventory.channels)
        for channel in self._cursor.partitions:
            if channel not in present and self._may_hold(channel):
                self._notices.partition("source_partition_missing", channel)
        for channel in filter(self._may_hold, inventory.links_outside):
            self._notices.partition("source_link_outside", channel)
        for name in inventory.undecodable if self._named is None else ():
            self._notices.partition("source_name_not_utf8", name)

    def _may_hold(self, channel: str) -> bool:
        return self._named is None or channel in self._named


def _channels_named(resources: frozenset[str]) -> frozenset[str]:
    """The channels that resources may speak of: a channel, or a key that a channel begins."""
    channels = set(resources)
    for resource in resources:
        if resource.startswith('["'):
            try:
                key = json.loads(resource)
            except (ValueError, RecursionError):
                continue
            channels.add(key[0])
    return frozenset(channels)


def _root(start: dict[str, Any]) -> object:
    bindings = start.get("bindings")
    filesystem = bindings.get("filesystem") if isinstance(bindings, dict) else None
    return filesystem.get("root") if isinstance(filesystem, dict) else None
