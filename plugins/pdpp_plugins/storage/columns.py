"""Column types that keep words, times and JSON as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from pdpp_plugins.storage.errors import Unstorable


class Words(TypeDecorator[str]):
    """Text that is the same on every database, and sorts by code point there; Unstorable for other text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text, told to PostgreSQL to be compared byte by byte, as SQLite does."""
        return _text(dialect)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text itself, once it is known that every database can hold it."""
        return None if value is None else storable(value)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as ISO-8601 text in UTC with microseconds, so that text order is time order."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text that is compared byte by byte."""
        return _text(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """The text of an aware datetime; ValueError for a naive one."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """The aware datetime that was stored."""
        return None if value is None else datetime.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A value of `shape`, kept as JSON text and read back as that shape."""

    impl = Text
    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape
        self._decoder = msgspec.json.Decoder(shape)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The JSON text of a value; None stays NULL."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value that was stored."""
        return None if value is None else self._decoder.decode(value)


def storable(text: str) -> str:
    """The text, unless it holds a character that not every database can: Unstorable."""
    if "\0" in text:
        raise Unstorable("text with a NUL in it cannot be stored")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Unstorable("text with a lone surrogate in it cannot be stored") from error
    return text


def instant_text(at: datetime) -> str:
    """An aware datetime as it is stored; ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError(f"time {at!r} has no offset from UTC; pass an aware datetime")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def json_text(value: Any) -> str:
    """A value as the JSON text that is stored."""
    return msgspec.json.encode(value).decode()


def _text(dialect: Dialect) -> Text:
    return Text(collation="C") if dialect.name == "postgresql" else Text()
