"""A source that the kit arranges otherwise than the connector reads it is told as that."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from kit_runs import WRONG, Kit

FINDS_NOTHING = """
import json, sys
sys.stdin.readline()
print(json.dumps({"type": "DONE", "status": "succeeded", "records_emitted": 0}))
"""
SETTINGS = f"""\
[connector]
command = [{json.dumps(sys.executable)}, "-c", {json.dumps(FINDS_NOTHING)}]
manifest = {json.dumps(str(WRONG / "manifest.json"))}

[source]
driver = "files"
stream = "messages"
key = "{{id}}"
path = "elsewhere/{{partition}}.jsonl"
item = {{ id = "{{id}}", at = "{{at}}", text = "{{text}}" }}
"""


@pytest.fixture
def settings(tmp_path: Path) -> None:
    """Settings whose source lies where the connector does not look."""
    (tmp_path / "pdpp-tck.toml").write_text(SETTINGS)


@pytest.mark.usefixtures("settings")
def test_a_run_says_to_look_at_the_source_first(kit: Kit) -> None:
    """Nothing fails a connector to which nothing was shown, and nothing passes."""
    ran = kit("run", "--select", "PR-01.1,PR-02.1")
    assert ran.status == 4
    assert "judged, which makes nothing conformant: 2 not_observable in" in ran.out
    assert "reason    source: no record was emitted in run 'before 1', which sets the scene" in ran.out
    assert "next: a run emitted no record, though the kit put items into its source" in ran.out


@pytest.mark.usefixtures("settings")
def test_the_profile_says_so_where_no_scene_needs_a_record(kit: Kit) -> None:
    """A connector that claims no partitions is judged by the profile alone."""
    ran = kit("run", "--select", "CP-06")
    assert ran.status == 4
    assert "control: source: a record was emitted in none of 2 runs" in ran.out
    assert "next: a run emitted no record" in ran.out


def test_a_connector_that_loses_every_record_passes_nothing_that_needs_one(kit: Kit) -> None:
    """Its source cannot be told from one that is arranged wrongly, which is no pass."""
    options = ["--manifest", str(WRONG / "manifest.json"), "--source-driver", "folder", "--format", "json"]
    command = [sys.executable, str(WRONG / "loses_records.py")]
    ran = kit("run", *options, "--select", "PR-01.1,PR-01.2,PR-02.1,PR-03.1", "--", *command)
    assert ran.status == 4
    assert set(ran.verdicts("connector").values()) == {"not_observable"}


@pytest.mark.usefixtures("settings")
def test_doctor_finds_it(called: Kit) -> None:
    """A connector that is alive and finds nothing of what was put there is a finding."""
    ran = called("doctor", "--", sys.executable, "-c", FINDS_NOTHING)
    assert ran.status == 1
    assert "it emitted none of the 2 items that were put into its source; see [source]" in ran.out
