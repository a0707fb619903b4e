"""What a run may hold of a stream: resources, fields and a window of time."""

from __future__ import annotations

from pdpp_plugins.connectors.instants import Instant, instant
from pdpp_plugins.connectors.refusals import misunderstood
from pdpp_plugins.connectors.wire import compact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Boundary:
    """One entry of `START.scope.streams`, against the manifest's entry for that stream."""

    def __init__(self, entry: dict[str, Any], manifest: dict[str, Any]) -> None:
        self.stream: str = entry["name"]
        self.resources = _texts(entry, "resources")
        fields = _texts(entry, "fields")
        self._fields = None if fields is None else fields.union(manifest["schema"]["required"])
        self._resource_field: str = manifest["selection"]["resource_field"]
        self._time_field: str = manifest["consent_time_field"]
        window = entry.get("time_range") or {}
        if not isinstance(window, dict):
            raise misunderstood(f"time_range of stream {self.stream!r} is not an object")
        self._since = _edge(window, "since")
        self._until = _edge(window, "until")
        self.window: dict[str, str] = {name: window[name] for name in ("since", "until") if window.get(name)}

    @property
    def narrowed(self) -> bool:
        """Whether the run skips records that only another run will emit; a window may be the path's own."""
        return self.resources is not None or self._fields is not None

    def inside(self, key: list[str], data: dict[str, Any]) -> bool:
        """Whether a record lies within resources and window."""
        return self._named(key, data) and self.in_window(data.get(self._time_field))

    def in_window(self, text: object) -> bool:
        """Whether a time lies in the window; what is none lies in no window."""
        if self._since is None and self._until is None:
            return True
        at = instant(text) if isinstance(text, str) else None
        if at is None:
            return False
        return (self._since is None or self._since <= at) and (self._until is None or at < self._until)

    def was_covered(self, window: dict[str, Any]) -> bool:
        """Whether all that this run may hold lay in an earlier run's window; raises Refused for no window."""
        since, until = _edge(window, "since"), _edge(window, "until")
        begun = since is None or (self._since is not None and since <= self._since)
        return begun and (until is None or (self._until is not None and self._until <= until))

    def project(self, data: dict[str, Any]) -> dict[str, Any]:
        """The record with the fields that were asked for and those that its schema demands."""
        if self._fields is None:
            return data
        return {name: value for name, value in data.items() if name in self._fields}

    def _named(self, key: list[str], data: dict[str, Any]) -> bool:
        if self.resources is None or data.get(self._resource_field) in self.resources:
            return True
        return compact(key) in self.resources


def scoped_streams(start: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The scope's entry for each stream of the run; raises Refused when the scope is not one."""
    scope = start.get("scope")
    streams = scope.get("streams") if isinstance(scope, dict) else None
    if not isinstance(streams, list) or not streams:
        raise misunderstood("scope.streams is not a list of streams")
    entries: dict[str, dict[str, Any]] = {}
    for entry in streams:
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str) or name in entries:
            raise misunderstood("a stream of the scope has no name of its own")
        entries[name] = entry
    return entries


def _texts(entry: dict[str, Any], name: str) -> frozenset[str] | None:
    texts = entry.get(name)
    if texts is None:
        return None
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise misunderstood(f"{name} of stream {entry['name']!r} is not a list of strings")
    return frozenset(texts)


def _edge(window: dict[str, Any], name: str) -> Instant | None:
    text = window.get(name)
    if text is None:
        return None
    at = instant(text) if isinstance(text, str) else None
    if at is None:
        raise misunderstood(f"{name} of a time_range is not a time with an offset")
    return at
