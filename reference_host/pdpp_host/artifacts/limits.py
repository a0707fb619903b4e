"""How much of an artifact the host takes."""

from __future__ import annotations

from msgspec import Struct

MIB = 1024 * 1024
ARTIFACT_LIMIT = 2 * 1024 * MIB


class Limits(Struct, frozen=True):
    """Bounds of an archive: members, bytes unpacked, and how many times its packed size a member may have.

    A member is held to `ratio` from `ratio_from` bytes on: small ones may be as regular as they like.
    Text packs 5 to 50 times; what deflate can do at most is 1032 times.
    """

    members: int = 50_000
    unpacked: int = 8 * 1024 * MIB
    ratio: int = 200
    ratio_from: int = 16 * MIB
