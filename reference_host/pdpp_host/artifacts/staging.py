"""Artifacts while they come in, and until whoever reads them is done."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from pdpp_host.artifacts.homes import prepared, sweep, taken
from pdpp_host.artifacts.limits import ARTIFACT_LIMIT, Limits
from pdpp_host.artifacts.names import safe_name
from pdpp_host.artifacts.refusals import told, too_large, unreadable
from pdpp_host.artifacts.unpacking import SourceFormat, source_format, unpack


class Artifact(Struct, frozen=True):
    """An artifact that is staged whole; `folder` is what a connector gets as its root.

    `given` is the name as its owner gave it, `name` what it became; `sha256` (hex) and `size` are those
    of the bytes that came in, also where they were unpacked.
    """

    name: str
    given: str
    sha256: str
    size: int
    source_format: SourceFormat
    folder: Path


class Staging:
    """Where artifacts are staged: one folder for this user, `limit` bytes for each artifact."""

    def __init__(self, home: Path, limit: int = ARTIFACT_LIMIT, limits: Limits | None = None) -> None:
        self._home = prepared(home)
        self._limit = limit
        self._limits = limits or Limits()

    def open(self, name: str) -> Staged:
        """Begin to stage an artifact of that name; the name is data and never a path."""
        return Staged(self._home, name, self._limit, self._limits)

    def sweep(self) -> int:
        """Remove what processes left that have died; how many artifacts."""
        return sweep(self._home)


class Staged:
    """One artifact on its way in, and its folder until `discard`; leaving it unfinished discards it.

    Not to be used by two threads at once; any thread may discard it.
    """

    def __init__(self, home: Path, name: str, limit: int, limits: Limits) -> None:
        self.size = 0
        self._name, self._limit, self._limits = name, limit, limits
        self._digest = sha256()
        self._finished = self._gone = False
        self._place = taken(home)
        self._body = self._place.folder / "body"
        try:
            self._out = self._body.open("xb")
        except BaseException:
            self._place.give_back()
            raise

    @property
    def sha256(self) -> str:
        """The digest of the bytes so far, in hex."""
        return self._digest.hexdigest()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; raises ArtifactRefused, nothing left behind, where they are too many."""
        self.size += len(chunk)
        if self.size > self._limit:
            self.discard()
            raise too_large(f"the artifact is larger than {self._limit} bytes; send it in parts")
        self._digest.update(chunk)
        self._out.write(chunk)

    def finish(self) -> Artifact:
        """The artifact, ready to be read; raises ArtifactRefused, nothing left behind."""
        try:
            found = self._finish()
        except BaseException:
            self.discard()
            raise
        self._finished = True
        return found

    def discard(self) -> None:
        """Remove everything; the second time does nothing."""
        if self._gone:
            return
        self._gone = True
        try:
            self._out.close()
        finally:
            self._place.give_back()

    def __enter__(self) -> Staged:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None or not self._finished:
            self.discard()

    def _finish(self) -> Artifact:
        self._out.close()
        if not self.size:
            raise unreadable("the artifact is empty; send the bytes of a file")
        name, folder = safe_name(self._name), self._place.folder / "folder"
        folder.mkdir(mode=0o700)
        with self._body.open("rb") as body:
            kind = source_format(body.read(8))
            if kind == "zip":
                unpack(body, folder, self._limits)
        # By its name a connector knows what it may read, and an owner may have called it anything.
        if kind == "mbox" and Path(name).suffix not in ("", ".mbox"):
            name = safe_name(f"{name}.mbox")
        if kind == "zip":
            self._body.unlink()
        else:
            self._body.rename(folder / name)
        return Artifact(name, told(self._name), self.sha256, self.size, kind, folder)
