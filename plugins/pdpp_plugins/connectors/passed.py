"""Passed over: what of a partition could not be taken, counted, with the places of the first of it."""

from __future__ import annotations

from pdpp_plugins.connectors.refusals import cursor_not_understood

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

NAMED = 20


class Passed:
    """How often something was passed over, and the numbers of the first lines where."""

    def __init__(self, count: int = 0, lines: Iterable[int] = ()) -> None:
        self.count = count
        self.lines = list(lines)[:NAMED]

    def add(self, line: int) -> None:
        """One more line."""
        self.count += 1
        if len(self.lines) < NAMED:
            self.lines.append(line)


def copies(passed: dict[str, Passed]) -> dict[str, Passed]:
    """Equal counts that go on by themselves."""
    return {reason: Passed(one.count, one.lines) for reason, one in passed.items()}


def encode_passed(passed: dict[str, Passed]) -> dict[str, Any]:
    """As STATE carries it, by reason."""
    return {reason: {"count": one.count, "lines": one.lines} for reason, one in passed.items()}


def decode_passed(stream: str, raw: object, reasons: Iterable[str]) -> dict[str, Passed]:
    """What `encode_passed` wrote; raises Refused for anything else."""
    if not isinstance(raw, dict) or not raw.keys() <= set(reasons):
        raise cursor_not_understood(stream)
    return {reason: _passed_of(stream, entry) for reason, entry in raw.items()}


def is_count(value: object) -> bool:
    """Whether a decoded JSON value is a whole number from zero up."""
    return type(value) is int and value >= 0


def _passed_of(stream: str, raw: object) -> Passed:
    if not isinstance(raw, dict) or not is_count(raw.get("count")):
        raise cursor_not_understood(stream)
    lines = raw.get("lines")
    if not isinstance(lines, list) or not all(map(is_count, lines)):
        raise cursor_not_understood(stream)
    return Passed(raw["count"], lines)
