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
    """What fails then says nothing of the connector."""
    ran = kit("run", "--select", "PR-01.1,CP-06")
    assert ran.status == 1
    assert "next: no run emitted a record, though the kit put items into its sources" in ran.out


@pytest.mark.usefixtures("settings")
def test_doctor_finds_it(kit: Kit) -> None:
    """A connector that is alive and finds nothing of what was put there is a finding."""
    ran = kit("doctor", "--", sys.executable, "-c", FINDS_NOTHING)
    assert ran.status == 1
    assert "it emitted none of the 2 items that were put into its source; see [source]" in ran.out
