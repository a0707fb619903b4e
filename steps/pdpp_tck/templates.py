"""Templates: how an item of a scenario is written in a source that the kit knows nothing about."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from pdpp_tck.subject import Item

Fields = dict[str, str | int]
_PLACE = re.compile(r"\{([a-z_0-9]+)\}")
TIMES = ("at", "date", "epoch", "epoch_ms", "rfc822")
FIELDS = ("partition", "id", "number", "text", *TIMES)


def times(at: datetime) -> Fields:
    """An instant in each spelling that a template may ask for; `epoch` and `epoch_ms` are numbers."""
    moment = at.astimezone(UTC)
    seconds = int(moment.timestamp())
    return {
        "at": moment.isoformat().replace("+00:00", "Z"),
        "date": f"{moment:%Y-%m-%d}",
        "epoch": seconds,
        "epoch_ms": seconds * 1000 + moment.microsecond // 1000,
        "rfc822": format_datetime(moment),
    }


def fields(item: Item) -> Fields:
    """All that a template may ask of an item; `number` is for ids that are whole numbers, each its own."""
    # Any JSON reader holds 48 bits, and twenty thousand items do not meet in them.
    number = int.from_bytes(sha256(item.ident.encode()).digest()[:6], "big")
    named: Fields = {"partition": item.partition, "id": item.ident, "number": number, "text": item.text}
    return {**named, **times(item.at)}


def unknown(template: Any, known: tuple[str, ...]) -> str | None:
    """The first placeholder of a template that is none of these; other braces are the source's own."""
    if isinstance(template, str):
        return next((name for name in _PLACE.findall(template) if name not in known), None)
    parts = (
        template.values() if isinstance(template, dict) else template if isinstance(template, list) else ()
    )
    return next((found for part in parts if (found := unknown(part, known))), None)


def filled(template: Any, values: Fields) -> Any:
    """A value with its placeholders replaced, once; a text that is one placeholder becomes that value."""
    if isinstance(template, dict):
        return {name: filled(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [filled(part, values) for part in template]
    if not isinstance(template, str):
        return template
    whole = _PLACE.fullmatch(template)
    if whole and whole.group(1) in values:
        return values[whole.group(1)]
    return written(template, values)


def written(template: str, values: Fields, escape: Callable[[str], str] = str) -> str:
    """A text with its placeholders replaced, once, each by its value as `escape` spells it."""

    def value(found: re.Match[str]) -> str:
        name = found.group(1)
        return escape(str(values[name])) if name in values else found.group()

    return _PLACE.sub(value, template)
