"""What every source driver of `[source]` is told: stream, keys, resources, claims, an older cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pdpp_tck.settings import Table
from pdpp_tck.subject import CLAIMS, ArrangedSource, Item
from pdpp_tck.templates import FIELDS, fields, filled, times, unknown

KEYS = ("driver", "stream", "key", "resource", "claims", "legacy_cursor")


@dataclass(slots=True)
class Pattern:
    """A driver: how items come out of a connector, and what opens a source for them."""

    name: str
    stream: str
    claims: frozenset[str]
    key_template: str | list[str]
    resource_template: str
    legacy: dict[str, Any] | None
    opening: Callable[[Path], ArrangedSource]
    connectors: frozenset[str] = frozenset()
    keys: dict[tuple[str, str], str | list[str]] = field(default_factory=dict)
    """Keys that a source gave to items itself, by partition and id."""

    def open(self, home: Path) -> ArrangedSource:
        """A fresh, empty source below the folder `home`."""
        return self.opening(home)

    def key(self, item: Item) -> str | list[str]:
        """The record key under which an item comes out."""
        given = self.keys.get((item.partition, item.ident))
        if given is not None:
            return given
        made = filled(self.key_template, fields(item))
        return [str(part) for part in made] if isinstance(made, list) else str(made)

    def resource(self, partition: str) -> str:
        """The resource identifier that selects a partition's records."""
        return str(filled(self.resource_template, {"partition": partition}))

    def legacy_cursor(self, at: datetime) -> dict[str, Any] | None:
        """The older, global cursor that stands at `at`; None when there never was one."""
        if self.legacy is None:
            return None
        made: dict[str, Any] = filled(self.legacy, times(at))
        return made


def read_pattern(source: Table, opening: Callable[[Path], ArrangedSource]) -> Pattern:
    """The driver that the table describes, with `opening` for what it does not share with others."""
    claims = source.texts("claims") if "claims" in source.values else ("partitions", "inventory")
    for claim in claims:
        if claim not in CLAIMS["connector"]:
            source.refuse(
                "claims", f"{claim!r} is unknown; known are {', '.join(sorted(CLAIMS['connector']))}"
            )
    legacy = source.table("legacy_cursor")
    return Pattern(
        name=source.text("driver"),
        stream=source.text("stream"),
        claims=frozenset(claims) | ({"legacy_cursor"} if legacy else frozenset()),
        key_template=_key(source),
        resource_template=checked(source, "resource", "{partition}", ("partition",)),
        legacy=dict(legacy.values) if legacy else None,
        opening=opening,
    )


def checked(source: Table, key: str, default: str | None, known: tuple[str, ...] = FIELDS) -> str:
    """A template whose placeholders are all known."""
    template = source.text(key, default)
    _hold(source, key, template, known)
    return template


def template_of(source: Table, key: str) -> Any:
    """A value of any shape as a template, None where there is none."""
    template = source.values.get(key)
    _hold(source, key, template, FIELDS)
    return template


def _key(source: Table) -> str | list[str]:
    key = source.values.get("key")
    if not isinstance(key, list):
        return checked(source, "key", "{id}")
    _hold(source, "key", list(source.texts("key")), FIELDS)
    return list(source.texts("key"))


def _hold(source: Table, key: str, template: Any, known: tuple[str, ...]) -> None:
    strange = unknown(template, known)
    if strange:
        source.refuse(
            key, f"{{{strange}}} is no placeholder; known are {', '.join(f'{{{k}}}' for k in known)}"
        )
