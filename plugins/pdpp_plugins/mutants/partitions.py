"""Connectors that tell less, or other, than they know of partitions that are gone: PR-01."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.lines import Lines, Said

MISSING = "source_partition_missing"


@breaks("PR-01.1/T1", "'beta'")
@breaks("PR-01.1/T3", "no line about a gap")
def forgets_missing(lines: Lines) -> Iterator[Said]:
    """What disappeared is not mentioned."""
    for message in lines:
        if message.get("reason") != MISSING:
            yield message
