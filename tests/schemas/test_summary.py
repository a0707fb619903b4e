"""The schema of a summary: valid itself, and the very shape of the host's struct."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import msgspec
from test_messages import form

from pdpp_host.summaries import Summary

SCHEMA = json.loads((Path(__file__).parents[2] / "features" / "schemas" / "summary.json").read_bytes())


def test_schema_is_a_schema() -> None:
    """It is valid JSON Schema 2020-12 and compiles."""
    jsonschema_rs.meta.validate(SCHEMA)
    jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True, offline=True)


def test_struct_holds_against_it() -> None:
    """Same properties, required ones, enums and kinds, at every depth."""
    struct = msgspec.json.schema(Summary)
    assert form(SCHEMA, SCHEMA) == form(struct, struct)


def test_no_definition_is_idle() -> None:
    """Every definition is one that a row uses."""
    text = json.dumps(SCHEMA)
    assert all(f'"#/$defs/{name}"' in text for name in SCHEMA["$defs"])
