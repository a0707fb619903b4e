"""A connector's own source, where no driver arranges one: a look at what it emits tells what can be asked.

The look is a run on a connection of its own, so that the judged one begins without a cursor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from pdpp_tck.evidence.views import RunView
from pdpp_tck.monitor.bounds import as_text, instant, key_text
from pdpp_tck.subject import Connector, Unarrangeable

ARRANGE = "name one with --source-driver, or in [source] of pdpp-tck.toml"
Stream = dict[str, Any]
Record = dict[str, Any]


class OwnSource:
    """What one look showed; names of partitions stand for the resources that were seen, in their order."""

    def __init__(self, connector: Connector, home: Path, look: Callable[[], dict[str, Any]]) -> None:
        self._streams: list[Stream] = connector.manifest["streams"]
        self._where, self._home, self._look = connector.where, home, look
        self._records: list[Record] | None = None
        self._named: dict[str, str] = {}

    def where(self) -> dict[str, str]:
        """The source that the connection is configured with: the one that was named, or an empty folder."""
        if not self._where:
            self._home.mkdir(exist_ok=True)
        return self._where or {"root": str(self._home)}

    def resource(self, name: str) -> tuple[str, str]:
        """The stream whose resources can be chosen, and a resource of its that stands for this name."""
        stream = self._stream("resources can be chosen", _selects("resources"))
        found = [resource for resource in self._resources(stream) if resource not in self._named.values()]
        if name not in self._named:
            if not found:
                self._lacks(f"no {'further ' if self._named else ''}resource of stream {stream['name']!r}")
            self._named[name] = found[0]
        return stream["name"], self._named[name]

    def records(self, name: str) -> tuple[str, list[Any]]:
        """The stream and the keys of the records that lie within the resource of this name."""
        name_, resource = self.resource(name)
        stream = next(stream for stream in self._streams if stream["name"] == name_)
        return name_, [r["key"] for r in self._of(stream) if _resource(r, stream) == resource]

    def required_fields(self) -> tuple[str, list[str]]:
        """The stream whose fields can be chosen, and the fewest that its schema and key allow."""
        stream = self._stream("fields can be chosen", _selects("fields"))
        return stream["name"], list(stream["schema"].get("required") or stream["primary_key"])

    def since(self) -> tuple[str, str]:
        """The stream that has a time, and the time of a record in the middle of what was seen of it."""
        stream = self._stream("a time is declared", lambda s: bool(s.get("consent_time_field")))
        times = [r["data"].get(stream["consent_time_field"]) for r in self._of(stream)]
        known = sorted((at for at in times if instant(at) is not None), key=lambda at: instant(at) or (0, ""))
        if not known:
            self._lacks(f"no time in stream {stream['name']!r}")
        return stream["name"], known[len(known) // 2]

    def _resources(self, stream: Stream) -> list[str]:
        return list(dict.fromkeys(filter(None, (_resource(r, stream) for r in self._of(stream)))))

    def _stream(self, what: str, suits: Callable[[Stream], bool]) -> Stream:
        """The first stream that suits and of which a record was seen."""
        suitable = [stream for stream in self._streams if suits(stream)]
        found = next((stream for stream in suitable if any(True for _ in self._of(stream))), None)
        if found is None:
            self._lacks(f"no record of a stream in which {what}")
        return found

    def _lacks(self, what: str) -> NoReturn:
        told = f"no source driver, and its own source shows {what}"
        raise Unarrangeable(f"{told}; {ARRANGE}, or fill its source")

    def _of(self, stream: Stream) -> Iterator[Record]:
        if self._records is None:
            said = [line.message or {} for line in RunView(self._look()).said("RECORD")]
            self._records = [message for message in said if isinstance(message.get("data"), dict)]
        return (record for record in self._records if record.get("stream") == stream["name"])


def _selects(part: str) -> Callable[[Stream], bool]:
    return lambda stream: bool((stream.get("selection") or {}).get(part))


def _resource(record: Record, stream: Stream) -> str | None:
    """The resource of a record: the declared field's value, or where none is declared its key."""
    field = (stream.get("selection") or {}).get("resource_field")
    return as_text(record["data"].get(field)) if field else key_text(record.get("key"))
