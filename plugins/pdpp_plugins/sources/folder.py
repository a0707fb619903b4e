"""Directories of channels with JSON-lines files, as the `folder` connector reads them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import ArrangedSource, Item, SourceDriver


class FolderSource:
    """One directory of channels."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def where(self) -> dict[str, str]:
        """The directory itself."""
        return {"root": str(self._root)}

    def write(self, partition: str, items: list[Item]) -> None:
        """Append messages to a channel."""
        channel = self._root / partition
        channel.mkdir(exist_ok=True)
        with (channel / "messages.jsonl").open("a", encoding="utf-8") as file:
            for item in items:
                line = {"id": item.ident, "at": _rfc3339(item.at), "author": "ana", "text": item.text}
                file.write(json.dumps({**line, "reply_to": "nobody"}) + "\n")

    def remove(self, partition: str) -> None:
        """Delete a channel with all that is in it."""
        shutil.rmtree(self._root / partition)

    def obstruct(self) -> None:
        """Leave a file where the directory was."""
        shutil.rmtree(self._root)
        self._root.write_text("no directory")

    def close(self) -> None:
        """Nothing is held open."""


class FolderDriver:
    """Arranges folders; an item is a message, a partition a channel."""

    name = "folder"
    stream = "messages"
    claims = frozenset({"partitions", "inventory", "legacy_cursor"})
    connectors = frozenset({"folder"})

    def open(self, home: Path) -> ArrangedSource:
        """An empty directory."""
        return FolderSource(home)

    def key(self, item: Item) -> str | list[str]:
        """Messages are keyed by channel and id."""
        return [item.partition, item.ident]

    def resource(self, partition: str) -> str:
        """A channel is selected by its name."""
        return partition

    def legacy_cursor(self, at: datetime) -> dict[str, Any] | None:
        """Before channels had cursors of their own there was one time for all of them."""
        return {"last_at": _rfc3339(at)}


def _rfc3339(moment: datetime) -> str:
    """The time at its own offset, as sources have them."""
    return moment.isoformat().replace("+00:00", "Z")


@hookimpl
def register_source_drivers() -> Sequence[SourceDriver]:
    """The driver of the `folder` connector's sources."""
    return [FolderDriver()]
