"""Cheap copies of an empty, migrated SQLite file, so that a fresh database costs no migration."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock


class Template:
    """The content of an empty database, made by `make(path)` when it is first wanted."""

    def __init__(self, make: Callable[[Path], None]) -> None:
        self._make = make
        self._lock = Lock()
        self._content: bytes | None = None

    def copy_to(self, target: Path) -> None:
        """Put a copy at `target` unless a file is there by then; whole or not at all, readable by its owner.

        OSError where the folder does not take it; then there is no copy, and nothing else either.
        """
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(self._bytes())
                file.flush()
                # After a crash a flushed log is worth nothing without the database that it continues.
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(temporary, target)
        finally:
            os.unlink(temporary)
        _flush_folder(target.parent)

    def _bytes(self) -> bytes:
        with self._lock:
            if self._content is None:
                with tempfile.TemporaryDirectory(prefix="pdpp-template-") as folder:
                    self._make(Path(folder) / "empty.db")
                    self._content = (Path(folder) / "empty.db").read_bytes()
            return self._content


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
