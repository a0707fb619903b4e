"""Which text of a record is searched, and when two texts are the same to a reader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

from pdpp_host.domain.manifest import StreamManifest


def text_fields(stream: StreamManifest) -> frozenset[str]:
    """The top-level fields that a stream's schema declares as text, or as lists of text.

    Text is of the type `string`, alone or with `null`, and without a `format`: a time, an address or an
    id in a format is a value and no text.
    """
    properties = stream.schema.get("properties")
    if not isinstance(properties, dict):
        return frozenset()
    return frozenset(name for name, shape in properties.items() if _is_text(shape) or _holds_text(shape))


def texts(data: dict[str, Any], fields: Iterable[str]) -> list[str]:
    """The texts of a record in these fields; an item of a list is one of its own."""
    found: list[str] = []
    for name in fields:
        value = data.get(name)
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, list):
            found += [item for item in value if isinstance(item, str)]
    return found


def fold(text: str) -> str:
    """A text without case and in one normal form: what is equal to a reader is equal.

    Composed, or `e` would be found in `é` where that happens to be stored decomposed; and once more, since
    folding takes letters apart.
    """
    if text.isascii():
        return text.lower()
    return normalize("NFC", normalize("NFC", text).casefold())


def matches(told: Iterable[str], folded: str) -> bool:
    """Whether one of these texts holds a folded one."""
    return any(folded in fold(text) for text in told)


def _is_text(shape: Any) -> bool:
    return isinstance(shape, dict) and _is_only("string", shape) and "format" not in shape


def _holds_text(shape: Any) -> bool:
    return isinstance(shape, dict) and _is_only("array", shape) and _is_text(shape.get("items"))


def _is_only(kind: str, shape: dict[str, Any]) -> bool:
    declared = shape.get("type")
    return declared == kind or (isinstance(declared, list) and {kind} <= set(declared) <= {kind, "null"})
