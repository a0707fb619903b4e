"""A connector's manifest as a user names it: what a host would refuse it for is told before any run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs

from pdpp_tck.options import UsageError

DEEPEST = 200
"""How deep a manifest may be nested: schemas that are deeper do not compile."""


TOLD = 1000
"""How many characters of a value are shown."""


def read_manifest(path: Path, schema: Path) -> dict[str, Any]:
    """The manifest in a file, which fits `schema`; raises UsageError with file, place and remedy."""
    manifest = _decoded(path)
    for where, what in _problems(manifest, schema):
        raise UsageError(f"--manifest {path}: at {_short(where)}: {_short(what)}")
    found: dict[str, Any] = manifest
    return found


def _short(told: str) -> str:
    """What is wrong may be quoted whole, and may be a megabyte."""
    return told if len(told) <= TOLD else f"{told[: TOLD // 2]} … {told[-TOLD // 2 :]}"


def _decoded(path: Path) -> Any:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except (OSError, ValueError) as error:
        raise UsageError(f"--manifest {path}: cannot be read as JSON: {error}") from None
    except RecursionError:
        raise UsageError(f"--manifest {path}: {_TOO_DEEP}") from None
    if _deeper(manifest, DEEPEST):
        raise UsageError(f"--manifest {path}: {_TOO_DEEP}")
    try:
        json.dumps(manifest, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        what = f"holds {half}, which is half a character; write both halves or neither"
        raise UsageError(f"--manifest {path}: {what}") from None
    return manifest


_TOO_DEEP = f"is nested more than {DEEPEST} deep; make it flatter"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number; write one or leave it out")


def _deeper(value: Any, levels: int) -> bool:
    """Whether a value is nested deeper than so many levels, found without recursion."""
    layer = [value]
    for _ in range(levels):
        layer = [part for each in layer for part in _parts(each)]
        if not layer:
            return False
    return True


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _problems(manifest: Any, schema: Path) -> Iterator[tuple[str, str]]:
    """(place, what is wrong and what to do), each only where nothing before it is wrong."""
    validator = jsonschema_rs.validator_for(json.loads(schema.read_text(encoding="utf-8")))
    for wrong in validator.iter_errors(manifest):
        yield _place(*wrong.instance_path), wrong.message
    streams = manifest["streams"]
    for name, count in Counter(stream["name"] for stream in streams).items():
        if count > 1:
            yield "streams", f"{count} streams are named {name!r}; give each a name of its own"
    for number, stream in enumerate(streams):
        yield from _schema(number, stream["schema"])


def _schema(number: int, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A stream's schema is compiled as hosts compile it: formats count, nothing is fetched."""
    try:
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    except jsonschema_rs.ValidationError as error:
        yield _place("streams", number, "schema", *error.instance_path), _mend(error.message)
    except ValueError as error:
        yield _place("streams", number, "schema"), _mend(str(error).partition("\n")[0])


def _mend(said: str) -> str:
    return f"no JSON Schema 2020-12: {said}; mend the schema, a record is held against it"


def _place(*path: object) -> str:
    return "/".join(map(str, path)) or "the top"
