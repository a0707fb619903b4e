"""A small API for connectors that read one: partitions, their items in pages, and its bad moments."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from pdpp_plugins.sources.pattern import KEYS, checked, read_pattern, template_of
from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.settings import Table
from pdpp_tck.subject import ArrangedSource, ConfigurableDriver, Item, SourceDriver
from pdpp_tck.templates import fields, filled, written

Answer = tuple[int, dict[str, str], Any]
OWN = (
    "partitions",
    "items",
    "partition",
    "item",
    "list",
    "next",
    "cursor",
    "page_size",
    "limit_every",
    "fail_every",
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What is served where: paths and bodies as templates, the names of a page's fields and parameter."""

    partitions: str
    items: str
    partition: Any
    item: Any
    list_: str
    next_: str
    cursor: str
    page_size: int
    limit_every: int
    fail_every: int


@dataclass(slots=True)
class Store:
    """What the API has to tell, by partition; `unwell` answers every request by an error."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    unwell: bool = False
    requests: int = 0
    lock: Lock = field(default_factory=Lock)


class HttpSource:
    """One server on loopback, for one scenario."""

    def __init__(self, shape: Shape) -> None:
        self._store = Store()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(shape, self._store))
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), name="http-source")
        self._thread.start()

    def where(self) -> dict[str, str]:
        """The server's address."""
        return {"base_url": f"http://127.0.0.1:{self._server.server_address[1]}"}

    def write(self, partition: str, items: list[Item]) -> None:
        """Add items at the end of a partition."""
        with self._store.lock:
            self._store.items.setdefault(partition, []).extend(items)

    def remove(self, partition: str) -> None:
        """The partition is listed no more, and its items answer 404."""
        with self._store.lock:
            del self._store.items[partition]

    def obstruct(self) -> None:
        """From now on every answer is 500."""
        self._store.unwell = True

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def answer(shape: Shape, store: Store, target: str) -> Answer:
    """What a GET of this target is answered: status, headers, body."""
    with store.lock:
        store.requests += 1
        if store.unwell:
            return 500, {}, {"error": "unwell"}
        # Never the first: a connector that does not try again may have come for one answer only.
        if shape.limit_every and store.requests % shape.limit_every == 0:
            return 429, {"Retry-After": "0"}, {"error": "too many requests, try again"}
        if shape.fail_every and store.requests % shape.fail_every == 0:
            return 503, {"Retry-After": "0"}, {"error": "unwell for a moment, try again"}
        return _listed(shape, store, target)


def _listed(shape: Shape, store: Store, target: str) -> Answer:
    split = urlsplit(target)
    at = parse_qs(split.query).get(shape.cursor, ["0"])[0]
    if unquote(split.path) == shape.partitions:
        return _page(shape, [filled(shape.partition, {"partition": name}) for name in store.items], at)
    for name, items in store.items.items():
        if split.path == written(shape.items, {"partition": name}, lambda text: quote(text, safe="")):
            return _page(shape, [filled(shape.item, fields(item)) for item in items], at)
    return 404, {}, {"error": "not found"}


def _page(shape: Shape, rows: list[Any], at: str) -> Answer:
    if not at.isdecimal():
        return 400, {}, {"error": f"{shape.cursor} is none that was given"}
    first = int(at)
    end = first + shape.page_size
    more = str(end) if end < len(rows) else None
    return 200, {}, {shape.list_: rows[first:end], shape.next_: more}


def _handler(shape: Shape, store: Store) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            status, headers, body = answer(shape, store, self.path)
            text = json.dumps(body, ensure_ascii=False).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: the transcript tells what the connector did."""

    return Handler


class Http:
    """`driver = "http"`."""

    name = "http"

    def configured(self, source: Table) -> SourceDriver:
        """The driver for this API; raises SettingsError about the table's keys."""
        source.only(*KEYS, *OWN)
        shape = Shape(
            partitions=source.text("partitions", "/partitions"),
            items=checked(source, "items", "/partitions/{partition}/items", ("partition",)),
            partition=template_of(source, "partition") or {"id": "{partition}"},
            item=template_of(source, "item") or source.refuse("item", "is missing; give item = { … }"),
            list_=source.text("list", "data"),
            next_=source.text("next", "next_cursor"),
            cursor=source.text("cursor", "cursor"),
            page_size=int(source.number("page_size", 2)),
            limit_every=_every(source, "limit_every"),
            fail_every=_every(source, "fail_every"),
        )
        return read_pattern(source, lambda home: _opened(home, shape))


def _every(source: Table, key: str) -> int:
    every = int(source.number(key, 2)) if key in source.values else 0
    if every == 1:
        source.refuse(key, "1 would leave no good answer; give 2 or more")
    return every


def _opened(home: Path, shape: Shape) -> ArrangedSource:
    return HttpSource(shape)


@hookimpl
def register_source_drivers() -> Sequence[ConfigurableDriver]:
    """The driver `http`."""
    return [Http()]
