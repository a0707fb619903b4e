"""Manifests of the kit's own: its scripted connector's, and a stream that no connector has."""

from __future__ import annotations

from typing import Any

SCRIPTED_KEY = "pdpp-tck-scripted"


def unknown_stream(name: str) -> dict[str, Any]:
    """A stream whose resources can be asked for, so that a run of it alone can be."""
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}
    told = {"semantics": "append_only", "schema": schema, "primary_key": ["id"]}
    return {"name": name, **told, "selection": {"resources": True}, "incremental": False}


def scripted_manifest(streams: list[str], resource_field: str | None) -> dict[str, Any]:
    """The manifest of the kit's own connector."""
    properties = {"id": {"type": "string"}, "text": {"type": "string"}}
    if resource_field:
        properties[resource_field] = {"type": "string"}
    schema = {"type": "object", "properties": properties, "required": ["id"]}
    selection = {"resources": True, **({"resource_field": resource_field} if resource_field else {})}
    return {
        "connector_key": SCRIPTED_KEY,
        "version": "1",
        "display_name": "Scripted",
        "streams": [
            {
                "name": name,
                "semantics": "append_only",
                "schema": schema,
                "primary_key": ["id"],
                "selection": selection,
                "incremental": True,
            }
            for name in streams
        ],
    }
