"""A file system that is small, and can be made larger."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from parts import missing


@dataclass(frozen=True)
class Disk:
    """A file system of so many bytes, in memory."""

    place: Path

    def fill(self) -> None:
        """Leave no room at all."""
        with (self.place / "filler").open("wb", buffering=0) as filler:
            for size in (1 << 20, 1 << 12):
                while True:
                    try:
                        if filler.write(bytes(size)) < size:
                            break
                    except OSError:
                        break

    def make_room(self) -> None:
        """Have sixteen times as much of it."""
        subprocess.run(["mount", "-o", "remount,size=64m", str(self.place)], check=True)


@contextmanager
def small_disk(home: Path, size: str = "4m") -> Iterator[Disk]:
    """A disk below `home`; where none can be mounted the test is listed as not run."""
    place = home / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        missing("mount", str(error))
    if made.returncode:
        missing("mount", " ".join(made.stderr.split()))
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
