"""The one error that refuses an artifact."""

from __future__ import annotations

import re
from typing import Literal

Code = Literal["artifact_too_large", "artifact_unsafe", "artifact_unreadable"]
TOLD = 1024
_UNKEEPABLE = re.compile(r"[\x00\ud800-\udfff]")


class ArtifactRefused(Exception):
    """An artifact that the host will not import, of which nothing is left on disk.

    `member` names the part of an archive that is at fault, where one is, as `told` tells it.
    """

    def __init__(self, code: Code, message: str, member: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.member = None if member is None else told(member)


def told(name: str) -> str:
    """A stranger's name cut to 1024 characters, storable, to be shown and never used as a path."""
    return _UNKEEPABLE.sub("\N{REPLACEMENT CHARACTER}", name[:TOLD])


def too_large(message: str, member: str | None = None) -> ArtifactRefused:
    """More bytes or members than the host takes."""
    return ArtifactRefused("artifact_too_large", message, member)


def unsafe(message: str, member: str | None = None) -> ArtifactRefused:
    """Something that could write elsewhere, hide something, or mean two things at once."""
    return ArtifactRefused("artifact_unsafe", message, member)


def unreadable(message: str, member: str | None = None) -> ArtifactRefused:
    """Something that cannot be read to its end."""
    return ArtifactRefused("artifact_unreadable", message, member)


def broken(said: str, member: str | None = None) -> ArtifactRefused:
    """An archive that is not what it says."""
    of = "" if member is None else f" (member {told(member)!r})"
    return unreadable(f"the archive is truncated or corrupt{of}: {said}; fetch or pack it anew", member)
