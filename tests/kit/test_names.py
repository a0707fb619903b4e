"""Names of subjects become names of files, and no name leads out of its folder."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from kit_runs import WRONG, Kit

from pdpp_tck.evidence.notes import file_name


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("folder", "folder"),
        ("honest-folder_2.1", "honest-folder_2.1"),
        ("..", "%2E."),
        (".hidden", "%2Ehidden"),
        ("x/../y", "x%2F..%2Fy"),
        ("in box", "in%20box"),
        ("100%", "100%25"),
        ("ß", "%C3%9F"),
        ("\ud800", "%ED%A0%80"),
        ("a\0b\\c", "a%00b%5Cc"),
        ("", "%"),
    ],
)
def test_a_name_as_a_file_name(name: str, told: str) -> None:
    """Ordinary names stay as they are; anything else is percent-encoded."""
    assert file_name(name) == told


def test_long_names_fit_and_stay_apart() -> None:
    """Three of them and more fit into the 255 bytes that file systems take."""
    one, other = file_name("x" * 3000), file_name("x" * 3001)
    assert one != other
    assert max(len(one), len(other)) <= 64


@pytest.mark.parametrize(
    "key", ["x/../../../../../escaped", pytest.param("n" * 3000, marks=pytest.mark.long)]
)
def test_evidence_stays_in_its_folder(kit: Kit, tmp_path: Path, key: str) -> None:
    """A connector's key chooses no place, and is the subject's name in the report as it was written."""
    manifest = tmp_path / "m.json"
    manifest.write_text(
        json.dumps(json.loads((WRONG / "manifest.json").read_text()) | {"connector_key": key})
    )
    work = tmp_path / "a" / "b" / "c" / "d" / "e"
    work.mkdir(parents=True)
    command = ["--manifest", str(manifest), "--source-driver", "folder", "--", sys.executable]
    ran = kit(
        "run", "--format", "json", "--select", "PR-02.1,CP-02", *command, str(WRONG / "honest.py"), cwd=work
    )
    assert ran.status == 0, ran.err
    assert {scenario["subject"]["name"] for scenario in ran.report["scenarios"]} == {key}
    folder = ran.evidence
    assert len(list(tmp_path.rglob("*.jsonl"))) == len(list(folder.rglob("*.jsonl"))) == 2
    again = kit("replay", str(folder), cwd=work)
    assert again.status == 0, again.err
