"""`GET /v1/search`: text in the records that a reader may read, and in nothing else (CI-03.4)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import blake2b

from pdpp_host.arguments import RecordQuery
from pdpp_host.domain.entities import Connector, StoredRecord
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.domain.searching import fold, matches, text_fields, texts
from pdpp_host.web.calls import Call, Operation, Query
from pdpp_host.web.paging import PAGE_QUERY, cursor_of, limit_of, place_of
from pdpp_host.web.reads import OF_ONE, Reader
from pdpp_host.web.shapes.reading import RecordPage

Q_LIMIT = 500
# What one request looks through, in characters; a record counts as so many besides its text. That takes
# two seconds or less, and who looks for a rare word asks again.
EFFORT = 50_000_000
RECORD_EFFORT = 2000
_CHUNK = 500
_DIGEST = 16

# A record's place in the order of a search: its stream's digest, and its position.
Mark = tuple[bytes, int]
# The fields to be searched, by stream and connection.
Places = dict[str, dict[str, frozenset[str]]]


def search_records(call: Call) -> RecordPage:
    """A page of the records that hold a text."""
    q, stream = _q(call), call.query.get("stream")
    limit, purpose = limit_of(call), _purpose(call, q, stream)
    begin = _begin(call, purpose)
    with call.host.services.storage.read() as view:
        reader = Reader(call, view, "search")
        readable, places = reader.connections(), _places(reader, stream)
        hits, end = _page(_passed(reader, places, begin), places, fold(q), limit)
        page = tuple(reader.row(record, readable[record.connection_id]) for record in hits)
    if end is None:
        return RecordPage("list", page, False, None)
    return RecordPage("list", page, True, cursor_of(call, purpose, end[0] + end[1].to_bytes(8, "big")))


def _page(
    passed: Iterable[tuple[Mark, StoredRecord]], places: Places, folded: str, limit: int
) -> tuple[list[StoredRecord], Mark | None]:
    """Hits, at most `limit`, and the record after which to go on: None where there is no more.

    Ends early, with fewer hits or none, when it has looked through enough.
    """
    hits: list[StoredRecord] = []
    last, effort = None, 0
    for mark, record in passed:
        if effort >= EFFORT:
            return hits, last
        told = texts(record.data, places[record.stream][record.connection_id])
        if matches(told, folded):
            if len(hits) == limit:
                return hits, last
            hits.append(record)
        effort += RECORD_EFFORT + sum(map(len, told))
        last = mark
    return hits, None


def _passed(reader: Reader, places: Places, begin: Mark) -> Iterator[tuple[Mark, StoredRecord]]:
    """Every record of these places that comes after `begin`, in the order of a search."""
    for digest, stream in sorted((_digest(stream), stream) for stream in places):
        if digest < begin[0]:
            continue
        after, connections = begin[1] if digest == begin[0] else 0, tuple(places[stream])
        while found := reader.view.records(RecordQuery(stream, connections, after, _CHUNK)):
            for record in found:
                yield (digest, record.position), record
            if len(found) < _CHUNK:
                break
            after = found[-1].position


def _places(reader: Reader, wanted: str | None) -> Places:
    """Where this reader's search looks: granted fields only, lest a search tell of the others."""
    grant, places = reader.call.grant, Places()
    # Asked once: most connections are of a few connectors.
    connector = cache(reader.view.connector)
    for connection_id, connection in reader.connections().items():
        for stream, declared in _declared(reader, connection_id, connector).items():
            if wanted not in (None, stream) or not reader.reads(connection, stream):
                continue
            fields = declared if grant is None else declared & set(grant.fields.get(stream, declared))
            if fields:
                places.setdefault(stream, {})[connection_id] = frozenset(fields)
    return places


def _declared(
    reader: Reader, connection_id: str, connector: Callable[[str], Connector | None]
) -> dict[str, frozenset[str]]:
    """The text fields of a connection's streams, as the connectors of its paths declare them."""
    found: dict[str, frozenset[str]] = {}
    for key in {path.connector_key for path in reader.view.paths(connection_id)}:
        its = connector(key)
        for stream in its.manifest.streams if its is not None else ():
            found[stream.name] = found.get(stream.name, frozenset()) | text_fields(stream)
    return found


def _q(call: Call) -> str:
    q = call.query.get("q", "")
    if not q.strip() or len(q) > Q_LIMIT:
        message = f"q must be a text to look for, 1 to {Q_LIMIT} characters, not {q[:40]!r}"
        raise RequestRefused("invalid_query", message, "q")
    return q


def _purpose(call: Call, q: str, stream: str | None) -> str:
    """What a search's cursors are sealed for: this search and no other."""
    return f"search {json.dumps([q, stream, call.query.get('connection_id')])}"


def _begin(call: Call, purpose: str) -> Mark:
    text = call.query.get("cursor")
    if text is None:
        return b"", 0
    mark = place_of(call, purpose, text)
    if mark is None:
        message = "cursor must be a next_cursor of this search; leave it out to begin again"
        raise RequestRefused("invalid_query", message, "cursor")
    return mark[:_DIGEST], int.from_bytes(mark[_DIGEST:], "big")


def _digest(stream: str) -> bytes:
    """What orders streams, and stands in a cursor for a name of any length."""
    return blake2b(stream.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()


OPERATIONS = (
    Operation(
        "/v1/search",
        "GET",
        "reader",
        search_records,
        RecordPage,
        query=(
            Query("q", "string", f"the text to look for, 1 to {Q_LIMIT} characters", True, (1, Q_LIMIT)),
            Query("stream", "string", "only in this stream"),
            OF_ONE,
            *PAGE_QUERY,
        ),
        refuses=("invalid_query",),
    ),
)
