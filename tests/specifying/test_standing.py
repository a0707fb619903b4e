"""`run --spec`: what has changed since is stale, and a failure is told in the specification's words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from kit_runs import Ran, started
from specifications import another_word, reworded, sentence_of
from typer.testing import CliRunner

from pdpp_tck.cli import app
from pdpp_tck.ledger import Ledger, read_ledger
from pdpp_tck.options import UsageError
from pdpp_tck.specifying.standing import standing

MUTANT = "pdpp_plugins.mutants.boundaries:takes_what_comes"


@pytest.fixture(scope="module")
def ledger(ledger_file: Path) -> Ledger:
    """The committed ledger."""
    return read_ledger(ledger_file)


@pytest.fixture(scope="module")
def copy(spec_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the specification in which PR-03.3/T1, PR-02/R2a and PR-01/R1 have another word."""
    copy = Path(shutil.copytree(spec_dir, tmp_path_factory.mktemp("moved") / "spec"))
    for id in ("PR-03.3/T1", "PR-02/R2a", "PR-01/R1"):
        reworded(copy, id, another_word)
    return copy


@pytest.fixture(scope="module")
def ran(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of two scenarios, one of them stale, on a host that breaks the other."""
    arguments = ("--select", "PR-03.2,PR-03.3", "--plugin", MUTANT, "--spec", str(copy), "--report", "made")
    return started(("run", "--host", "reference", *arguments), tmp_path_factory.mktemp("ran"))


def test_what_observes_or_restates_a_changed_sentence_is_stale(copy: Path, ledger: Ledger) -> None:
    """A THEN itself, the clause that a body sentence is seen as, and the scenarios that work one out."""
    stale = set(standing(copy, ledger).stale)
    restating = {clause.id for clause in ledger.clauses if clause.restates == "PR-01/R1"}
    assert stale == {"PR-03.3/T1", "PR-02.2/T1", "PR-02.1/T2", "PR-01.1/T3", *restating}
    assert restating


def test_an_unmoved_specification_makes_nothing_stale(spec_dir: Path, ledger: Ledger) -> None:
    """Every clause of the spec's has its sentence, and none is stale."""
    stands = standing(spec_dir, ledger)
    assert stands.stale == {}
    assert stands.sentences.keys() == {clause.id for clause in ledger.clauses if clause.hash}
    assert stands.sentences["PR-03.2/T2"] == sentence_of(spec_dir, "PR-03.2/T2")


def test_a_folder_without_a_specification_is_refused(tmp_path: Path, ledger: Ledger) -> None:
    """A wrong --spec is an error, not a run in which nothing is stale."""
    with pytest.raises(UsageError, match="give the folder that holds specs/ or changes/"):
        standing(tmp_path, ledger)


def test_a_stale_scenario_is_stale_whatever_was_seen(ran: Ran) -> None:
    """Its verdict and its clause's are stale, exit 1; the steps keep what they came to."""
    report = json.loads((ran.folder / "made" / "report.json").read_text(encoding="utf-8"))
    (entry,) = [each for each in report["scenarios"] if each["id"] == "PR-03.3"]
    clauses = {clause["id"]: clause for clause in entry["clauses"]}
    assert (ran.status, report["exit_status"]) == (1, 1)
    assert entry["verdict"] == "stale"
    assert {name: clause["verdict"] for name, clause in clauses.items()} == {
        "PR-03.3/T2": "passed",
        "PR-03.3/T1": "stale",
    }
    assert clauses["PR-03.3/T1"]["reason"].endswith("by the one before it was passed")
    assert {step["status"] for step in entry["steps"]} == {"passed"}
    assert set(report["spec"]["stale"]) >= {"PR-03.3/T1"}


def test_a_failure_is_told_in_the_words_of_the_specification(ran: Ran, spec_dir: Path) -> None:
    """Where --spec is given, the sentence stands in the place of ours."""
    told = " ".join(ran.out.split())
    sentence = sentence_of(spec_dir, "PR-03.2/T2")
    assert f"PR-03.2/T2 failed (SHALL) for pdpp-host spec {sentence} expected" in told
    assert "next: read the changed sentences above" in told


def test_a_report_with_stale_scenarios_is_verified(ran: Ran) -> None:
    """Judged again, what was recorded comes to the same verdicts, stale ones too."""
    verified = CliRunner().invoke(app, ["verify", str(ran.folder / "made")])
    assert (verified.exit_code, "nothing found" in verified.output) == (0, True), verified.output
