"""Roots: the directory that START binds, and what may be opened below it."""

from __future__ import annotations

import errno
import os
import stat

from pdpp_plugins.connectors.refusals import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO, TypeVar

    Listed = TypeVar("Listed")

_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW


class LinkOutside(Exception):
    """A link leads out of the root."""


class Root:
    """A directory out of which no link is followed."""

    def __init__(self, path: bytes) -> None:
        self.path = path
        self._real = os.path.realpath(path)

    def open(self, path: bytes) -> BinaryIO:
        """A regular file below the root; raises FileNotFoundError, LinkOutside or another OSError."""
        try:
            descriptor = os.open(path, _READ)
        except OSError as error:
            if error.errno == errno.ENOTDIR:
                raise FileNotFoundError from None
            if error.errno != errno.ELOOP:
                raise
            descriptor = os.open(self.inside(path), _READ)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "not a regular file")
        return os.fdopen(descriptor, "rb")

    def inside(self, path: bytes) -> bytes:
        """Where a path really leads; raises LinkOutside."""
        real = os.path.realpath(path)
        if not real.startswith(os.path.join(self._real, b"")):
            raise LinkOutside
        return real

    def leads_outside(self, entry: os.DirEntry[bytes]) -> bool:
        """Whether an entry is a link out of the root."""
        try:
            return entry.is_symlink() and not self.inside(entry.path)
        except LinkOutside:
            return True


def is_directory(entry: os.DirEntry[bytes]) -> bool:
    """Whether an entry is a directory or leads to one."""
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def shown(name: bytes) -> str:
    """A file name as it may be told, whatever its bytes."""
    return name.decode("utf-8", "backslashreplace")


def listed(start: dict[str, Any], take: Callable[[Root], Listed]) -> Listed:
    """What `take` finds in the root that START binds; raises Refused when it cannot be listed."""
    root = _bound(start)
    if not isinstance(root, str) or not root:
        raise Refused(
            "START binds no filesystem root",
            "source_not_bound",
            recovery_hint="manual_action_required",
        )
    try:
        return take(Root(root.encode("utf-8", "surrogateescape")))
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not a path"
        raise Refused(
            f"the source root cannot be listed: {why}",
            "source_root_unreadable",
            retryable=True,
            recovery_hint="manual_action_required",
        ) from None


def _bound(start: dict[str, Any]) -> object:
    bindings = start.get("bindings")
    filesystem = bindings.get("filesystem") if isinstance(bindings, dict) else None
    return filesystem.get("root") if isinstance(filesystem, dict) else None
