"""The inventory: which channels the source has now, and the files that may be read of them."""

from __future__ import annotations

import errno
import os
import stat

from pdpp_plugins.connectors.refusals import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


class LinkOutside(Exception):
    """A link leads out of the root."""


class Inventory:
    """The channels of a root, and the entries that look like channels and were not taken."""

    def __init__(self, root: bytes) -> None:
        self.root = root
        self.channels: list[str] = []
        self.links_outside: list[str] = []
        self.undecodable: list[str] = []
        self._real_root = os.path.realpath(root)
        with os.scandir(root) as entries:
            for entry in entries:
                self._sort_in(entry)
        self.channels.sort()

    def open(self, channel: str, file_name: str) -> BinaryIO:
        """A regular file of a channel; raises FileNotFoundError, LinkOutside or another OSError."""
        path = os.path.join(self.root, channel.encode(), file_name.encode())
        try:
            descriptor = os.open(path, _READ)
        except OSError as error:
            if error.errno == errno.ENOTDIR:
                raise FileNotFoundError from None
            if error.errno != errno.ELOOP:
                raise
            descriptor = os.open(self._inside(path), _READ)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file")
        return os.fdopen(descriptor, "rb")

    def _sort_in(self, entry: os.DirEntry[bytes]) -> None:
        if entry.name.startswith(b"."):
            return
        shown = entry.name.decode("utf-8", "backslashreplace")
        if entry.is_symlink():
            try:
                self._inside(entry.path)
            except LinkOutside:
                self.links_outside.append(shown)
                return
        if not _is_directory(entry):
            return
        try:
            self.channels.append(entry.name.decode())
        except UnicodeDecodeError:
            self.undecodable.append(shown)

    def _inside(self, path: bytes) -> bytes:
        real = os.path.realpath(path)
        if not real.startswith(os.path.join(self._real_root, b"")):
            raise LinkOutside
        return real


def _is_directory(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def take_inventory(root: object) -> Inventory:
    """The inventory of the root that START binds; raises Refused when there is none to be had."""
    if not isinstance(root, str) or not root:
        raise Refused(
            "START binds no filesystem root",
            "source_not_bound",
            recovery_hint="manual_action_required",
        )
    try:
        return Inventory(root.encode("utf-8", "surrogateescape"))
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not a path"
        raise Refused(
            f"the source root cannot be listed: {why}",
            "source_root_unreadable",
            retryable=True,
            recovery_hint="manual_action_required",
        ) from None
