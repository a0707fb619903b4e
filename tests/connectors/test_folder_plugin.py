"""`folder` as a plugin of the host."""

from __future__ import annotations

import subprocess
import sys

import jsonschema_rs
from folder_runs import COMMAND, Folder, environment, message, reaction

from pdpp_plugins.connectors.folder import plugin


def test_registers_one_connector() -> None:
    """The plugin registers `folder`, started by the Python that runs the host."""
    (connector,) = plugin.register_connectors()
    assert connector.key == "folder"
    assert connector.command == COMMAND
    assert connector.environment == {}


def test_manifest_says_what_the_connector_does() -> None:
    """The manifest declares two append-only streams that can be narrowed by channel and by field."""
    manifest = plugin.register_connectors()[0].manifest
    assert manifest.runtime_requirements.bindings == ("filesystem",)
    assert manifest.refresh_policy
    assert manifest.refresh_policy.maximum_staleness_seconds == 86400
    assert [stream.name for stream in manifest.streams] == ["messages", "reactions"]
    for stream in manifest.streams:
        assert stream.semantics == "append_only"
        assert stream.incremental
        assert stream.primary_key == ("channel", "id")
        assert stream.consent_time_field == "at"
        assert stream.resource_field == "channel"
        assert stream.selection
        assert stream.selection.resources
        assert stream.selection.fields
        assert stream.coverage_authority is None


def test_records_hold_against_the_manifest(folder: Folder) -> None:
    """Every record that the program emits is valid against its stream's schema."""
    folder.add("a", message(1), message(2, reply_to="m1", extra=1), message(3, "whenever"))
    folder.add("a", reaction(1), stream="reactions")
    records = folder.run().said("RECORD")
    assert len(records) == 4
    manifest = plugin.register_connectors()[0].manifest
    for stream in manifest.streams:
        validator = jsonschema_rs.validator_for(stream.schema, validate_formats=True)
        for record in (record for record in records if record["stream"] == stream.name):
            validator.validate(record["data"])
            assert record["key"] == [record["data"][name] for name in stream.primary_key]


def test_the_program_is_light() -> None:
    """The program imports nothing but the standard library, and none of its slow modules."""
    heavy = {
        "typing",
        "dataclasses",
        "datetime",
        "inspect",
        "logging",
        "pdpp_host",
        "msgspec",
        "pluggy",
        "socket",
    }
    code = "import sys, pdpp_plugins.connectors.folder.__main__; print(*sys.modules)"
    command = [sys.executable, "-P", "-S", "-c", code]
    child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if child.returncode:  # an editable install is found through site only
        command.remove("-S")
        child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
        heavy = {"pdpp_host", "msgspec", "pluggy", "dataclasses", "datetime"}
    assert not heavy & set(child.stdout.split())
