"""Acquisitions and read faces as a Then reads them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator
from functools import reduce
from typing import Any

from pdpp_tck.evidence.faces import numbers_in, texts_in
from pdpp_tck.evidence.owing import Owed
from pdpp_tck.evidence.views import Evidence

_URLSAFE = str.maketrans("+/", "-_")
Shown = Counter[tuple[str, str]]


class Acquired:
    """What came in, where it went, and what is seen of it; everything here is a host's to show."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def all(self) -> list[dict[str, Any]]:
        """The acquisitions, in order: `called`, `into`, `method`, `connection_id`, perhaps `batch`."""
        self._evidence.configured()
        for entry in self._evidence.entries("stage"):
            if entry.get("status") != 200:
                told = entry.get("body", entry.get("unreachable"))
                raise Owed("host", f"the stage answered {entry['path']} by {entry.get('status')} {told!r}")
        return list(self._evidence.entries("acquisition"))

    def batches_due(self, connection_id: str) -> int:
        """How many batches of a connection there were, those of the stage included."""
        staged = (
            json.loads(e["sent"]) for e in self._evidence.entries("stage") if e["path"] == "/_stage/records"
        )
        brought = [*self.all(), *staged]
        return sum(each.get("connection_id") == connection_id for each in brought)

    def one(self, called: str) -> dict[str, Any]:
        """The acquisition of that name."""
        for entry in self.all():
            if entry["called"] == called:
                return entry
        raise Owed("kit", f"nothing was acquired as {called!r}")

    def faces(self, connection: str) -> dict[str, Any]:
        """The last look at a connection's read faces."""
        self.all()
        looks = [entry for entry in self._evidence.entries("faces") if entry["connection"] == connection]
        if not looks:
            raise Owed("host", f"no connection {connection!r} was configured")
        return looks[-1]

    def unconcerned(self, *named: str) -> list[dict[str, Any]]:
        """The looks at every other connection than these."""
        return [each for each in self._evidence.entries("faces") if each["connection"] not in named]

    def reader(self) -> dict[str, Any]:
        """What the bearer of a grant saw; the host owes a grant."""
        self.all()
        for entry in self._evidence.entries("reader"):
            if entry.get("status") != 201:
                raise Owed("host", f"a grant was answered by {entry.get('status')}")
            return entry
        raise Owed("kit", "nobody read with a grant")

    def rule(self) -> str:
        """The name of the identity rule that was installed."""
        for entry in self._evidence.entries("stage"):
            install = json.loads(entry["sent"]).get("install")
            if isinstance(install, dict):
                return str(install["name"])
        raise Owed("kit", "no identity rule was installed")


def rows(listed: Any, what: str) -> list[dict[str, Any]]:
    """The rows of a list; the host owes each of them as an object."""
    for row in listed:
        if not isinstance(row, dict) or "unreadable" in row:
            raise Owed("host", f"{what} cannot be read: {row!r}")
    return list(listed)


def shown(listed: Any, what: str) -> Shown:
    """The records in a list, by id and text, each as often as it shows."""
    found: Shown = Counter()
    for row in rows(listed, what):
        data = row.get("data")
        if not isinstance(data, dict):
            raise Owed("host", f"{what} has a row without data: {row!r}")
        found[str(data.get("id")), str(data.get("text"))] += 1
    return found


def listed(seen: dict[str, Any]) -> list[Any]:
    """The rows of the lists of all streams."""
    return [row for rows_ in seen["list"].values() for row in rows_]


def legible(cursor: str) -> str:
    """What anybody can read in a cursor that is only encoded."""
    try:
        return urlsafe_b64decode(cursor.translate(_URLSAFE) + "=" * (-len(cursor) % 4)).decode(
            "utf-8", "replace"
        )
    except ValueError:
        return ""


def told_apart(answer: Any, names: list[str]) -> Any:
    """An answer with the names that were asked for taken out, by which alone two answers may differ."""
    if isinstance(answer, str):
        return reduce(lambda text, name: text.replace(name, "…") if name else text, names, answer)
    if isinstance(answer, dict):
        return {told_apart(name, names): told_apart(part, names) for name, part in answer.items()}
    return [told_apart(part, names) for part in answer] if isinstance(answer, list | tuple) else answer


def mentioned(value: Any, text: str) -> int:
    """In how many texts of a JSON value a text stands."""
    return sum(text in each for each in texts_in(value))


def mentions(value: Any, text: str) -> bool:
    """Whether a text stands anywhere in a JSON value."""
    return any(text in each for each in texts_in(value))


def counts(value: Any, number: int) -> bool:
    """Whether a number stands anywhere in a JSON value."""
    return number in numbers_in(value)


def counted(streams: Any, stream: str) -> Iterator[int]:
    """The numbers that a list of streams gives for one of that name."""
    for row in rows(streams, "the list of streams"):
        if row.get("stream", row.get("name")) == stream:
            yield from (value for value in row.values() if isinstance(value, int))


def error_code(body: Any) -> str | None:
    """The code of an error's body, None where it has none."""
    error = body.get("error") if isinstance(body, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None
