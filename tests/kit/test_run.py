"""`pdpp-tck run` without arguments: our own parts, every pair once, one honest report."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from kit_runs import ROOT, WRONG, Kit, Ran

from pdpp_tck.ledger import read_ledger

STORAGE = ("storage", "sqlite")


def test_the_report_fits_its_schema_and_counts_every_pair_once(whole: Ran, tmp_path: Path) -> None:
    """check-jsonschema accepts the report, and each id is there once for each subject that it obliges."""
    assert whole.status == 0, whole.err
    file = tmp_path / "r.json"
    file.write_text(whole.out)
    schema = ROOT / "features" / "schemas" / "report.json"
    tool = [str(Path(sys.executable).parent / "check-jsonschema"), "--schemafile", str(schema), str(file)]
    assert subprocess.run(tool, capture_output=True, check=False).returncode == 0
    given = Counter((s["id"], s["subject"]["kind"], s["subject"]["name"]) for s in whole.report["scenarios"])
    due = Counter(
        (scenario.id, kind, name)
        for scenario in read_ledger(ROOT / "features" / "requirements.toml").judged
        for kind, name in (("connector", "folder"), ("connector", "mailbox"), ("host", "pdpp-host"), STORAGE)
        if scenario.obliged(kind) and not scenario.long
    )
    assert given == due
    verdicts = Counter(scenario["verdict"] for scenario in whole.report["scenarios"])
    assert verdicts == {"passed": len(whole.report["scenarios"]) - 7, "not_applicable": 7}


def test_every_result_has_its_evidence(whole: Ran) -> None:
    """Each scenario that ran names an evidence file that begins with a header of its own id."""
    folder = whole.evidence.parent
    for scenario in (one for one in whole.report["scenarios"] if one["verdict"] != "not_applicable"):
        first = (folder / scenario["evidence"]).read_text().splitlines()[0]
        assert f'"id":"{scenario["id"]}"' in first


def test_a_strangers_pytest_changes_nothing(kit: Kit, whole: Ran, tmp_path: Path) -> None:
    """A pytest.ini that collects only, a conftest that raises, and pytest's variables are without effect."""
    hostile = tmp_path / "hostile"
    hostile.mkdir()
    (hostile / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (hostile / "conftest.py").write_text('raise RuntimeError("not yours")\n')
    env = {"PYTEST_ADDOPTS": "--collect-only", "PYTEST_PLUGINS": "nobody_has_this"}
    few = ("PR-03.1", "PR-03.3")
    other = kit("run", "--format", "json", "--select", ",".join(few), cwd=hostile, env=env)
    assert other.status == whole.status == 0, other.err
    for kind in ("connector", "host"):
        alike = {name: verdict for name, verdict in whole.verdicts(kind).items() if name in few}
        assert other.verdicts(kind) == alike != {}


def test_a_selection_is_judged_alone(kit: Kit) -> None:
    """`--select` judges what it names, says so, and calls nothing conformant."""
    ran = kit("run", "--format", "json", "--select", "PR-03.3,PR-02")
    assert ran.status == 0, ran.err
    ids = {s["id"] for s in ran.report["scenarios"]}
    assert {name for name in ids if "/" not in name} == {"PR-02.1", "PR-02.2", "PR-03.3"}
    assert {name.partition("/")[0] for name in ids if "/" in name} == {"PR-02"}
    assert ran.report["conformant"] is None
    assert ran.report["selection"] == ["PR-02", "PR-03.3"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--select", "PR-03.9"], "did you mean PR-03"),
        (["--claim", "partition"], "did you mean partitions?"),
        (["--connector", "floder"], "there are folder"),
        (["--", "true"], "name it with --manifest"),
        (["--manifest", "nowhere.json", "--", "true"], "nowhere.json"),
        (["--manifest", str(WRONG / "manifest.json"), "--", "./nobody"], "'./nobody' is not there"),
        (["--manifest", str(WRONG / "bare.json"), "--", "true"], "at streams/0/semantics"),
        (["--connector", "folder", "--select", "PR-03.3"], "none of PR-03.3 judges"),
        (["--plugin", "json"], "implements no hook"),
        (["--host", "http://127.0.0.1:1"], "PDPP_OWNER_TOKEN"),
        (["--source-driver", "nothing"], "installed are command, files, folder"),
        (["--storage", "oracle"], "use sqlite or postgres"),
        (["--select", ""], "--select names nothing"),
        (["--select", ","], "--select names nothing"),
        (["--manifest", str(WRONG / "manifest.json")], "--manifest is that of a command"),
        (["--legacy-state", "older.json"], "--legacy-state is that of a command"),
        (["--config", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--config", "nowhere.toml", "--connector", "folder"], "--config is for the connector that"),
        (["--source-driver", "files", "--connector", "folder"], "has to be told what to make"),
        (["--connector", "folder", "--manifest", "m.json", "--", "true"], "two ways to say what to judge"),
        (["--host", "http://127.0.0.1:1", "--claim", "fields"], "--claim is for a connector"),
        (["--host", "http://127.0.0.1:1", "--source-driver", "folder"], "--source-driver is for a connector"),
    ],
)
def test_mistakes_end_2_with_a_sentence(
    called: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], told: str
) -> None:
    """What the kit cannot do is said in one sentence with what to do, and nothing is left behind."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = called("run", *options, env={"TMPDIR": str(tmp_path)})
    assert ran.status == 2
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert not [entry for entry in tmp_path.iterdir() if entry.name != "reports"]


def test_advice_gates_our_own_parts_and_others_when_asked(kit: Kit, whole: Ran) -> None:
    """Without arguments advice is judged; a named connector is judged on it with `--advice` only."""
    assert whole.verdicts("connector")["PR-02/equal-times"] == "passed"
    only = ["run", "--format", "json", "--connector", "folder", "--select", "PR-02"]
    assert "PR-02/equal-times" not in kit(*only).verdicts("connector")
    assert kit(*only, "--advice").verdicts("connector")["PR-02/equal-times"] == "passed"


def test_a_derived_scenario_says_that_it_is_ours(whole: Ran) -> None:
    """The report keeps the spec's scenarios and our own apart."""
    derived = {s["id"]: s["derived"] for s in whole.report["scenarios"]}
    assert derived["PR-01.1"] is False
    assert derived["PR-01/still-missing"] is True


def test_a_connector_named_twice_is_judged_once(kit: Kit) -> None:
    """Names are a set."""
    ran = kit("run", "--format", "json", "--select", "PR-02.1", *["--connector", "folder"] * 2)
    assert ran.status == 0, ran.err
    assert [s["id"] for s in ran.report["scenarios"]] == ["PR-02.1"]


def test_a_run_leaves_no_folder_behind(kit: Kit, tmp_path: Path) -> None:
    """What it made beside its reports is gone."""
    kept = tmp_path / "kept"
    kept.mkdir()
    assert kit("run", "--select", "PR-03.3", env={"TMPDIR": str(kept)}).status == 0
    assert not list(kept.iterdir())
