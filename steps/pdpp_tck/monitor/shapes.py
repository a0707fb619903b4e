"""Known messages and their shapes (CP-03)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from pdpp_tck.features import features_root
from pdpp_tck.monitor.heard import Breach, Heard

FROM_CONNECTOR = frozenset(
    ["RECORD", "STATE", "SKIP_RESULT", "PROGRESS", "INTERACTION", "DETAIL_COVERAGE", "DETAIL_GAP", "DONE"]
)
EXTENSIONS = frozenset(
    [
        "ASSISTANCE",
        "ASSISTANCE_STATUS",
        "DETAIL_GAP_ATTEMPTED",
        "DETAIL_GAP_RECOVERED",
        "DETAIL_GAPS_PAGE_REQUEST",
    ]
)
"""What deployed connectors say besides: noted, never a breach."""


@cache
def shape(type_: str) -> jsonschema_rs.Draft202012Validator:
    """The validator of a message by its type, from the kit's own definition of it."""
    path: Path = features_root() / "schemas" / "messages" / f"{type_.lower()}.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)


class Shapes:
    """Hears whether each message is known and has its shape; counts the extensions it meets."""

    def __init__(self) -> None:
        self.extensions: Counter[str] = Counter()

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """A type that is not on the wire, or a field that is missing or of another shape."""
        if heard.direction != "out" or heard.message is None:
            return
        if heard.type in EXTENSIONS:
            self.extensions[heard.type] += 1
            return
        if heard.flaw is not None:
            yield Breach("CP-03", heard.n, heard.flaw)

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """Nothing: a shape is a line's own."""
        return iter(())


def flaw_of(message: dict[str, Any]) -> str | None:
    """What is wrong with a connector's message as such; None for a good one and for extensions."""
    type_ = message.get("type")
    if isinstance(type_, str) and type_ in EXTENSIONS:
        return None
    if not isinstance(type_, str) or type_ not in FROM_CONNECTOR:
        return f"the message type {type_!r} is unknown"
    if shape(type_).is_valid(message):
        return None
    error = next(iter(shape(type_).iter_errors(message)))
    where = "/".join(map(str, error.instance_path)) or "the message"
    return f"{type_}: {where} is not as the wire has it ({_rule(error)})"


def _rule(error: jsonschema_rs.ValidationError) -> str:
    """The part of the schema that refuses, for the error's own text would repeat the value."""
    return "schema " + "/".join(map(str, error.schema_path))
