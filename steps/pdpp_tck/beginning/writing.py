"""The pdpp-tck.toml of a connector: what could be guessed, and in comments what else may be said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pdpp_tck.beginning.found import Found

DRIVERS = ("files", "http", "command", "none")


def written(found: Found, driver: str) -> str:
    """The file for what was found, with a source driver of this name."""
    parts = [_HEAD, *_connector(found), "", *_SOURCES.get(driver, _named)(found, driver), ""]
    return "\n".join(parts)


_HEAD = """\
# How `pdpp-tck run` judges this connector. docs/guide-connectors.md tells of every key.
"""


def _connector(found: Found) -> Iterator[str]:
    yield "[connector]"
    yield '# What starts it, run in this file\'s folder; a container is ["docker", "run", "-i", "IMAGE"].'
    yield "# {source} and {base_url} become where its source is; START.bindings tells the root as well."
    yield f"command = {_toml(list(found.command))}"
    yield f"manifest = {_toml(str(found.path))}"
    yield '# cwd = "."'
    yield '# environment = { API_TOKEN = "{host}" }  # {host}: the value that it has when the kit is started'
    yield '# claims = ["interaction"]  # what neither the manifest nor the source driver tells'
    yield '# legacy_state = "older-cursor.json"  # one cursor for all partitions, with "{at}" in it'
    yield "# limits = { run_s = 120 }"


def _source(found: Found, driver: str) -> Iterator[str]:
    stream = found.stream
    yield '# What makes sources for scenarios: "the partition beta disappears" has to mean something here.'
    yield "[source]"
    yield f"driver = {_toml(driver)}"
    yield f"stream = {_toml(stream['name'])}  # where its items come out"
    yield f"key = {_toml(_key(stream))}  # the record key of an item"
    yield 'resource = "{partition}"  # what chooses the records of a partition'
    yield '# claims = ["partitions"]  # leave inventory out where the connector cannot list its partitions'


def _files(found: Found, driver: str) -> Iterator[str]:
    yield from _source(found, driver)
    yield "# A file or a folder for each partition. Placeholders are {partition} {id} {text}, {number} for"
    yield "# an id that is a whole number, and a time: {at} {date} {epoch} {epoch_ms} {rfc822}."
    yield "# Where this is not what the connector reads, no run emits a record: look here first."
    yield f"path = {_toml('{partition}/' + found.stream['name'] + '.jsonl')}"
    yield 'format = "lines"  # or "array"'
    yield f"item = {_toml(_item(found.stream, partition=False))}"
    yield '# Any other text: line = \'{at},{id},{text}\', escape = "csv" (or "xml"), header, footer.'


def _http(found: Found, driver: str) -> Iterator[str]:
    yield from _source(found, driver)
    yield "# The kit serves this at {base_url}."
    yield 'partitions = "/partitions"'
    yield 'items = "/partitions/{partition}/items"'
    yield 'partition = { id = "{partition}" }'
    yield f"item = {_toml(_item(found.stream, partition=True))}"
    yield 'list = "data"'
    yield 'next = "next_cursor"'
    yield 'cursor = "cursor"  # the parameter that carries it'
    yield "page_size = 2"
    yield "# limit_every = 5  # every fifth answer is 429, with Retry-After: 0"
    yield "# fail_every = 7   # every seventh is 503"


def _command(found: Found, driver: str) -> Iterator[str]:
    yield from _source(found, driver)
    yield "# A program of yours: one JSON line asks, one answers; the guide tells which."
    yield 'command = ["./arrange-source"]'


def _none(found: Found, driver: str) -> Iterator[str]:
    yield "# Nothing makes sources: what needs one is not_observable. Where the connector reads its own:"
    yield "[source]"
    yield '# root = "fixtures"'
    yield '# base_url = "http://127.0.0.1:8000"'


def _named(found: Found, driver: str) -> Iterator[str]:
    yield "[source]"
    yield f"driver = {_toml(driver)}"


_SOURCES = {"files": _files, "http": _http, "command": _command, "none": _none}


def _key(stream: dict[str, Any]) -> str | list[str]:
    field = (stream.get("selection") or {}).get("resource_field")
    fields = stream.get("primary_key") or ["id"]
    parts = ["{partition}" if name == field else _ident(stream, name) for name in fields]
    return parts[0] if len(parts) == 1 else parts


def _ident(stream: dict[str, Any], name: str) -> str:
    declared = ((stream.get("schema") or {}).get("properties") or {}).get(name)
    kind = declared.get("type") if isinstance(declared, dict) else None
    return "{number}" if kind in ("integer", "number") else "{id}"


def _item(stream: dict[str, Any], *, partition: bool) -> dict[str, str]:
    """An item with the fields that the stream's schema requires, each filled by what its name suggests."""
    schema = stream.get("schema") or {}
    properties = schema.get("properties") or {}
    field = (stream.get("selection") or {}).get("resource_field")
    keys = [name for name in stream.get("primary_key") or ["id"] if name != field]
    time = stream.get("consent_time_field") or _time_field(properties, _fields(schema, keys))
    made = {name: _ident(stream, name) for name in keys} | {time: _time(properties.get(time))}
    if partition and field:
        made[field] = "{partition}"
    rest = [name for name in _fields(schema, keys) if name not in made and name != field]
    return made | dict.fromkeys(rest or ["text"], "{text}")


def _time_field(properties: dict[str, Any], fields: list[str]) -> str:
    """The field that is a time by its declared format, else by its name."""
    declared = (
        name for name in fields if (properties.get(name) or {}).get("format") in ("date-time", "date")
    )
    return next(declared, next((name for name in fields if name in _TIMES), "at"))


_TIMES = {"at", "ts", "time", "date", "timestamp", "created_at", "sent_at", "published", "updated"}


def _fields(schema: dict[str, Any], keys: list[str]) -> list[str]:
    required = schema.get("required")
    return [name for name in required if name not in keys] if isinstance(required, list) else []


def _time(declared: Any) -> str:
    if not isinstance(declared, dict):
        return "{at}"
    if declared.get("format") == "date":
        return "{date}"
    return "{epoch}" if declared.get("type") in ("integer", "number") else "{at}"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_bare(name)} = {_toml(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    # JSON's texts are TOML's, but for DEL, which no name of a file holds.
    return json.dumps(value, ensure_ascii=False)


def _bare(name: str) -> str:
    plain = name.replace("-", "").replace("_", "")
    return name if plain.isascii() and plain.isalnum() else json.dumps(name, ensure_ascii=False)
