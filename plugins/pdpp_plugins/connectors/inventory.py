"""Inventories: which partitions a source has now, and what looks like one and was not taken."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pdpp_plugins.connectors.notices import Notices


class Inventory:
    """The partitions by name, and the entries of the source that were not taken."""

    def __init__(self) -> None:
        self.partitions: list[str] = []
        self.links_outside: list[str] = []
        self.undecodable: list[str] = []
        self.unlisted: list[str] = []
        """Parts of the source that could not be listed: of what lies below nothing is known."""

    def note(self, observed: Iterable[str], reach: Reach, notices: Notices) -> None:
        """Say what was observed and is missing, and what could not be taken."""
        present = set(self.partitions)
        for name in observed:
            if name not in present and reach.holds(name) and not self._unknown(name):
                notices.partition("source_partition_missing", name)
        for name in filter(reach.holds, self.links_outside):
            notices.partition("source_link_outside", name)
        for name in filter(reach.holds_below, self.unlisted):
            notices.partition("source_unreadable", name)
        for name in self.undecodable if reach.whole else ():
            notices.partition("source_name_not_utf8", name)

    def _unknown(self, name: str) -> bool:
        return any(name == part or name.startswith(part + "/") for part in self.unlisted)


class Reach:
    """The partitions that a run may hold records of."""

    def __init__(self, resources: frozenset[str] | None) -> None:
        self._named = None if resources is None else _partitions_named(resources)

    @property
    def whole(self) -> bool:
        """Whether the run is not narrowed to resources."""
        return self._named is None

    def holds(self, name: str) -> bool:
        """Whether the run may hold records of this partition."""
        return self._named is None or name in self._named

    def holds_below(self, part: str) -> bool:
        """Whether the run may hold records of a partition in this part of the source."""
        return self._named is None or any(f"{name}/".startswith(part + "/") for name in self._named)


def _partitions_named(resources: frozenset[str]) -> frozenset[str]:
    """The partitions that resources may speak of: a partition, or a key that a partition begins."""
    names = set(resources)
    for resource in resources:
        if resource.startswith('["'):
            try:
                key = json.loads(resource)
            except (ValueError, RecursionError):
                continue
            names.add(key[0])
    return frozenset(names)
