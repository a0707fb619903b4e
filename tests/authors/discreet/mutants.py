"""Connectors that give away where the owner's files lie."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.lines import Lines, Said


@breaks("PR-01/no-place/T1", "no path of the source in a line about a gap")
def tells_the_folder(lines: Lines) -> Iterator[Said]:
    """The folder is told beside the names, meant as a help for whoever looks for what is gone."""
    root = lines.start["bindings"]["filesystem"]["root"]
    for message in lines:
        if message["type"] == "SKIP_RESULT":
            message["diagnostics"]["searched"] = root
        yield message
