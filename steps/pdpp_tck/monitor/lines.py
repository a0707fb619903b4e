"""From a noted line to a message: UTF-8, one JSON object, numbers that everybody can hold (CP-02)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from pdpp_tck.monitor.heard import BLANK, LINE_LIMIT

NESTING = 200
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class NoMessage(Exception):
    """A line holds no message; the text says why."""


def message_of(text: str) -> dict[str, Any] | None:
    """The JSON object in a line, None for a blank line; raises NoMessage for anything else.

    NUL and lone surrogates, which truncated emoji leave behind, are U+FFFD in it, as hosts store them.
    """
    if not text.strip(BLANK):
        return None
    if len(text) > LINE_LIMIT // 4 and len(text.encode("utf-8", "surrogatepass")) > LINE_LIMIT:
        raise NoMessage(f"the line is longer than {LINE_LIMIT} bytes")
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise NoMessage("the line nests too deeply") from None
    except json.JSONDecodeError as error:
        raise NoMessage(f"the line is not JSON: {error.msg} (character {error.pos + 1})") from None
    except ValueError:  # an integer of more digits than Python converts
        raise NoMessage("a number is beyond a double or 64 bits") from None
    if not isinstance(value, dict):
        raise NoMessage(f"the line holds {_kind(value)}, not an object")
    if not all(map(_holdable, _numbers(value))):
        raise NoMessage("a number is beyond a double or 64 bits")
    # Escaped, or as they stand in a transcript that somebody wrote by hand.
    unstorable = "\\u" in text or not (text.isascii() or _UNSTORABLE.search(text) is None)
    cleaned: dict[str, Any] = _cleaned(value) if unstorable else value
    return cleaned


def _refuse(name: str) -> Any:
    raise NoMessage(f"the line is not JSON: {name} is no JSON value")


def _numbers(value: dict[str, Any]) -> Iterator[float]:
    """Every number in a message; raises NoMessage where it nests too deeply to be read everywhere."""
    level: list[Any] = [value]
    for _ in range(NESTING):
        parts = [part for whole in level for part in (whole.values() if isinstance(whole, dict) else whole)]
        yield from (part for part in parts if isinstance(part, int | float))
        level = [part for part in parts if isinstance(part, dict | list)]
        if not level:
            return
    raise NoMessage("the line nests too deeply")


def _holdable(number: float) -> bool:
    return -(2**63) <= number < 2**64 if isinstance(number, int) else math.isfinite(number)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(part) for name, part in value.items()}
    return [_cleaned(part) for part in value] if isinstance(value, list) else value


def _kind(value: Any) -> str:
    names = {str: "a text", list: "an array", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
