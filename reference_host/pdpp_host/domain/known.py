"""Which gaps a run keeps when there are more than it can hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import get_args

import msgspec

from pdpp_host.domain.entities import Gap, Run, Severity

GAPS_KEPT = 1000
WORDS_KEPT, NAMES_KEPT = 500, 100
GAPS_BYTES = 8 * 1024 * 1024
_WORST_FIRST: tuple[Severity, ...] = get_args(Severity)


def worst_first(gaps: Iterable[Gap]) -> list[Gap]:
    """Gaps by severity, those of one severity in their order."""
    return sorted(gaps, key=lambda gap: _WORST_FIRST.index(gap.severity))


def open_after(before: tuple[Gap, ...], run: Run) -> tuple[Gap, ...]:
    """A path's open gaps after a run of it that has ended.

    A whole run that succeeded replaces them by its own; every other one adds its own and closes none. At
    most a thousand are kept, the worst of them.
    """
    whole = run.status == "completed" and not run.narrowed and not run.imported
    known = (*(() if whole else before), *map(in_short, run.known_gaps))
    kept = list({msgspec.json.encode(gap): gap for gap in known}.values())
    return tuple(worst_first(kept)[:GAPS_KEPT]) if len(kept) > GAPS_KEPT else tuple(kept)


def in_short(gap: Gap) -> Gap:
    """A gap as it is kept beside its path: the run that met it has all of its words."""
    message = None if gap.message is None else gap.message[:WORDS_KEPT]
    partitions = None if gap.partitions is None else gap.partitions[:NAMES_KEPT]
    return msgspec.structs.replace(gap, message=message, partitions=partitions, diagnostics=None)


class KnownGaps:
    """A run's gaps, the earliest of the worst: a less severe one never pushes out a more severe one."""

    def __init__(self, kept: int = GAPS_KEPT, size: int = GAPS_BYTES) -> None:
        self._kept, self._size = kept, size
        self._by_severity: dict[Severity, list[tuple[int, int, Gap]]] = {name: [] for name in _WORST_FIRST}
        self._dropped: Counter[Severity] = Counter()
        self._seen = self._held = self._bytes = 0

    def add(self, gap: Gap) -> None:
        """Keep a gap, or drop the latest of the least severe ones for it, or the gap itself."""
        size = len(msgspec.json.encode(gap))
        self._by_severity[gap.severity].append((self._seen, size, gap))
        self._seen += 1
        self._held += 1
        self._bytes += size
        while self._held > self._kept or self._bytes > self._size:
            self._drop()

    def all(self) -> tuple[Gap, ...]:
        """The gaps in the order in which they came, then one that says how many were left out."""
        kept = sorted(entry for entries in self._by_severity.values() for entry in entries)
        return (*(gap for _, _, gap in kept), *self._left_out())

    def _drop(self) -> None:
        severity = next(name for name in reversed(_WORST_FIRST) if self._by_severity[name])
        _, size, _ = self._by_severity[severity].pop()
        self._held -= 1
        self._bytes -= size
        self._dropped[severity] += 1

    def _left_out(self) -> tuple[Gap, ...]:
        dropped = {name: self._dropped[name] for name in _WORST_FIRST if self._dropped[name]}
        if not dropped:
            return ()
        told = ", ".join(f"{count} {name}" for name, count in dropped.items())
        return (
            Gap(
                kind="gaps_left_out",
                reason="too_many_gaps",
                severity=next(iter(dropped)),
                message=f"{sum(dropped.values())} more gaps were reported: {told}",
                diagnostics={"left_out": dropped},
            ),
        )
