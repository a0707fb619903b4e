"""Connectors with cursors and sources of their own are judged as they are, by a pdpp-tck.toml alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from kit_runs import ROOT, Kit

from pdpp_tck.assembly import assemble
from pdpp_tck.options import Options, UsageError

STRANGERS = ROOT / "tests" / "strangers"


@pytest.fixture
def strangers(tmp_path: Path) -> Path:
    """A folder with the strangers, each with its settings."""
    return shutil.copytree(STRANGERS, tmp_path / "strangers")


@pytest.mark.parametrize(
    ("name", "legacy"),
    [
        ("channel_times", "passed"),
        pytest.param("byte_offsets", "not_applicable", marks=pytest.mark.long),
        pytest.param("fails_on_missing", "not_applicable", marks=pytest.mark.long),
    ],
)
def test_a_strangers_own_way_passes(kit: Kit, strangers: Path, name: str, legacy: str) -> None:
    """Times for each channel, byte offsets, a run that fails when one is missing: all of it is legal."""
    scenarios = "PR-01.1,PR-01.2,PR-02.1,PR-02.2"
    ran = kit("run", "--config", f"{name}.toml", "--format", "json", "--select", scenarios, cwd=strangers)
    assert ran.status == 0, ran.out
    verdicts = {"PR-01.1": "passed", "PR-01.2": "passed", "PR-02.1": "passed", "PR-02.2": legacy}
    assert ran.verdicts("connector") == verdicts


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"python3"', '"./nobody"'), "byte_offsets.toml:2: [connector] command: the command"),
        (("[connector]", '[connector]\nmanifest = "m.json"'), "[connector] manifest: there is no file"),
        (
            ("[connector]", '[connector]\nclaims = ["partition"]'),
            "[connector] claims: 'partition' is",
        ),
        (('"files"', '"fils"'), "no source driver 'fils'"),
        (('driver = "files"', ""), "[source] stream: unknown; known are root, base_url"),
        (('"{partition}.log"', '"{part}.log"'), "[source] path: {part} is no placeholder"),
    ],
)
def test_mistakes_in_the_settings_are_refused(strangers: Path, change: tuple[str, str], told: str) -> None:
    """Before anything is started, with the place."""
    file = strangers / "byte_offsets.toml"
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(UsageError) as refused:
        assemble(Options(config=file, report=strangers / "reports"))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"last_ts": 7}', "names no time"),
        ('["{at}"]', "is no object"),
        ('{"last_ts": "{id}"}', "{id} is no time"),
        ("{", "cannot be read as JSON"),
    ],
)
def test_an_older_cursor_that_cannot_be_one_is_refused(strangers: Path, text: str, told: str) -> None:
    """A file that would stand at no time would make PR-02.2 pass for nothing."""
    (strangers / "older.json").write_text(text)
    with pytest.raises(UsageError, match="--legacy-state") as refused:
        assemble(Options(config=strangers / "channel_times.toml", report=strangers / "reports"))
    assert told in str(refused.value)
