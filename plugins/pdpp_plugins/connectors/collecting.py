"""Collecting: what every connector does with the streams of a run, partition by partition."""

from __future__ import annotations

import json
import os

from pdpp_plugins.connectors.cursor import encode_partitions
from pdpp_plugins.connectors.inventory import Reach
from pdpp_plugins.connectors.notices import Notices
from pdpp_plugins.connectors.refusals import misunderstood
from pdpp_plugins.connectors.root import LinkOutside
from pdpp_plugins.connectors.scope import Boundary, scoped_streams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol, TypeVar

    from pdpp_plugins.connectors.inventory import Inventory
    from pdpp_plugins.connectors.wire import Wire

    class Reached(Protocol):
        """How far a partition was read."""

        @property
        def begun(self) -> bool:
            """Whether anything of it was."""

        def encode(self) -> dict[str, Any]:
            """As STATE carries it."""

    High = TypeVar("High", bound=Reached)


def manifests(program: str) -> dict[str, dict[str, Any]]:
    """The streams, by name, of the manifest that lies beside a connector's program."""
    with open(os.path.join(os.path.dirname(program), "manifest.json"), "rb") as file:
        return {stream["name"]: stream for stream in json.load(file)["streams"]}


def cursors(start: dict[str, Any]) -> dict[str, Any]:
    """START's state: a cursor a stream; raises Refused when it is not an object."""
    state = start.get("state") or {}
    if not isinstance(state, dict):
        raise misunderstood("state is not an object")
    return state


def boundaries(start: dict[str, Any], known: dict[str, dict[str, Any]]) -> list[Boundary]:
    """What the run may hold of each known stream that START names."""
    return [Boundary(entry, known[name]) for name, entry in scoped_streams(start).items() if name in known]


def say_unknown(start: dict[str, Any], known: dict[str, dict[str, Any]], wire: Wire) -> None:
    """Name the streams of START that the connector does not have."""
    for name in sorted(scoped_streams(start).keys() - known.keys()):
        wire.skip(name, "stream_unknown", "this connector has no such stream", {}, "update_selector")


class Stream:
    """One stream of a run."""

    def __init__(self, boundary: Boundary, wire: Wire) -> None:
        self.boundary = boundary
        self.wire = wire
        self.notices = Notices()
        self.reach = Reach(boundary.resources)
        self.reread = 0

    def collect(
        self,
        inventory: Inventory,
        observed: dict[str, High],
        read: Callable[[str], High],
        empty: High,
        encode: Callable[[dict[str, High]], dict[str, Any]] = encode_partitions,
    ) -> None:
        """Emit records, then what was not collected, then the cursor unless the run is narrowed.

        `read` emits what is new in a partition and returns how far it is read then. The cursor remembers the
        run's window, for what lies outside it was passed over.
        """
        before, name = self.wire.records, self.boundary.stream
        inventory.note(observed, self.reach, self.notices)
        inside = list(filter(self.reach.holds, inventory.partitions))
        reached = {partition: self._read(partition, observed, read, empty) for partition in inside}
        self.notices.emit(name, self.wire)
        self.wire.progress(name, self._progress(len(reached)), self.wire.records - before)
        if not self.boundary.narrowed:
            window = {"window": self.boundary.window} if self.boundary.window else {}
            self.wire.state(name, {**encode({**observed, **reached}), **window})

    def _progress(self, count: int) -> str:
        again = f", {self.reread} of them again from the beginning" if self.reread else ""
        return f"{count} partitions read{again}"

    def _read(
        self, partition: str, observed: dict[str, High], read: Callable[[str], High], empty: High
    ) -> High:
        self.wire.check()
        high = observed.get(partition, empty)
        try:
            return read(partition)
        except FileNotFoundError:
            if high.begun:
                self.notices.partition("source_partition_missing", partition)
        except LinkOutside:
            self.notices.partition("source_link_outside", partition)
        except OSError:
            self.notices.partition("source_unreadable", partition)
        return high
