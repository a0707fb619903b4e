"""Tables as pdpp-tck.toml has them, and the drivers that they configure."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pdpp_tck.settings import Table, read_settings
from pdpp_tck.subject import Item

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def table(folder: Path, text: str) -> Table:
    """The table `[source]` with this text in it."""
    file = folder / "pdpp-tck.toml"
    file.write_text(f"[source]\n{text}\n", encoding="utf-8")
    source = read_settings(file).source
    assert source is not None
    return source


def item(partition: str, ident: str, text: str = "hello") -> Item:
    """An item at a known time."""
    return Item(partition, ident, AT, text)
