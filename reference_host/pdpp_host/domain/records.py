"""How a record is named inside the host."""

from __future__ import annotations

from hashlib import blake2b


def record_id(connection_id: str, path: int, stream: str, key: str, logical: str | None = None) -> str:
    """The id under which a record is stored and read: 32 hex digits.

    They stand for (connection, path, stream, key), or for (connection, stream, logical record) where an
    identity rule names one: so equal keys of two paths are two records, unless a rule says that they are
    one (CI-01.1/T3). It repeats nowhere, and tells a reader nothing of the acquisition path behind it.
    """
    whose = (
        (connection_id, str(path), stream, key) if logical is None else (connection_id, "=", stream, logical)
    )
    return blake2b("\0".join(whose).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
