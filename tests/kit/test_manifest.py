"""Manifests that a host would refuse are refused before any run, with file, place and remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kit_runs import ROOT, WRONG, Kit

from pdpp_tck.manifest import read_manifest
from pdpp_tck.options import UsageError

SCHEMA = ROOT / "features" / "schemas" / "manifest.json"
GOOD: dict[str, Any] = json.loads((WRONG / "manifest.json").read_text())


def told(path: Path) -> str:
    """How the manifest in a file is refused."""
    with pytest.raises(UsageError) as refused:
        read_manifest(path, SCHEMA)
    return str(refused.value)


def written(folder: Path, text: str) -> Path:
    path = folder / "m.json"
    path.write_text(text, encoding="utf-8")
    return path


def with_schema(schema: Any) -> str:
    return json.dumps(GOOD | {"streams": [GOOD["streams"][0] | {"schema": schema}]})


@pytest.mark.parametrize(
    ("schema", "place", "what"),
    [
        ({"properties": {"id": {"pattern": "("}}}, "streams/0/schema/properties/id/pattern", "regex"),
        ({"$ref": "#/$defs/nowhere"}, "streams/0/schema", "'/$defs/nowhere' does not exist"),
        ({"$ref": "https://example.org/s"}, "streams/0/schema", "cannot fetch https://example.org/s"),
        ({"required": "id"}, "streams/0/schema/required", 'is not of type "array"'),
        ({"type": "strnig"}, "streams/0/schema/type", "strnig"),
    ],
)
def test_a_schema_that_does_not_compile(tmp_path: Path, schema: Any, place: str, what: str) -> None:
    """The place is that within the manifest, and nothing is fetched."""
    path = written(tmp_path, with_schema(schema))
    said = told(path)
    assert said.startswith(f"--manifest {path}: at {place}: no JSON Schema 2020-12: ")
    assert what in said
    assert "mend the schema" in said


def test_two_streams_of_one_name(tmp_path: Path) -> None:
    """Records name their stream, so names are unique."""
    path = written(tmp_path, json.dumps(GOOD | {"streams": GOOD["streams"] * 2}))
    assert told(path) == (
        f"--manifest {path}: at streams: 2 streams are named 'messages'; give each a name of its own"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"connector_key": "a", "\\ud800": 1}', r"holds \ud800, which is half a character"),
        ('{"a":' * 2000 + "1" + "}" * 2000, "nested more than 200 deep"),
        (json.dumps(GOOD | {"x": 1})[:-2] + "[" * 300 + "]" * 300 + "}", "nested more than 200 deep"),
        ('{"connector_key": NaN}', "NaN is no JSON number"),
        ("\x00", "cannot be read as JSON"),
    ],
)
def test_text_that_no_host_would_read(tmp_path: Path, text: str, what: str) -> None:
    """Half characters, text that is nested too deep, and what is no JSON at all."""
    path = written(tmp_path, text)
    said = told(path)
    assert said.startswith(f"--manifest {path}: ")
    assert what in said


def test_a_good_one_is_taken() -> None:
    """And comes back as it was written."""
    assert read_manifest(WRONG / "manifest.json", SCHEMA) == GOOD


@pytest.mark.parametrize("command", ["run", "doctor"])
def test_both_commands_end_2(kit: Kit, tmp_path: Path, command: str) -> None:
    """One line on stderr, and nothing was started."""
    path = written(tmp_path, with_schema({"required": "id"}))
    ran = kit(command, "--manifest", str(path), "--", "true")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"pdpp-tck: --manifest {path}: at streams/0/schema/required: ")
    assert ran.err.count("\n") == 1
