"""What a folder shows of a connector: its manifest, and the command that probably starts it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INTERPRETERS = {".js": "node", ".mjs": "node", ".cjs": "node", ".py": "python3", ".sh": "sh", ".rb": "ruby"}
_LOOKED_AT = 200
_LONGEST = 1024 * 1024


class NothingFound(Exception):
    """The folder does not show what is needed; one sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A connector: where its manifest lies, what that says, how it is probably started."""

    path: Path
    manifest: dict[str, Any]
    command: tuple[str, ...]

    @property
    def stream(self) -> dict[str, Any]:
        """The stream to begin with: the first whose partitions can be chosen, else the first."""
        streams: list[dict[str, Any]] = self.manifest["streams"]
        return next((each for each in streams if (each.get("selection") or {}).get("resources")), streams[0])


def look(folder: Path, manifest: Path | None, command: tuple[str, ...]) -> Found:
    """What is found in a folder beside what is given; raises NothingFound."""
    path, decoded = _manifest(folder, manifest)
    return Found(path, decoded, command or _command(folder))


def _manifest(folder: Path, named: Path | None) -> tuple[Path, dict[str, Any]]:
    candidates = [named] if named else list(_files(folder, (".json",)))
    found = [(path, manifest) for path in candidates if (manifest := _read(path)) is not None]
    if len(found) == 1:
        return found[0]
    if named:
        raise NothingFound(f"{named}: is no manifest: a JSON object with connector_key and streams is wanted")
    if found:
        told = ", ".join(str(path) for path, _ in found)
        raise NothingFound(f"there are several manifests, {told}; name one with --manifest FILE")
    raise NothingFound(
        "no manifest is here, a JSON file with connector_key and streams; write one (docs/wire.md tells its "
        "fields) or name it with --manifest FILE"
    )


def _read(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > _LONGEST:
            return None
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    streams = value.get("streams") if isinstance(value, dict) and "connector_key" in value else None
    named = isinstance(streams, list) and bool(streams) and all(_names(stream) for stream in streams)
    return value if named else None


def _names(stream: Any) -> bool:
    return isinstance(stream, dict) and isinstance(stream.get("name"), str)


def _command(folder: Path) -> tuple[str, ...]:
    """The one program of the folder; raises NothingFound where there is none, or there are several."""
    programs = [path for path in _files(folder, tuple(INTERPRETERS)) if ".test." not in path.name]
    programs += [path for path in _files(folder, ("",)) if os.access(path, os.X_OK)]
    if len(programs) == 1:
        (program,) = programs
        interpreter = INTERPRETERS.get(program.suffix)
        return (interpreter, str(program)) if interpreter else (f"./{program}",)
    told = ", ".join(map(str, programs)) or "no program is here"
    raise NothingFound(f"which command starts the connector? ({told}); give it: pdpp-tck init -- COMMAND")


def _files(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Files of the folder itself with one of these endings, named relative to it."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())[:_LOOKED_AT]
    return (Path(name) for name in names if Path(name).suffix in suffixes and not name.startswith("."))
