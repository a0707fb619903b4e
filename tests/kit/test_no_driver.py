"""Without a source driver what needs none is judged, on what the connector emits of its own source."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kit_runs import WRONG, Kit

SETTINGS = """\
[connector]
command = [{python}, {program}]
manifest = {manifest}
claims = ["partitions"]

[source]
root = "channels"
"""
GENERIC = {f"CP-{number:02}" for number in (1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 15, 16, 17, 19)}


def settings(folder: Path, program: str, channels: int) -> None:
    """Settings that name a source of so many channels and no driver."""
    for number in range(channels):
        channel = folder / "channels" / f"c{number}"
        channel.mkdir(parents=True)
        lines = [{"id": f"{n}", "at": f"2024-0{n}-01T00:00:00Z", "text": "t"} for n in (1, 2, 3)]
        (channel / "messages.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    words = {"python": sys.executable, "program": str(WRONG / f"{program}.py")}
    words["manifest"] = str(WRONG / "manifest.json")
    text = SETTINGS.format(**{name: json.dumps(word) for name, word in words.items()})
    (folder / "pdpp-tck.toml").write_text(text)


def test_its_own_source_is_enough_for_what_is_generic(kit: Kit, tmp_path: Path) -> None:
    """The monitor, resources and windows out of what it emitted, its own cursor, an unknown stream."""
    settings(tmp_path, "honest", 3)
    ran = kit("run", "--format", "json", "--select", "PR-02.1,PR-03.1,CP")
    assert ran.status == 4, ran.out
    verdicts = ran.verdicts("connector")
    assert {name for name, verdict in verdicts.items() if verdict == "passed"} == GENERIC | {"PR-03.1"}
    assert verdicts["PR-02.1"] == verdicts["CP-13"] == "not_observable"
    assert "no source driver; name one with --source-driver, or in [source]" in ran.reason("PR-02.1")


def test_its_own_source_shows_a_mistake(kit: Kit, tmp_path: Path) -> None:
    """One that ignores the resources it was asked for is found by its own records."""
    settings(tmp_path, "ignores_resources", 2)
    ran = kit("run", "--format", "json", "--select", "PR-03.1,CP-05")
    assert (ran.status, ran.failed()) == (1, {"PR-03.1", "CP-05"})


def test_who_says_done_at_once_and_claims_nothing_is_not_conformant(kit: Kit, tmp_path: Path) -> None:
    """Nothing that it did was wrong, and nothing was seen; the reasons say what to do."""
    (tmp_path / "done.py").write_text(
        "import sys\nsys.stdin.readline()\n"
        'print(\'{"type": "DONE", "status": "succeeded", "records_emitted": 0}\')\n'
    )
    bare = {"connector_key": "c", "version": "1", "display_name": "C", "streams": []}
    stream = {
        "name": "s",
        "semantics": "append_only",
        "schema": {},
        "primary_key": ["id"],
        "incremental": False,
    }
    (tmp_path / "m.json").write_text(json.dumps({**bare, "streams": [stream]}))
    ran = kit("run", "--format", "json", "--manifest", "m.json", "--", sys.executable, "done.py")
    assert ran.status == 4
    assert ran.report["conformant"] is False
    assert ran.failed() == set()
    assert {"CP-04", "CP-06", "CP-11"} <= {
        name for name, verdict in ran.verdicts("connector").items() if verdict == "not_observable"
    }
