"""The schemas of the wire's messages: valid themselves, kept by the host's structs and by `folder`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest

import pdpp_plugins
from pdpp_host.domain import messages

ROOM = Path(__file__).parents[2] / "features" / "schemas" / "messages"
SCHEMAS: dict[str, dict[str, Any]] = {
    file.stem: json.loads(file.read_bytes()) for file in sorted(ROOM.glob("*.json"))
}
ACTIONS = "retry_by_runtime retry_on_connector_upgrade refresh_credentials manual_action_required"
ACTIONS += " update_selector upstream_unblock not_retriable unknown"


def _structs() -> dict[str, Any]:
    structs = [messages.Start, messages.InteractionResponse, *get_args(messages.FromConnector)]
    infos = [msgspec.inspect.type_info(struct) for struct in structs]
    return {str(info.tag).lower(): info.cls for info in infos if isinstance(info, msgspec.inspect.StructType)}


STRUCTS = _structs()

Form = frozenset[Any]


def form(schema: dict[str, Any], root: dict[str, Any]) -> Form:
    """What a schema allows, whatever way it is written: its alternatives, with names, required and enums."""
    if "$ref" in schema:
        return form(root["$defs"][schema["$ref"].removeprefix("#/$defs/")], root)
    if "properties" in schema:
        properties = {name: form(part, root) for name, part in schema["properties"].items()}
        return frozenset([("object", frozenset(properties.items()), frozenset(schema.get("required", ())))])
    if "anyOf" in schema:
        return frozenset().union(*(form(part, root) for part in schema["anyOf"]))
    if "const" in schema:
        return frozenset([("enum", frozenset([schema["const"]]))])
    if "enum" in schema:
        return frozenset([("enum", frozenset(schema["enum"]))])
    kinds = schema.get("type", "anything")
    items = form(schema["items"], root) if "items" in schema else None
    return frozenset(
        ("array", items) if kind == "array" else kind
        for kind in ([kinds] if isinstance(kinds, str) else kinds)
    )


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_a_schema(name: str) -> None:
    """Every file is a valid JSON Schema 2020-12, named by its message, that lets unknown fields pass."""
    schema = SCHEMAS[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"pdpp-tck:messages/{name}"
    assert schema["title"] == name.upper()
    assert schema["properties"]["type"] == {"const": name.upper()}
    assert "type" in schema["required"]
    assert "additionalProperties" not in schema
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)


def test_every_message_has_its_schema() -> None:
    """The host's structs and the files name the same messages, but for what only deployed hosts send."""
    assert SCHEMAS.keys() - {"detail_gaps_page_response"} == STRUCTS.keys() - {"detail_gaps_page_response"}


@pytest.mark.parametrize("name", STRUCTS)
def test_struct_holds_against_its_schema(name: str) -> None:
    """Each struct has its schema's properties, required ones, enums and kinds, at every depth."""
    struct = msgspec.json.schema(STRUCTS[name])
    assert form(SCHEMAS[name], SCHEMAS[name]) == form(struct, struct)


def test_a_changed_struct_is_seen() -> None:
    """The comparison is not blind: a lost property, requirement or enum value makes two forms differ."""
    schema = SCHEMAS["done"]
    changed = [json.loads(json.dumps(schema)) for _ in range(5)]
    changed[0]["properties"].pop("error")
    changed[1]["required"].remove("status")
    changed[2]["properties"]["status"]["enum"].remove("cancelled")
    changed[3]["$defs"]["error"]["required"].remove("retryable")
    changed[4]["$defs"]["action"]["enum"].remove("unknown")
    for other in changed:
        assert form(other, other) != form(schema, schema)


def test_recovery_hints() -> None:
    """A hint is one of the eight actions, alone or with a word on retrying."""
    validator = jsonschema_rs.Draft202012Validator(SCHEMAS["skip_result"])
    for action in ACTIONS.split():
        assert validator.is_valid({"type": "SKIP_RESULT", "recovery_hint": action})
        assert validator.is_valid(
            {"type": "SKIP_RESULT", "recovery_hint": {"action": action, "retryable": True}}
        )
    for hint in ("retry", {"retryable": True}, {"action": "retry"}, 3):
        assert not validator.is_valid({"type": "SKIP_RESULT", "recovery_hint": hint})


def test_record_needs_data_unless_it_deletes() -> None:
    """`data` may be absent on a delete only, and a key is a string or strings."""
    validator = jsonschema_rs.Draft202012Validator(SCHEMAS["record"])
    record = {"type": "RECORD", "stream": "s", "key": ["a", "b"], "emitted_at": "2026-01-01T00:00:00Z"}
    assert validator.is_valid({**record, "data": {}, "later": "ignored"})
    assert validator.is_valid({**record, "op": "delete"})
    assert not validator.is_valid(record)
    assert not validator.is_valid({**record, "op": "upsert"})
    assert not validator.is_valid({**record, "data": {}, "op": "replace"})
    assert not validator.is_valid({**record, "data": {}, "key": ["a", 1]})
    assert not validator.is_valid({**record, "data": {}, "type": "STATE"})


def test_start_needs_streams() -> None:
    """A scope names at least one stream, and never an empty list of resources."""
    validator = jsonschema_rs.Draft202012Validator(SCHEMAS["start"])
    start = _start("/")
    assert validator.is_valid(start)
    assert validator.is_valid({**start, "state": {}})
    assert not validator.is_valid({**start, "scope": {"streams": []}})
    assert not validator.is_valid({**start, "scope": {"streams": [{"name": "s", "resources": []}]}})


def test_folder_emits_valid_messages_only(tmp_path: Path) -> None:
    """Every line of runs of `folder`, with gaps and without, clean and refused, holds against its schema."""
    (tmp_path / "a").mkdir()
    line = {"id": "1", "at": "2026-01-01T00:00:00Z", "author": "x", "text": "y"}
    (tmp_path / "a" / "messages.jsonl").write_text(json.dumps(line) + "\noops\n")
    high = {"offset": 0, "digest": "", "newest": None}
    said = _run({**_start(str(tmp_path)), "state": {"messages": {"partitions": {"gone": high}}}})
    said += _run(_start(str(tmp_path / "absent")))
    assert {m["type"] for m in said} == {"RECORD", "SKIP_RESULT", "PROGRESS", "STATE", "DONE"}
    for message in said:
        jsonschema_rs.Draft202012Validator(SCHEMAS[message["type"].lower()]).validate(message)
        assert messages.decode_message(json.dumps(message)) is not None


def _start(root: str) -> dict[str, Any]:
    return {
        "type": "START",
        "run_id": "run_1",
        "collection_mode": "full_refresh",
        "scope": {"streams": [{"name": "messages"}, {"name": "reactions"}]},
        "state": None,
        "bindings": {"filesystem": {"root": root}},
        "detail_gaps": [],
    }


def _run(start: dict[str, Any]) -> list[dict[str, Any]]:
    child = subprocess.run(
        [sys.executable, "-P", "-m", "pdpp_plugins.connectors.folder"],
        input=json.dumps(start).encode(),
        capture_output=True,
        env=_environment(),
        timeout=60,
        check=False,
    )
    return [json.loads(line) for line in child.stdout.splitlines()]


def _environment() -> dict[str, str]:
    """The child's environment; it names the source root where nothing is installed."""
    try:
        metadata.distribution("pdpp-tck")
    except metadata.PackageNotFoundError:
        return {**os.environ, "PYTHONPATH": str(Path(pdpp_plugins.__path__[0]).parent)}
    return dict(os.environ)
