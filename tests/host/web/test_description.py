"""The description, the page, the stage's schema and the code say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import msgspec
import pytest
from starlette.routing import Route

from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application, operations
from pdpp_host.web.errors import STATUS
from pdpp_host.web.shapes.refusals import Error

from ..houses import House, done
from ..runtime.test_violations import CASES
from .callers import OWNER, STAGE, Caller

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "http.md").read_text()
SERVED = operations(staged=True)
# Pages for a person, which the page lists by themselves and the description for programs leaves out.
CONSOLE = {
    ("GET", "/"),
    ("GET", "/console/connections/{connection_id}"),
    ("GET", "/console/style.css"),
    ("POST", "/console/session"),
    ("POST", "/console/session/end"),
}


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.S | re.M)
    assert found is not None, title
    return found.group(1)


def rows(text: str) -> list[list[str]]:
    """The cells of a page's table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def structs() -> dict[str, Any]:
    """Every struct that goes over HTTP, by name."""
    found: dict[str, Any] = {}

    def visit(shape: Any) -> None:
        if isinstance(shape, type) and issubclass(shape, msgspec.Struct) and shape.__name__ not in found:
            found[shape.__name__] = shape
            for field in msgspec.structs.fields(shape):
                visit(field.type)
        for part in get_args(shape):
            visit(part)

    for shape in (Error, *(part for each in SERVED for part in (each.wants, each.gives))):
        visit(shape)
    return found


def test_every_route_is_described(owner: Caller, house: House) -> None:
    """The application's routes are those of the description and the console's, by method and path."""
    described = {
        (method.upper(), path)
        for path, methods in owner.get("/openapi.json").body["paths"].items()
        for method in methods
    }
    routes = application(house.host, Tokens(OWNER, STAGE)).routes
    assert all(isinstance(route, Route) for route in routes)
    assert not described & CONSOLE
    assert described | CONSOLE == {
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }


def test_the_description_is_sound(owner: Caller) -> None:
    """Every reference resolves, every path parameter is declared, every schema is one."""
    body = owner.get("/openapi.json").body
    components = body["components"]["schemas"]
    assert body["openapi"] == "3.1.0"
    assert body["info"]["x-storage"]["name"] == "sqlite"
    for name in re.findall(r"#/components/schemas/(\w+)", json.dumps(body)):
        assert name in components
    for schema in components.values():
        jsonschema_rs.Draft202012Validator(schema | {"components": body["components"]})
    operation_ids = []
    for path, methods in body["paths"].items():
        for told in methods.values():
            operation_ids.append(told["operationId"])
            named = {each["name"] for each in told["parameters"] if each["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))
            assert told["summary"].endswith(".")
    assert len(operation_ids) == len(set(operation_ids))


def test_a_host_without_a_stage_has_no_stage_routes() -> None:
    """Where there is no stage its routes do not exist and are not described."""
    assert not [each for each in operations(staged=False) if each.audience == "stage"]


def test_the_page_has_every_route() -> None:
    """docs/http.md lists each route with its audience, body, answer and errors, and no other."""
    expected = [
        [
            f"`{each.method} {each.path}`",
            each.audience,
            each.wants.__name__ if each.wants else "",
            f"{each.status} {each.gives.__name__}" if each.audience != "anyone" else "200 OpenAPI 3.1",
            " ".join(f"`{code}`" for code in each.refuses),
        ]
        for each in SERVED
    ]
    linked = [[re.sub(r"\[(\w+)\]\(#\w+\)", r"\1", cell) for cell in row] for row in rows(section("Routes"))]
    assert linked == expected


def test_the_page_has_every_page_of_the_console() -> None:
    """docs/http.md lists each route of the console, and no other."""
    listed = {tuple(row[0].strip("`").split(" ")) for row in rows(section("The console"))}
    assert listed == CONSOLE


def test_the_page_has_every_query_parameter() -> None:
    """docs/http.md lists each query parameter with the routes that take it."""
    expected = {(query.name, each.path) for each in SERVED for query in each.query}
    listed = {
        (name.strip("`"), path)
        for name, paths, _ in rows(section("Query parameters"))
        for path in re.findall(r"`([^`]+)`", paths)
    }
    assert listed == expected


def test_the_page_has_every_error() -> None:
    """docs/http.md and the table of errors list the same codes with the same status."""
    listed = {code.strip("`"): int(status) for code, status, _ in rows(section("Errors"))}
    assert listed == STATUS


def test_every_error_belongs_to_a_route() -> None:
    """An error code that no route answers with is none."""
    used = {code for each in SERVED for code in each.refusals} | {"method_not_allowed"}
    assert used == set(STATUS)


def test_every_refusal_in_the_code_has_a_status() -> None:
    """Whatever code the host refuses a request with stands in the table."""
    package = ROOT / "reference_host" / "pdpp_host"
    raised = {
        code
        for file in package.rglob("*.py")
        for code in re.findall(r'RequestRefused\(\s*"(\w+)"', file.read_text())
    }
    assert raised <= set(STATUS)
    assert len(raised) > 10


def test_the_page_has_every_field() -> None:
    """docs/http.md has a table for each body and answer, with exactly its fields."""
    told = {
        name: [row[0] for row in rows(text)]
        for name, text in re.findall(
            r"^### (\w+)\n(.*?)(?=^##|\Z)", section("Bodies and answers"), re.S | re.M
        )
    }
    expected = {
        name: [f"`{each.name}`" + ("" if each.required else "?") for each in msgspec.structs.fields(shape)]
        for name, shape in structs().items()
    }
    assert told == expected


def test_the_page_has_every_rule() -> None:
    """docs/http.md lists the rules that the tests of violations break, each once."""
    assert sorted(row[0].strip("`") for row in rows(section("Violations"))) == sorted(CASES)


def test_the_page_has_every_variable() -> None:
    """docs/http.md lists the environment variables that the host reads."""
    sources = "".join(file.read_text() for file in (ROOT / "reference_host").rglob("*.py"))
    listed = {row[0].strip("`") for row in rows(section("Environment"))}
    assert listed == set(re.findall(r"PDPP_[A-Z_]+", sources))


STAGE_BODIES = json.loads((ROOT / "features" / "schemas" / "stage.json").read_bytes())["$defs"]


def test_the_stage_has_the_operations_of_its_schema(owner: Caller) -> None:
    """stage.json has a body for each operation that the host's stage offers."""
    offered = owner.bearing(STAGE).get("/_stage").body["operations"]
    assert offered == sorted(STAGE_BODIES)
    assert sorted(row[0].strip("`") for row in rows(section("The stage"))) == offered


@pytest.mark.parametrize(
    "body",
    [
        {"connection_id": "{c}", "state": {"notes": {"n": 1}}},
        {"connection_id": "{c}", "state": {}, "path": 0},
        {"connection_id": "{c}"},
        {"state": {}},
        {"connection_id": 5, "state": {}},
        {"connection_id": "{c}", "state": []},
        {"connection_id": "{c}", "state": {"notes": 5}},
        {"connection_id": "{c}", "state": {}, "path": "0"},
        {"connection_id": "{c}", "state": {}, "path": 0.5},
        {"connection_id": "{c}", "state": {}, "extra": 1},
    ],
)
def test_the_host_keeps_the_stages_schema(owner: Caller, house: House, body: dict[str, Any]) -> None:
    """The host takes a stage body exactly where stage.json allows it."""
    connection = house.connect(house.plays(done(0)))
    if body.get("connection_id") == "{c}":
        body = body | {"connection_id": connection}
    allowed = jsonschema_rs.is_valid(STAGE_BODIES["state"], body)
    answer = owner.bearing(STAGE).post("/_stage/state", body)
    assert (answer.status == 200) == allowed
    assert answer.status in (200, 400)
