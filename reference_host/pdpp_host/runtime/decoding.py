"""From a line's bytes to a message, or the rule that the line breaks (design: the wire).

What a line holds is a person's data: no message here repeats more of it than a type or the path of a
field (PR-01, diagnostics).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import msgspec

from pdpp_host.domain.messages import FromConnector, decode_message

_NUL = b"\\u0000"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
# Digits become 0 and all else blank: looking for a long number so costs a tenth of a regular expression.
_ZEROED = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else ord(" ") for byte in range(256))
_LONG_NUMBER = b"0" * 19
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SAID = 200
NESTING = 200


class Undecodable(Exception):
    """A line is no message: `rule` is the rule that it breaks, `stream` the stream that it names."""

    def __init__(self, rule: str, message: str, stream: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message[:_SAID]
        self.stream = stream


def decode(line: bytes) -> tuple[FromConnector, int]:
    """A line's message, and how many characters in it were replaced because no storage can hold them.

    Raises Undecodable with the rule `invalid_utf8`, `invalid_json`, `number_out_of_range`,
    `unknown_message_type` or `invalid_message`.
    """
    try:
        message, replaced = _decoded(line)
        if len(line) > 2 * NESTING and line.count(b"{") + line.count(b"[") > NESTING:
            _check_nesting(message)
        return message, replaced
    except msgspec.ValidationError as error:
        raise _misshapen(line, str(error)) from None
    except UnicodeDecodeError as error:
        raise Undecodable("invalid_utf8", f"byte {error.start} of the line is not UTF-8") from None
    except msgspec.DecodeError as error:
        raise Undecodable("invalid_json", str(error)) from None
    except RecursionError:
        raise Undecodable("invalid_json", "the line nests too deeply") from None


def _decoded(line: bytes) -> tuple[FromConnector, int]:
    # One byte first, for looking for six costs as much as decoding the line.
    if (b"\\" in line and _NUL in line) or _LONG_NUMBER in line.translate(_ZEROED):
        return _decoded_slowly(line)
    try:
        return decode_message(line), 0
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # msgspec refuses lone surrogates, which truncated emoji leave behind; the standard library does not.
        if _SURROGATE.search(line) is None:
            raise
        return _decoded_slowly(line)


def _decoded_slowly(line: bytes) -> tuple[FromConnector, int]:
    replaced = 0

    def clean(value: Any) -> Any:
        nonlocal replaced
        if isinstance(value, str):
            value, found = _UNSTORABLE.subn("\ufffd", value)
            replaced += found
        elif isinstance(value, dict):
            return {clean(name): clean(part) for name, part in value.items()}
        elif isinstance(value, list):
            return [clean(part) for part in value]
        elif isinstance(value, int | float) and not _in_range(value):
            raise Undecodable("number_out_of_range", "a number is beyond a double or 64 bits")
        return value

    return msgspec.convert(clean(_loaded(line)), FromConnector), replaced


def _loaded(line: bytes) -> Any:
    try:
        return json.loads(line.decode(), parse_constant=_no_json)
    except json.JSONDecodeError as error:
        raise Undecodable("invalid_json", f"{error.msg} (char {error.pos})") from None
    except UnicodeDecodeError:
        raise
    except ValueError:  # an integer of more digits than Python converts
        raise Undecodable("number_out_of_range", "a number is beyond a double or 64 bits") from None


def _no_json(name: str) -> Any:
    raise Undecodable("invalid_json", f"{name} is no JSON value")


def _in_range(number: float) -> bool:
    return -(2**63) <= number < 2**64 if isinstance(number, int) else math.isfinite(number)


def _check_nesting(message: FromConnector) -> None:
    """Raises RecursionError for what could be read here and not again where the stack is deeper."""
    level: list[Any] = [list(msgspec.structs.astuple(message))]
    for _ in range(NESTING):
        level = [
            part
            for whole in level
            for part in (whole.values() if isinstance(whole, dict) else whole)
            if isinstance(part, dict | list)
        ]
    if level:
        raise RecursionError


def _misshapen(line: bytes, error: str) -> Undecodable:
    """The rule behind a validation error, which may come before an error of syntax further on."""
    if error.startswith("Number out of range"):
        return Undecodable("number_out_of_range", "a number is beyond a double or 64 bits")
    try:
        raw = msgspec.json.decode(line)
    except msgspec.DecodeError as syntax:
        if _SURROGATE.search(line) is None:
            return Undecodable("invalid_json", str(syntax))
        raw = None
    except (UnicodeDecodeError, RecursionError):
        raw = None
    stream = raw.get("stream") if isinstance(raw, dict) else None
    unknown = error.startswith("Invalid value") and error.endswith("at `$.type`")
    rule = "unknown_message_type" if unknown else "invalid_message"
    return Undecodable(rule, error, stream if isinstance(stream, str) else None)
