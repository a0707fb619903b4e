"""Folders that are known to be in use while their process lives, and swept up when it has died."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

_PREFIX, _LOCK = "artifact-", ".lock"


class HomeUnusable(OSError):
    """The folder for artifacts is another user's, a link, or no folder."""


class Place(NamedTuple):
    """A folder in use: its lock, a file beside it, is held as long as `descriptor` is open."""

    folder: Path
    descriptor: int

    def give_back(self) -> bool:
        """Remove folder and lock; whether there was a folder."""
        there = self.folder.exists()
        try:
            if there:
                shutil.rmtree(self.folder)
            _lock_of(self.folder).unlink(missing_ok=True)
        finally:
            os.close(self.descriptor)
        return there


def prepared(home: Path) -> Path:
    """The home, made where it is not there, for this user alone; raises HomeUnusable."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise HomeUnusable(f"{str(home)!r} is no folder; name another one") from None
    found = home.lstat()
    if home.is_symlink() or found.st_uid != os.getuid():
        raise HomeUnusable(f"{str(home)!r} is not a folder of this user's own; name another one")
    if found.st_mode & 0o077:
        home.chmod(0o700)
    return home


def taken(home: Path) -> Place:
    """A new folder in the home, in use from the start."""
    # Under the home's lock, lest a sweep find the folder before it is locked.
    with _alone(home):
        folder = Path(mkdtemp(prefix=_PREFIX, dir=home))
        try:
            descriptor = _locked(_lock_of(folder))
            assert descriptor is not None
        except BaseException:
            folder.rmdir()
            raise
    return Place(folder, descriptor)


def sweep(home: Path) -> int:
    """Remove the folders whose process has died and none that is in use, by any process; how many."""
    dead = []
    with _alone(home):
        for name in sorted({each.name.removesuffix(_LOCK) for each in home.glob(f"{_PREFIX}*")}):
            descriptor = _locked(_lock_of(home / name))
            if descriptor is not None:
                dead.append(Place(home / name, descriptor))
    return sum(place.give_back() for place in dead)


def _lock_of(folder: Path) -> Path:
    return folder.with_name(folder.name + _LOCK)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    descriptor = _opened(home / _LOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _locked(file: Path) -> int | None:
    """A descriptor that holds the lock, None where somebody else does."""
    descriptor = _opened(file)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _opened(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
