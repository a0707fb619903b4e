"""docs/hooks.md, its parts and tables, and the loaders of the two programs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pluggy
from pages import page, sections, table

import pdpp_host.hookspecs
import pdpp_host.plugins
import pdpp_tck.hookspecs
import pdpp_tck.plugins

PAGE = page("hooks.md")
PARTS = sections(PAGE, 2)
HOOKS = sections(PAGE, 3)
Load = Callable[..., pluggy.PluginManager]

LOADERS: dict[str, Load] = {
    "host": pdpp_host.plugins.load_plugins,
    "kit": pdpp_tck.plugins.load_plugins,
}


def members(protocol: type, without: type = object) -> set[str]:
    """What a protocol asks for, methods and attributes."""
    own = {*vars(protocol), *getattr(protocol, "__annotations__", {})} - set(vars(without))
    return {name for name in own if not name.startswith("_")}


def listed(text: str, after: str, column: str) -> set[str]:
    """The first column of the table that follows some words."""
    rows = table_after(text, after)
    assert all(all(row.values()) for row in rows)
    return {row[column] for row in rows}


def table_after(text: str, words: str) -> list[dict[str, str]]:
    """The table that follows some words, whatever the lines they stand on."""
    found = re.search(r"\s+".join(map(re.escape, words.split())), text)
    assert found is not None, words
    return table(text[found.end() :])
