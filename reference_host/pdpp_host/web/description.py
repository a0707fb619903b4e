"""`GET /openapi.json`: every route, told from the structs by which it is served."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, get_origin

import msgspec

from pdpp_host import __version__
from pdpp_host.web.calls import Call, Operation, Query
from pdpp_host.web.errors import STATUS
from pdpp_host.web.shapes.refusals import Error

_REFERENCE = "#/components/schemas/{name}"


def describing(served: Sequence[Operation]) -> Operation:
    """The operation that describes these operations and itself."""

    def describe(call: Call) -> dict[str, Any]:
        """Describe every route of this host as OpenAPI 3.1."""
        storage = call.host.services.storage
        info = {
            "title": "pdpp-host",
            "version": __version__,
            "x-storage": {"name": storage.name, "version": storage.version},
        }
        return {"openapi": "3.1.0", "info": info, **told()}

    # When it is first asked for: a host starts without it, and most are never asked.
    told = cache(lambda: _described((*served, itself)))
    itself = Operation("/openapi.json", "GET", "anyone", describe, dict[str, Any])
    return itself


def _described(operations: Sequence[Operation]) -> dict[str, Any]:
    shapes: set[Any] = {
        shape for each in operations for shape in (each.wants, each.gives) if _is_struct(shape)
    }
    ordered = sorted({*shapes, Error}, key=lambda shape: str(shape.__name__))
    _, components = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    for wanted in {each.wants for each in operations if each.wants is not None}:
        # Also where the struct does not say so, since its body is read by hand.
        components[wanted.__name__]["additionalProperties"] = False
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    bearer = {"type": "http", "scheme": "bearer"}
    return {"paths": paths, "components": {"schemas": components, "securitySchemes": {"bearer": bearer}}}


def _operation(each: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": each.function.__name__,
        "summary": (each.function.__doc__ or "").partition("\n")[0],
        "security": [] if each.audience == "anyone" else [{"bearer": []}],
        "x-audience": each.audience,
        "parameters": _parameters(each),
        "responses": {
            str(status): _content("what was asked for", each.gives) for status in (each.status, *each.also)
        }
        | _errors(each),
    }
    if each.streamed:
        anything = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        told["requestBody"] = {"required": True, "content": anything}
    if each.wants is not None:
        required = any(field.required for field in msgspec.structs.fields(each.wants))
        told["requestBody"] = {"required": required, "content": _json(each.wants)}
    return told


def _parameters(each: Operation) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", each.path)
    ]
    in_query = [
        {
            "name": one.name,
            "in": "query",
            "required": one.required,
            "description": one.about,
            "schema": _query_schema(one),
        }
        for one in each.query
    ]
    return in_path + in_query


def _query_schema(one: Query) -> dict[str, Any]:
    names = ("minimum", "maximum") if one.kind == "integer" else ("minLength", "maxLength")
    return {"type": one.kind} | dict(zip(names, one.bounds or (), strict=False))


def _errors(each: Operation) -> dict[str, Any]:
    codes: dict[int, list[str]] = {}
    for code in each.refusals:
        codes.setdefault(STATUS[code], []).append(code)
    return {str(status): _content(", ".join(codes[status]), Error) for status in sorted(codes)}


def _content(about: str, shape: Any) -> dict[str, Any]:
    return {"description": about, "content": _json(shape)}


def _json(shape: Any) -> dict[str, Any]:
    schema = {"$ref": _REFERENCE.format(name=shape.__name__)} if _is_struct(shape) else {"type": "object"}
    return {"application/json": {"schema": schema}}


def _is_struct(shape: Any) -> bool:
    return get_origin(shape) is None and isinstance(shape, type) and issubclass(shape, msgspec.Struct)
