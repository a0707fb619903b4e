"""What a folder brings is judged, reported, verified and falsified as ours is."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from author_folder import DISCREET, OWN
from kit_runs import Ran, started

from pdpp_tck.falsify import campaign
from pdpp_tck.falsify.outcome import Outcome
from pdpp_tck.options import Options, UsageError
from pdpp_tck.replay import replay_plan
from pdpp_tck.verifying import checking


def test_the_report_carries_them(reported: Ran) -> None:
    """They are judged, reported, sealed and counted as ours are."""
    assert reported.status == 0, reported.err
    report = json.loads((reported.folder / "out" / "report.json").read_text())
    judged = {(entry["id"], entry["subject"]["name"]): entry["verdict"] for entry in report["scenarios"]}
    assert judged[OWN, "folder"] == judged[OWN, "mailbox"] == judged["PR-03.3", "pdpp-host"] == "passed"
    (requirement,) = [r for r in report["requirements"] if r["id"] == "PR-01"]
    assert requirement["title"].startswith("Connectors SHALL surface")
    assert "miscounted" not in report
    # It was not falsified, so both together prove nothing.
    assert report["matrix"]["conformant"] is False


def test_the_report_is_verified_with_the_folder(reported: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its evidence is judged again by the folder's sentences; without the folder they are strangers."""
    with_it = started(("verify", "out", "--features", str(DISCREET)), reported.folder)
    assert (with_it.status, "nothing found" in with_it.out) == (0, True), with_it.out + with_it.err
    monkeypatch.setattr(checking, "judged_again", lambda *given: iter(()))
    without = checking.verify(reported.folder / "out", None).findings
    assert any(OWN in finding and "these features have no such scenario" in finding for finding in without)


def test_its_mutants_are_tried(tmp_path: Path) -> None:
    """A mutant of the folder is caught by the folder's sentence, in a process that no path leads to."""
    options = Options(storage="sqlite", report=tmp_path, features=DISCREET)
    found = campaign.falsify(options, ["tells-the-folder"])
    assert [(each.declared.name, each.outcome) for each in found.made] == [
        ("tells-the-folder", Outcome.KILLED)
    ], found.made


def test_a_mutant_is_judged_by_itself(tmp_path: Path) -> None:
    """Named as a plugin of the folder's, it fails as any connector would; the line that replays it does."""
    mutant = "--plugin=pdpp_author.mutants:tells_the_folder"
    subject = ("--connector=folder-tells-the-folder", "--source-driver=folder")
    ran = started(("run", mutant, *subject, f"--features={DISCREET}", f"--select={OWN}"), tmp_path)
    assert ran.status == 1, ran.err
    assert f"{OWN}/T1  failed" in ran.out
    told = next(line for line in ran.out.splitlines() if line.startswith("  replay"))
    command = tuple(shlex.split(told)[2:])
    again = started(command, tmp_path)
    assert (again.status, f"{OWN}/T1  failed" in again.out) == (1, True), again.err
    with pytest.raises(UsageError, match=f"is of {OWN}, which these features do not have"):
        replay_plan([tmp_path / command[1]], None)


def test_our_variants_must_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the requirement that it adds to are tried on the folder's scenario, and on nothing else."""
    seen = []
    monkeypatch.setattr(campaign, "follow", lambda plans: seen.extend(plans))
    campaign.falsify(Options(storage="sqlite", features=DISCREET), [])
    assert {frozenset({OWN})} == {plan.selection for plan in seen}
    names = {plan.reports.name for plan in seen}
    assert {"tells-by-detail-gaps", "tells-line-by-line", "folder", "mailbox"} <= names


def test_a_mutant_of_ours_is_not_named_again(folder: Path) -> None:
    """By file and line."""
    module = folder / "mutants.py"
    module.write_text(module.read_text().replace("def tells_the_folder", "def forgets_missing"))
    with pytest.raises(UsageError) as refused:
        campaign.falsify(Options(storage="sqlite", features=folder), [])
    assert f"{module}:12: 'forgets-missing' is the name of one of ours, in pdpp_plugins.mut" in str(
        refused.value
    )
