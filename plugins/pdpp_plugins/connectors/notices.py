"""Notices: what a stream could not collect, as one bounded line a reason, by name and never by content."""

from __future__ import annotations

import json

from pdpp_plugins.connectors.passed import NAMED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pdpp_plugins.connectors.passed import Passed
    from pdpp_plugins.connectors.wire import Wire

_NAMED_BYTES = 48 * 1024

MESSAGES = {
    "source_partition_missing": "partitions that were observed before are not in the source",
    "source_rewritten": "files changed in the part that had been read, and were read again as a whole",
    "source_unreadable": "partitions could not be read; their cursors stay where they were",
    "source_link_outside": "links lead out of the source and were not followed",
    "source_name_not_utf8": "entries whose names are not UTF-8 were not read",
    "source_lines_malformed": "lines are not records of this stream and were passed over",
    "source_lines_too_long": "lines beyond 8 MiB were passed over",
    "source_messages_cut": "messages beyond the bounds of a record were collected in part",
    "source_messages_malformed": "what belongs to no message, or is an empty one, was passed over",
    "source_messages_unreadable": "messages could not be read; the next run tries them again",
}


class Notices:
    """Gathers, over one stream, the partitions that each reason touches."""

    def __init__(self) -> None:
        self._partitions: dict[str, list[str]] = {}
        self._lines: dict[str, dict[str, Passed]] = {}

    def partition(self, reason: str, name: str) -> None:
        """A whole partition was touched."""
        self._partitions.setdefault(reason, []).append(name)

    def lines(self, reason: str, name: str, passed: Passed) -> None:
        """Lines of a partition were passed over."""
        self._lines.setdefault(reason, {})[name] = passed

    def emit(self, stream: str, wire: Wire) -> None:
        """Emit one SKIP_RESULT for each reason."""
        for reason, names in sorted(self._partitions.items()):
            _emit(wire, stream, reason, _partition_diagnostics(reason, names))
        for reason, places in sorted(self._lines.items()):
            _emit(wire, stream, reason, _line_diagnostics(places))


def _emit(wire: Wire, stream: str, reason: str, diagnostics: dict[str, Any]) -> None:
    wire.skip(stream, reason, f"{stream}: {MESSAGES[reason]}", diagnostics, "manual_action_required")


def _partition_diagnostics(reason: str, names: list[str]) -> dict[str, Any]:
    named = _bounded(sorted(names))
    prefix = "missing_" if reason == "source_partition_missing" else ""
    return {
        f"{prefix}partitions": named,
        f"{prefix}count": len(names),
        "truncated": len(named) < len(names),
    }


def _line_diagnostics(places: dict[str, Passed]) -> dict[str, Any]:
    named = _bounded(sorted(places))
    shown = [{"partition": name, "count": places[name].count, "lines": places[name].lines} for name in named]
    complete = all(passed.count == len(passed.lines) for passed in places.values())
    return {
        "partitions": shown,
        "count": sum(passed.count for passed in places.values()),
        "partition_count": len(places),
        "truncated": len(named) < len(places) or not complete,
    }


def _bounded(names: list[str]) -> list[str]:
    named: list[str] = []
    size = 0
    for name in names:
        length = len(json.dumps(name))
        if len(named) < NAMED and size + length <= _NAMED_BYTES:
            named.append(name)
            size += length
    return named
