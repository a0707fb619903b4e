"""docs/wire.md says what the schemas say, no field less and none more."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest
from pages import blocks, codes, page, sections, table

import pdpp_host
from pdpp_host.domain.endings import TerminalReason
from pdpp_host.domain.gaps import INFORMATIONAL
from pdpp_host.domain.manifest import Manifest
from pdpp_host.runtime import lines
from pdpp_host.runtime.launch import ALLOWED_ENVIRONMENT, EXIT_SECONDS
from pdpp_host.services import Services

ROOM = Path(__file__).parents[2] / "features" / "schemas" / "messages"
SCHEMAS: dict[str, dict[str, Any]] = {
    file.stem.upper(): json.loads(file.read_bytes()) for file in sorted(ROOM.glob("*.json"))
}
PAGE = page("wire.md")
SECTIONS = {title: text for title, text in sections(PAGE, 3).items() if title.isupper()}
TOP = sections(PAGE, 2)


@dataclass(frozen=True)
class Field:
    """What is told of a field: whether it is required, and the values that are allowed where few are."""

    required: bool
    values: frozenset[str]


def fields_of(schema: dict[str, Any]) -> dict[str, Field]:
    """A schema's fields at every depth, as dotted paths; `type` itself is left out."""
    found = dict(_fields(schema, schema, ""))
    found.pop("type", None)
    return found


def _fields(schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[tuple[str, Field]]:
    for name, part in schema.get("properties", {}).items():
        path = f"{at}{name}"
        forms = list(_forms(part, root))
        objects = [form for form in forms if "properties" in form]
        values = frozenset() if objects else frozenset(map(_text, _values(forms)))
        yield path, Field(name in schema.get("required", ()), values)
        for form in forms:
            yield from _fields(form, root, f"{path}.")
            for item in _forms(form.get("items", {}), root):
                yield from _fields(item, root, f"{path}[].")


def _forms(schema: dict[str, Any], root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The alternatives of a schema, with names followed."""
    if "$ref" in schema:
        yield from _forms(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    elif "anyOf" in schema and "properties" not in schema:
        for part in schema["anyOf"]:
            yield from _forms(part, root)
    else:
        yield schema


def _values(forms: list[dict[str, Any]]) -> Iterator[Any]:
    for form in forms:
        yield from (value for value in form.get("enum", ()) if value is not None)
        if "const" in form:
            yield form["const"]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def told(section: str) -> dict[str, Field]:
    """The fields in a section's table."""
    rows = table(section)
    assert len({row["field"] for row in rows}) == len(rows), "a field stands twice"
    assert {row["required"] for row in rows} <= {"yes", "no"}
    assert all(row["meaning"] for row in rows)
    return {row["field"]: Field(row["required"] == "yes", frozenset(codes(row["shape"]))) for row in rows}


def extensions() -> set[str]:
    """The messages that the page names as extensions."""
    return set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)*\b", TOP["Extensions"]))


def test_every_message_is_on_the_page() -> None:
    """A section for each schema or a place among the extensions, and nothing that has no schema."""
    assert SECTIONS.keys() | extensions() == SCHEMAS.keys()
    assert not SECTIONS.keys() & extensions()


@pytest.mark.parametrize("name", SECTIONS)
def test_fields_are_those_of_the_schema(name: str) -> None:
    """Each message's table has the schema's fields, its required ones, and all allowed values."""
    assert told(SECTIONS[name]) == fields_of(SCHEMAS[name])


@pytest.mark.parametrize("name", sorted(extensions()))
def test_extensions_have_no_fields_to_tell(name: str) -> None:
    """What stands in a list without a table has nothing but its type."""
    assert fields_of(SCHEMAS[name]) == {}


def test_the_manifest_is_the_hosts() -> None:
    """The manifest's table has the fields of the host's structs, required ones and values."""
    schema = msgspec.json.schema(Manifest)
    assert told(TOP["The manifest"]) == fields_of(schema["$defs"]["Manifest"] | {"$defs": schema["$defs"]})


def test_a_lost_field_is_seen() -> None:
    """The comparison is not blind: without a row, a mark or a value two tellings differ."""
    section = SECTIONS["DONE"]
    for old, new in [
        ("| error.code |", "| error.kind |"),
        ("`cancelled`", ""),
        ("| error.message | text | yes", "| error.message | text | no"),
    ]:
        assert old in section
        assert told(section.replace(old, new)) != fields_of(SCHEMAS["DONE"])


def test_terminal_reasons() -> None:
    """Every reason for which a run can end is told, and no other."""
    rows = table(TOP["How a run ends for the owner"])
    assert {row["reason"] for row in rows} == set(get_args(TerminalReason))


def test_violation_rules_are_the_hosts() -> None:
    """Every rule on the page is one that the host's code names."""
    rules = TOP["How a run ends for the owner"].partition("`violation.rule`:")[2]
    code = "".join(file.read_text() for file in Path(pdpp_host.__path__[0]).rglob("*.py"))
    named = {name for row in table(rules) for name in row["rule"].split(", ")}
    assert len(named) > 15
    assert not {name for name in named if f'"{name}"' not in code}


def test_limits_and_lists_in_the_text() -> None:
    """The line limit, the patience after stdout, the environment and the informational reasons are right."""
    limits = {field.name: field.default for field in dataclasses.fields(Services)}
    limit = getattr(lines, "LINE_LIMIT", None) or limits["line_limit"]
    assert f"at most {limit // 1024**2} MiB" in TOP["Lines"]
    assert f"within {EXIT_SECONDS:.0f} seconds" in " ".join(TOP["A run in order"].split())
    seen = re.search(r"environment \(([A-Z_,\s]+)\)", TOP["Where the source is"])
    assert seen is not None
    assert set(seen.group(1).replace("\n", " ").split(", ")) == {*ALLOWED_ENVIRONMENT} - {"SYSTEMROOT"}
    informing = re.search(r"The reasons (.*?) inform", SECTIONS["SKIP_RESULT"])
    assert informing is not None
    assert set(codes(informing.group(1))) == INFORMATIONAL


def test_examples_are_valid() -> None:
    """Every example line is a message of its schema."""
    shown = [json.loads(block.text) for block in blocks(PAGE) if block.info == "json"]
    assert {"START", "RECORD", "STATE", "SKIP_RESULT", "DONE"} == {message["type"] for message in shown}
    for message in shown:
        jsonschema_rs.Draft202012Validator(SCHEMAS[message["type"]]).validate(message)
