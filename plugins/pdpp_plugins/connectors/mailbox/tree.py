"""The tree: which mailboxes lie under the root, what they are called, and how they are kept."""

from __future__ import annotations

import os

from pdpp_plugins.connectors.inventory import Inventory
from pdpp_plugins.connectors.mailbox.mbox import MARKS
from pdpp_plugins.connectors.root import LinkOutside, Root, is_directory, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

_DEEPEST = 32
_SUFFIX = b".mbox"


class Mailboxes(Inventory):
    """The mbox files and Maildir folders of a root, by path, with `/` between the names.

    An mbox file ends in `.mbox`, or has no extension and begins with `From `; one that was observed
    stays a mailbox when it is emptied. A mailbox is called by its path without `.mbox`, unless another
    one is called that. The root itself, where it is a Maildir, is `INBOX`.
    """

    def __init__(self, root: Root, observed: Container[str]) -> None:
        super().__init__()
        self.root = root
        self.maildirs: dict[str, bytes] = {}
        self.files: dict[str, bytes] = {}
        self._observed = observed
        self._suffixed: dict[str, bytes] = {}
        self._walk(root.path, b"", 0)
        self._name_suffixed()
        self.partitions = sorted([*self.maildirs, *self.files])

    def _walk(self, path: bytes, name: bytes, depth: int) -> None:
        with os.scandir(path) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        maildir = _is_maildir(path)
        for entry in entries:
            if not (maildir and entry.name in (b"cur", b"new", b"tmp")):
                self._sort_in(entry, os.path.join(name, entry.name), depth)
        if maildir:
            # A folder of that name in the root comes first; nothing but the root is ever called ".".
            inbox = b"." if "INBOX" in self.maildirs or "INBOX" in self.files else b"INBOX"
            self._add(self.maildirs, name or inbox, path)

    def _sort_in(self, entry: os.DirEntry[bytes], name: bytes, depth: int) -> None:
        hidden = entry.name.startswith(b".")
        if self.root.leads_outside(entry):
            if not hidden:
                self.links_outside.append(shown(name))
        elif not is_directory(entry):
            if not hidden and os.path.exists(entry.path):
                self._sort_in_file(entry, name)
        elif entry.is_symlink():  # what lies there is read under its own name
            if _is_maildir(entry.path):
                self._add(self.maildirs, name, entry.path)
        elif not hidden or _is_maildir(entry.path):  # Maildir++ hides its folders
            self._descend(entry.path, name, depth + 1)

    def _descend(self, path: bytes, name: bytes, depth: int) -> None:
        try:
            if depth > _DEEPEST:
                raise OSError
            self._walk(path, name, depth)
        except FileNotFoundError:
            pass
        except OSError:
            self.unlisted.append(shown(name))

    def _sort_in_file(self, entry: os.DirEntry[bytes], name: bytes) -> None:
        if entry.name.lower().endswith(_SUFFIX) and entry.name.lower() != _SUFFIX:
            self._add(self._suffixed, name, entry.path)
        elif b"." not in entry.name and (shown(name) in self._observed or self._begins(entry.path)):
            self._add(self.files, name, entry.path)

    def _begins(self, path: bytes) -> bool:
        try:
            with self.root.open(path) as file:
                return file.read(8).startswith(MARKS)
        except (OSError, LinkOutside):
            return False

    def _add(self, places: dict[str, bytes], name: bytes, path: bytes) -> None:
        try:
            places[name.decode()] = path
        except UnicodeDecodeError:
            self.undecodable.append(shown(name))

    def _name_suffixed(self) -> None:
        taken = {*self.maildirs, *self.files, *self._suffixed}
        for name, path in self._suffixed.items():
            short = name[: -len(_SUFFIX)]
            chosen = name if short in taken else short
            taken.add(chosen)
            self.files[chosen] = path


def _is_maildir(path: bytes) -> bool:
    """Whether a directory has `cur` and one of the others; backups drop directories that are empty."""

    def has(name: bytes) -> bool:
        return os.path.isdir(os.path.join(path, name))

    return has(b"cur") and (has(b"new") or has(b"tmp"))
