"""How a record is named inside the host."""

from __future__ import annotations

from hashlib import blake2b


def record_id(connection_id: str, path: int, stream: str, key: str) -> str:
    """The id under which a record is stored and read: 32 hex digits over (connection, path, stream, key).

    It repeats nowhere, and tells a reader nothing of the acquisition path behind it.
    """
    name = "\0".join((connection_id, str(path), stream, key))
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
