"""Typed access to one table of the ledger file, with errors that name the file, the entry and the field."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pdpp_tck.ledger.errors import (
    MissingField,
    NotFilledIn,
    RepeatedChoice,
    UnknownChoice,
    UnknownField,
    WrongType,
)
from pdpp_tck.unfilled import is_stub

_Choice = TypeVar("_Choice", bound=str)


@dataclass(frozen=True, slots=True)
class Entry:
    """One table; ``name`` is its id, or its place where it has none."""

    file: Path
    name: str
    table: Mapping[str, object]

    def only(self, *fields: str) -> None:
        """Refuse any other field, so that a misspelt one is not silently without effect."""
        for field in self.table:
            if field not in fields:
                raise UnknownField(self.file, self.name, field, fields)

    def text(self, field: str) -> str:
        """A text that is not empty."""
        return self._is_text(field, self._given(field, "a text"))

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of at least one text."""
        return tuple(self._is_text(field, text) for text in self._listed(field, "a list of texts"))

    def choice(self, field: str, known: tuple[_Choice, ...]) -> _Choice:
        """One text of a closed list."""
        return self._chosen(field, self.text(field), known)

    def choices(self, field: str, known: tuple[_Choice, ...]) -> tuple[_Choice, ...]:
        """A list of texts, each of a closed list and none twice."""
        texts = self.texts(field)
        for text in texts:
            if texts.count(text) > 1:
                raise RepeatedChoice(self.file, self.name, field, text)
        return tuple(self._chosen(field, text, known) for text in texts)

    def entry(self, field: str) -> "Entry":
        """A table inside this one."""
        return self._nested(field, field, self._given(field, f"a table [{field}]"))

    def entries(self, field: str) -> tuple["Entry", ...]:
        """A list of at least one table; an empty one would be green by omission."""
        tables = self._listed(field, f"a table [[{field}]]")
        return tuple(
            self._nested(field, f"{field} {number} of {self.name}", table)
            for number, table in enumerate(tables, 1)
        )

    def _given(self, field: str, wanted: str) -> object:
        value = self.table.get(field)
        if value is None or value in ("", [], {}):
            raise MissingField(self.file, self.name, field, wanted)
        return value

    def _listed(self, field: str, wanted: str) -> list[object]:
        value = self._given(field, wanted)
        if not isinstance(value, list):
            raise WrongType(self.file, self.name, field, value, wanted)
        return value

    def _is_text(self, field: str, value: object) -> str:
        if not isinstance(value, str):
            raise WrongType(self.file, self.name, field, value, "a text")
        if is_stub(value):
            raise NotFilledIn(self.file, self.name, field, value)
        return value

    def _chosen(self, field: str, value: str, known: tuple[_Choice, ...]) -> _Choice:
        for choice in known:
            if choice == value:
                return choice
        raise UnknownChoice(self.file, self.name, field, value, known)

    def _nested(self, field: str, place: str, value: object) -> "Entry":
        if not isinstance(value, dict):
            raise WrongType(self.file, self.name, field, value, "a table")
        id = value.get("id")
        return Entry(self.file, id if isinstance(id, str) and id else place, value)
