"""Shapes: from a line of a stream's file to a record of the stream, as the manifest declares it."""

from __future__ import annotations

import json

from pdpp_plugins.connectors.plain_text import is_plain, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Shape:
    """What a record of one stream looks like: text fields, some of which must be there."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        schema = manifest["schema"]
        self._fields = [name for name in schema["properties"] if name != "channel"]
        self._required = frozenset(schema["required"])

    def record(self, channel: str, line: object) -> dict[str, str] | None:
        """The record that a parsed line holds, or None when it holds none."""
        data = self._data(channel, line) if isinstance(line, dict) else None
        if data is None or is_plain("".join(data.values())):
            return data
        return {name: plain(value) for name, value in data.items()}

    def _data(self, channel: str, line: dict[str, Any]) -> dict[str, str] | None:
        data = {"channel": channel}
        for name in self._fields:
            value = line.get(name)
            if isinstance(value, str):
                data[name] = value
            elif value is not None or name in self._required:
                return None
        return data if data["id"] else None


def parse(raw: bytes) -> object:
    """The JSON value of a line; raises ValueError when it has none."""
    try:
        return json.loads(raw.removeprefix(_BYTE_ORDER_MARK).decode())
    except RecursionError:
        raise ValueError("nested too deep") from None
