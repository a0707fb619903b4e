"""A report held against its evidence: what was done to either is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from kit_runs import ROOT, Ran, once, started

from pdpp_tck.assembly import read_requirements
from pdpp_tck.evidence.notes import Notes, read_notes
from pdpp_tck.options import UsageError
from pdpp_tck.reports.sealing import sealed
from pdpp_tck.verifying import checking
from pdpp_tck.verifying.checking import verify

once_read = cache(read_requirements)
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def reported(shared: Path, tmp_path: Path) -> Path:
    """A copy of a small report in every form, with its evidence."""
    ran = once(shared, "small-report", ("run", "--select", "PR-03.1,PR-03.3", "--report", "out"))
    assert ran.status == 0, ran.err
    return Path(shutil.copytree(ran.folder / "out", tmp_path / "out"))


@pytest.fixture
def unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence is not judged again, which only a process of its own can do, and features are read once."""
    monkeypatch.setattr(checking, "read_requirements", once_read)
    monkeypatch.setattr(checking, "judged_again", lambda *given: iter(()))


def edit(folder: Path, change: Change, reseal: bool = False) -> None:
    """Change a report as somebody with an editor could; `reseal` as somebody who knows the kit could."""
    file = folder / "report.json"
    report = json.loads(file.read_text())
    change(report)
    if reseal:
        report = sealed({name: value for name, value in report.items() if name != "seal"})
    file.write_text(json.dumps(report))


def flip(report: dict[str, Any]) -> None:
    """Let a scenario have failed that passed."""
    entry = report["scenarios"][0]
    entry["verdict"] = entry["clauses"][-1]["verdict"] = "failed"
    entry["reason"] = entry["clauses"][-1]["reason"] = "so"


def verified(folder: Path) -> Ran:
    """`pdpp-tck verify` in a process of its own."""
    return started(("verify", "out"), folder.parent)


def test_an_untouched_report_is_sound(reported: Path) -> None:
    """Nothing is found, all of the evidence is judged again, and it is said what that is worth."""
    ran = verified(reported)
    assert (ran.status, ran.err) == (0, "")
    assert "4 of 4 results have evidence that was judged again" in ran.out
    assert "it is no signature" in ran.out


def test_a_flipped_verdict_is_named(reported: Path) -> None:
    """Even where it was sealed anew, the evidence tells otherwise, clause by clause."""
    edit(reported, flip, reseal=True)
    ran = verified(reported)
    assert ran.status == 1
    assert "PR-03.1 connector folder: the report says failed, its evidence says passed" in ran.out
    assert "PR-03.1/T3 for folder: the report says failed" in ran.out
    assert "exit_status: the report says 0" in ran.out
    assert "junit.xml: is not what this report makes" in ran.out


def drop(report: dict[str, Any]) -> None:
    report["scenarios"].pop(1)


def drop_subject(report: dict[str, Any]) -> None:
    report["scenarios"] = [s for s in report["scenarios"] if s["subject"]["name"] != "mailbox"]
    report["subjects"] = [s for s in report["subjects"] if s["name"] != "mailbox"]


def change_digest(report: dict[str, Any]) -> None:
    report["scenarios"][2]["digest"] = "0" * 64


def change_spec(report: dict[str, Any]) -> None:
    report["spec"]["digest"] = "0" * 64


def twice(report: dict[str, Any]) -> None:
    report["scenarios"].append(report["scenarios"][0])


def no_evidence(report: dict[str, Any]) -> None:
    report["scenarios"][0]["evidence"] = None


def elsewhere(report: dict[str, Any]) -> None:
    report["scenarios"][0]["evidence"] = "../out/evidence/../../secret.jsonl"


def waive(report: dict[str, Any]) -> None:
    report["scenarios"][0]["clauses"][0]["waived"] = report["scenarios"][0]["waived"] = True


def make_new(report: dict[str, Any]) -> None:
    report["scenarios"][0]["new"] = True


def not_claimed(report: dict[str, Any]) -> None:
    entry = report["scenarios"][0]
    entry |= {"verdict": "not_applicable", "reason": "not claimed", "evidence": None}
    for clause in entry["clauses"]:
        clause["verdict"] = "not_applicable"


@pytest.mark.usefixtures("unjudged")
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (flip, "PR-03.1 connector folder: has been edited"),
        (drop, "PR-03.1 connector mailbox: was reported and has been dropped"),
        (drop, "PR-03.1 connector mailbox: is due and not in the report"),
        (drop_subject, "PR-03.1 connector mailbox: was reported and has been dropped"),
        (change_digest, "made with another text of PR-03.1"),
        (change_spec, "spec/digest"),
        (twice, "PR-03.1 connector folder: is in the report 2 times"),
        (no_evidence, "passed, and there is no evidence of it"),
        (elsewhere, "lies outside of the report's evidence"),
        (waive, "is waived by no waiver of the report"),
        (make_new, "though the lock does not say so"),
        (not_claimed, "though folder claims all it needs"),
        (lambda report: report["summary"].update(passed=7), "summary/passed: the report says 7"),
        (lambda report: report.update(seed=5), "edited outside of its scenarios"),
        (lambda report: report.update(conformant=True), "exit_status: the report says 0 and conformant True"),
        (lambda report: report["gate"]["demands"].update(nonsense=1), "does not fit its schema"),
    ],
)
def test_an_edited_report_is_named(reported: Path, change: Change, found: str) -> None:
    """What was flipped, dropped, added or changed stands in a finding."""
    edit(reported, change)
    assert any(found in finding for finding in verify(reported, None).findings)


@pytest.mark.usefixtures("unjudged")
def test_an_edited_byte_of_evidence_is_named(reported: Path) -> None:
    """The file of the scenario, whatever the byte meant."""
    file = next(reported.glob("evidence/PR-03.3/*.jsonl"))
    file.write_bytes(file.read_bytes().replace(b'"status":400', b'"status":401', 1))
    (found,) = [f for f in verify(reported, None).findings if "PR-03.3" in f]
    assert "edited after the run" in found
    assert file.name in found


@pytest.mark.usefixtures("unjudged")
def test_evidence_that_is_cut_gone_or_sealed_anew_is_named(reported: Path) -> None:
    """Each in its own words."""
    cut = next(reported.glob("evidence/PR-03.3/*.jsonl"))
    cut.write_bytes(cut.read_bytes()[:-40])
    gone = next(reported.glob("evidence/PR-03.1/mailbox*.jsonl"))
    gone.unlink()
    anew = next(reported.glob("evidence/PR-03.1/folder*.jsonl"))
    header, entries = read_notes(anew)
    anew.unlink()
    notes = Notes(anew, {name: value for name, value in header.items() if name not in ("entry", "format")})
    for entry in entries[:-1]:
        rest = {k: v for k, v in entry.items() if k not in ("entry", "n", "began", "ended")}
        notes.add(entry["entry"], entry["began"], entry["ended"], **rest)
    notes.close()
    told = "\n".join(verify(reported, None).findings)
    for words in ("run was cut off or the file was", "cannot be read", "edited and sealed anew"):
        assert words in told


@pytest.mark.usefixtures("unjudged")
def test_other_features_are_named(reported: Path, tmp_path: Path) -> None:
    """The scenario whose text is another, and the set as a whole."""
    features = Path(shutil.copytree(ROOT / "features", tmp_path / "features"))
    file = features / "polyfill_runtime" / "resource_scopes.feature"
    file.write_text(file.read_text().replace("| 7       ", "| 8       "))
    told = "\n".join(verify(reported, features).findings)
    assert "features/digest: the report was made with other features" in told
    assert "PR-03.3 host pdpp-host: made with another text" in told
    assert "PR-03.1" not in told


@pytest.mark.usefixtures("unjudged")
def test_added_evidence_and_edited_forms_are_named(reported: Path) -> None:
    """What no result names, and a page that says something else."""
    one = next(reported.glob("evidence/PR-03.3/*.jsonl"))
    shutil.copy(one, one.with_name("other.jsonl"))
    page = reported / "index.html"
    page.write_text(page.read_text().replace("passed", "failed", 1))
    told = "\n".join(verify(reported, None).findings)
    assert "other.jsonl: evidence of a result that is not in the report" in told
    assert "index.html: is not what this report makes" in told


@pytest.mark.parametrize("content", ["", '{"report_version": 1, "sc', "[]", '{"a": 1}'])
def test_what_is_no_report_ends_2(tmp_path: Path, content: str) -> None:
    """A truncated file, and one of something else."""
    (tmp_path / "report.json").write_text(content)
    with pytest.raises(UsageError, match=r"report\.json"):
        verify(tmp_path, None)
