"""Maildir folders: which messages are there, whatever was renamed or flagged, and which of them are new."""

from __future__ import annotations

import os
from hashlib import sha256

from pdpp_plugins.connectors.mail.identity import mark_of_content, mark_of_id
from pdpp_plugins.connectors.mail.outbox import Outbox
from pdpp_plugins.connectors.mail.reading import message_in
from pdpp_plugins.connectors.mailbox.seen import FLAGS, NAME_BYTES, REASONS, Seen
from pdpp_plugins.connectors.passed import Passed
from pdpp_plugins.connectors.root import LinkOutside, Root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from pdpp_plugins.connectors.collecting import Stream

UNREADABLE = "source_messages_unreadable"


class Maildir:
    """Reads one Maildir folder."""

    def __init__(self, mailbox: str, stream: Stream, root: Root, path: bytes) -> None:
        self._mailbox = mailbox
        self._stream = stream
        self._root = root
        self._path = path
        self._outbox = Outbox(mailbox, stream)
        self._passed: dict[str, Passed] = {}

    def read(self, seen: Seen) -> Seen:
        """Emit the messages that are not among those seen; returns those that are there now.

        Raises FileNotFoundError where there is no folder, and another OSError where it cannot be listed.
        """
        present = _listed(self._path)
        marks = {_mark_of_name(name): name for name in present}
        kept = {name: rest for name, rest in seen.marks.items() if name in marks}
        for rest in kept.values():
            self._outbox.names.know(*Seen.told_apart(rest))
        for name in sorted(marks.keys() - kept.keys(), key=marks.__getitem__):
            emitted = self._emit(marks[name], present[marks[name]])
            if emitted:
                kept[name] = emitted
        self._note(kept)
        return Seen(kept)

    def _emit(self, name: bytes, path: bytes) -> bytes | None:
        """Emit one message; returns its marks, or None when the next run has to try again."""
        self._stream.wire.check()
        try:
            with self._open(name, path) as file:
                message = message_in(file, os.fstat(file.fileno()).st_size)
        except FileNotFoundError:  # deleted since it was listed
            return None
        except (OSError, LinkOutside):
            self._passed.setdefault(UNREADABLE, Passed()).count += 1
            return None
        _, reason = self._outbox.emit(message)
        flag = bytes([FLAGS[reason]])
        return mark_of_id(message.message_id) + mark_of_content(message.digest) + flag

    def _open(self, name: bytes, path: bytes) -> BinaryIO:
        try:
            return self._root.open(path)
        except FileNotFoundError:  # it may have been flagged, which renames it
            path = _listed(self._path).get(name, path)
            return self._root.open(path)

    def _note(self, kept: dict[bytes, bytes]) -> None:
        for rest in kept.values():
            reason = REASONS.get(rest[-1])
            if reason:
                self._passed.setdefault(reason, Passed()).count += 1
        for reason, passed in self._passed.items():
            self._stream.notices.lines(reason, self._mailbox, passed)


def _listed(path: bytes) -> dict[bytes, bytes]:
    """Each message's lasting name, and where it lies; `new` first, so that a move hides nothing."""
    found: dict[bytes, bytes] = {}
    there = 0
    for part in (b"new", b"cur"):
        try:
            entries = os.scandir(os.path.join(path, part))
        except FileNotFoundError:
            continue
        there += 1
        with entries:
            for entry in entries:
                if not entry.name.startswith(b".") and not entry.is_dir(follow_symlinks=False):
                    found[_lasting(entry.name)] = entry.path
    if not there:
        raise FileNotFoundError
    return found


def _lasting(name: bytes) -> bytes:
    """The name without its flags; some file systems know no colon, and a semicolon stands for it."""
    for mark in (b":2,", b";2,", b"!2,"):
        base, found, _ = name.rpartition(mark)
        if found:
            return base
    return name


def _mark_of_name(name: bytes) -> bytes:
    return sha256(name).digest()[:NAME_BYTES]
