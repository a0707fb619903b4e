"""Directories of mbox files, as the `mailbox` connector reads them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import ArrangedSource, Item, SourceDriver

_QUOTABLE = re.compile("^(>*From )", re.MULTILINE)


class MailboxSource:
    """One directory of mbox files."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def where(self) -> dict[str, str]:
        """The directory itself."""
        return {"root": str(self._root)}

    def write(self, partition: str, items: list[Item]) -> None:
        """Append messages to an mbox file."""
        with self._file(partition).open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(map(_message, items))

    def remove(self, partition: str) -> None:
        """Delete an mbox file."""
        self._file(partition).unlink()

    def obstruct(self) -> None:
        """Leave a file where the directory was."""
        shutil.rmtree(self._root)
        self._root.write_text("no directory")

    def close(self) -> None:
        """Nothing is held open."""

    def _file(self, partition: str) -> Path:
        return self._root / f"{partition}.mbox"


class MailboxDriver:
    """Arranges mbox files; an item is a message, a partition a mailbox."""

    name = "mailbox"
    stream = "messages"
    claims = frozenset({"partitions", "inventory"})
    connectors = frozenset({"mailbox"})

    def open(self, home: Path) -> ArrangedSource:
        """An empty directory."""
        return MailboxSource(home)

    def key(self, item: Item) -> str | list[str]:
        """Messages are keyed by mailbox and Message-ID."""
        return [item.partition, _message_id(item)]

    def resource(self, partition: str) -> str:
        """A mailbox is selected by its name."""
        return partition

    def legacy_cursor(self, at: datetime) -> dict[str, Any] | None:
        """Mailboxes have had cursors of their own from the beginning."""
        return None


def _message_id(item: Item) -> str:
    """A Message-ID has no blanks and is ASCII, whatever the item is called."""
    return f"{quote(item.ident, safe='')}@pdpp.example"


def _message(item: Item) -> str:
    """A message of an mbox file, with its postmark and the empty line that ends it."""
    body = _QUOTABLE.sub(r">\1", item.text)
    return (
        f"From ana@pdpp.example {item.at.ctime()}\n"
        f"Message-ID: <{_message_id(item)}>\n"
        f"Date: {format_datetime(item.at)}\n"
        "From: Ana <ana@pdpp.example>\n"
        f"Subject: {item.ident}\n"
        "Content-Type: text/plain; charset=utf-8\n"
        "Content-Transfer-Encoding: 8bit\n"
        "\n"
        f"{body}\n"
        "\n"
    )


@hookimpl
def register_source_drivers() -> Sequence[SourceDriver]:
    """The driver of the `mailbox` connector's sources."""
    return [MailboxDriver()]
