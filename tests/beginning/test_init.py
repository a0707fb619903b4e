"""`init`: a manifest and a command are found, and what is written for them is a file that a run takes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from kit_runs import ROOT
from typer.testing import CliRunner

from pdpp_tck.beginning import look, written
from pdpp_tck.cli import app
from pdpp_tck.plugins import load_plugins, source_drivers
from pdpp_tck.settings import read_settings

MANIFEST: dict[str, Any] = {
    "connector_key": "notes",
    "streams": [
        {"name": "rooms", "primary_key": ["id"], "schema": {}},
        {
            "name": "no tes",
            "primary_key": ["room", "id"],
            "consent_time_field": "ts",
            "selection": {"resources": True, "resource_field": "room"},
            "schema": {"required": ["room", "id", "ts", "body"], "properties": {"ts": {"type": "integer"}}},
        },
    ],
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a manifest, a program, and a JSON file that is no manifest; we are in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "package.json").write_text('{"name": "x", "streams": 7}')
    (tmp_path / "connector.js").write_text("")
    return tmp_path


def init(*arguments: str) -> tuple[int, str]:
    """`pdpp-tck init` where nobody sits at a terminal: its status, and all that it printed."""
    done = CliRunner().invoke(app, ["init", *arguments])
    return done.exit_code, done.output


def test_what_is_found_is_written(project: Path) -> None:
    """The file can be read, and each of its guesses is one that its driver takes."""
    status, told = init()
    assert status == 0, told
    assert told.startswith("wrote pdpp-tck.toml: node connector.js, manifest manifest.json, source files\n")
    settings = read_settings(project / "pdpp-tck.toml")
    assert settings.connector is not None
    assert settings.connector.command == ("node", "connector.js")
    assert settings.source is not None
    assert settings.source.values["key"] == ["{partition}", "{id}"]
    assert settings.source.values["item"] == {"id": "{id}", "ts": "{epoch}", "body": "{text}"}
    assert settings.source.values["path"] == "{partition}/no tes.jsonl"


@pytest.mark.parametrize("driver", ["files", "http", "command"])
def test_every_driver_takes_what_is_written_for_it(project: Path, driver: str) -> None:
    """The keys that `init` writes are the keys that the driver knows."""
    assert init("--source-driver", driver)[0] == 0
    source = read_settings(project / "pdpp-tck.toml").source
    assert source is not None
    found: Any = source_drivers(load_plugins())[driver]
    assert found.configured(source).stream == "no tes"


def test_a_file_that_is_there_is_kept(project: Path) -> None:
    """Only --force writes over it."""
    assert init()[0] == 0
    (project / "pdpp-tck.toml").write_text("# mine\n")
    status, told = init()
    assert (status, (project / "pdpp-tck.toml").read_text()) == (2, "# mine\n")
    assert "is there already" in told
    assert init("--force", "--", "./mine", "--fast")[0] == 0
    told_settings = read_settings(project / "pdpp-tck.toml").connector
    assert told_settings is not None
    assert told_settings.command == ("./mine", "--fast")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "no manifest is here"),
        (
            lambda folder: shutil.copy(folder / "manifest.json", folder / "b.json"),
            "there are several manifests",
        ),
        (lambda folder: (folder / "connector.js").unlink(), "no program is here"),
        (lambda folder: (folder / "other.py").write_text(""), "which command starts the connector?"),
        (lambda folder: (folder / "manifest.json").write_text("[" * 100_000), "no manifest is here"),
    ],
)
def test_what_cannot_be_guessed_is_asked_for(project: Path, spoil: Any, told: str) -> None:
    """One sentence, status 2, and no file."""
    spoil(project)
    status, said = init()
    assert status == 2
    assert told in said
    assert not (project / "pdpp-tck.toml").exists()


def test_a_driver_of_another_name_is_written_as_it_is(project: Path) -> None:
    """Installed drivers need no telling; one that nobody has is refused."""
    assert init("--source-driver", "folder")[0] == 0
    source = read_settings(project / "pdpp-tck.toml").source
    assert source is not None
    assert dict(source.values) == {"driver": "folder"}
    assert "unknown; known are files" in init("--force", "--source-driver", "fils")[1]


@pytest.mark.parametrize(
    ("declared", "guess"),
    [({"format": "date-time"}, "{at}"), ({"format": "date"}, "{date}"), ({"type": "string"}, "{text}")],
)
def test_a_time_is_known_by_its_format(project: Path, declared: dict[str, str], guess: str) -> None:
    """Also where no consent_time_field says so and its name says nothing."""
    schema = {"required": ["id", "written"], "properties": {"written": declared}}
    stream = {"name": "s", "primary_key": ["id"], "schema": schema}
    (project / "manifest.json").write_text(json.dumps({"connector_key": "c", "streams": [stream]}))
    assert init()[0] == 0
    source = read_settings(project / "pdpp-tck.toml").source
    assert source is not None
    assert source.values["item"]["written"] == guess


def test_a_number_is_known_by_its_type(project: Path) -> None:
    """A key's field that is a whole number gets one, in the item and in the key."""
    schema = {"required": ["seq", "at"], "properties": {"seq": {"type": "integer"}}}
    stream = {"name": "s", "primary_key": ["seq"], "consent_time_field": "at", "schema": schema}
    (project / "manifest.json").write_text(json.dumps({"connector_key": "c", "streams": [stream]}))
    assert init()[0] == 0
    source = read_settings(project / "pdpp-tck.toml").source
    assert source is not None
    assert (source.values["item"]["seq"], source.values["key"]) == ("{number}", "{number}")


def test_a_real_manifest(project: Path) -> None:
    """What is written for a connector of tests/wrong is what its sources look like."""
    shutil.copy(ROOT / "tests" / "wrong" / "manifest.json", project / "manifest.json")
    text = written(look(project, Path("manifest.json"), ("python3", "honest.py")), "files")
    assert 'path = "{partition}/messages.jsonl"' in text
    assert 'item = { id = "{id}", at = "{at}", text = "{text}" }' in text
