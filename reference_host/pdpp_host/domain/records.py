"""How a record is named inside the host."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b


def record_id(connection_id: str, path: int, stream: str, key: str, logical: str | None = None) -> str:
    """The id under which a record is stored and read: 32 hex digits.

    They stand for (connection, path, stream, key), or for (connection, stream, logical record) where an
    identity rule names one: so equal keys of two paths are two records, unless a rule says that they are
    one (CI-01.1/T3). It repeats nowhere, and tells a reader nothing of the acquisition path behind it.
    """
    whole = _begun(connection_id, str(path) if logical is None else "=", stream).copy()
    whole.update((key if logical is None else logical).encode("utf-8", "surrogatepass"))
    return whole.hexdigest()


@lru_cache(256)
def _begun(*whose: str) -> blake2b:
    """The digest of what a stream's records have in common; to be copied, not to be added to."""
    return blake2b("\0".join((*whose, "")).encode("utf-8", "surrogatepass"), digest_size=16)
