"""What a request asks of the database, counted where it happens and attributed to the request."""

from __future__ import annotations

from collections import OrderedDict
from contextvars import ContextVar
from threading import Lock

from msgspec import Struct

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that the present thread or task works for."""

_KEPT = 10_000


class Traced(Struct):
    """Statements and rows of one request, reads and writes apart."""

    reads: int = 0
    writes: int = 0
    rows_read: int = 0
    rows_written: int = 0


class Traces:
    """The traces of the latest requests, by their ids."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_request: OrderedDict[str, Traced] = OrderedDict()

    def count(self, *, reads: int = 0, writes: int = 0, rows_read: int = 0, rows_written: int = 0) -> None:
        """Add to what the present request has asked; what belongs to none is not counted."""
        mine = request_id.get()
        if mine is None:
            return
        with self._lock:
            traced = self._by_request.setdefault(mine, Traced())
            traced.reads += reads
            traced.writes += writes
            traced.rows_read += rows_read
            traced.rows_written += rows_written
            while len(self._by_request) > _KEPT:
                self._by_request.popitem(last=False)

    def of(self, wanted: str) -> Traced:
        """What a request has asked so far; nothing, where it is not known."""
        with self._lock:
            found = self._by_request.get(wanted, Traced())
            return Traced(found.reads, found.writes, found.rows_read, found.rows_written)
