"""`spec coverage`: clauses against scenarios, mutants and variants, and what is left out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from specifications import LEDGER
from typer.testing import CliRunner

from pdpp_tck.cli import app
from pdpp_tck.falsify.matrix import gaps
from pdpp_tck.ledger import read_ledger

EXCLUDED = 'id = "PR-01.2/T1"'
WHY = "Nothing of it can be seen from outside."


def _coverage(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["spec", "coverage", *arguments])
    return ran.exit_code, ran.output


def _document(*arguments: str) -> tuple[int, dict[str, Any]]:
    status, out = _coverage("--format", "json", *arguments)
    return status, json.loads(out)


def _clause(document: dict[str, Any], id: str) -> dict[str, Any]:
    clauses = (clause for requirement in document["requirements"] for clause in requirement["clauses"])
    return next(clause for clause in clauses if clause["id"] == id)


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """A copy of our features that a test may edit."""
    return Path(shutil.copytree(LEDGER.parent, tmp_path / "features"))


def _edited(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_clause_is_judged_and_proven() -> None:
    """All 90 are judged, by scenarios of the spec's and of ours, and no mutant is alive."""
    status, document = _document()
    totals = document["totals"]
    assert (status, document["excluded"]) == (0, [])
    assert {name: totals[name] for name in ("requirements", "scenarios", "clauses", "unjudged")} == {
        "requirements": 13,
        "scenarios": 28,
        "clauses": 90,
        "unjudged": 0,
    }
    seen = _clause(document, "PR-01/R1")
    assert seen["seen_as"] == "PR-01.1/T3"
    assert {"PR-01.1", "PR-01/still-missing"} <= set(seen["scenarios"])
    assert "forgets-missing" in seen["killed"]
    matrix = json.loads((LEDGER.parent / "kill-matrix.json").read_text(encoding="utf-8"))
    (row,) = [row for row in matrix["clauses"] if row["id"] == "PR-01.1/T1"]
    assert _clause(document, "PR-01.1/T1")["variants"] == row["variants"]


def test_what_does_not_apply_on_this_storage_is_not_called_killed() -> None:
    """Mutants of Postgres were not tried where the matrix was made on SQLite."""
    clause = _clause(_document()[1], "CS-05.1/T1")
    assert clause["killed"] == []
    assert clause["untried"]
    assert " not tried, " in _coverage()[1]


def test_a_clause_that_no_then_judges_is_open(features: Path) -> None:
    """Without the comment above its Then a clause is not covered, whatever the ledger lists."""
    _edited(features / "polyfill_runtime" / "partitions.feature", "# T2\n", "# control\n")
    status, told = _coverage("--features", str(features))
    assert status == 1
    assert "open: PR-01.1/T2: no scenario judges it for the connector; write one" in told


def test_a_mutant_that_is_alive_is_open(features: Path) -> None:
    """A survivor in the matrix is told with the command that tries it again."""
    _edited(features / "kill-matrix.json", '"outcome": "killed"', '"outcome": "survived"')
    status, told = _coverage("--features", str(features))
    assert status == 1
    assert "is not killed; see `pdpp-tck falsify --mutant " in told


def test_an_excluded_clause_is_told_with_its_reason(features: Path) -> None:
    """It obliges nobody, wants neither Then nor mutant, and stands there with why."""
    _edited(features / "requirements.toml", EXCLUDED, f'{EXCLUDED}\nexcluded = "{WHY}"')
    _edited(
        features / "polyfill_runtime" / "partitions.feature",
        '# T1\n      Then "alpha',
        '# control\n      Then "alpha',
    )
    status, document = _document("--features", str(features))
    assert (status, document["excluded"]) == (0, [{"id": "PR-01.2/T1", "reason": WHY}])
    assert f"excluded: PR-01.2/T1: {WHY}" in _coverage("--features", str(features))[1]
    ledger = read_ledger(features / "requirements.toml")
    assert ledger.scenario("PR-01.2").obliged("connector") == ()
    assert not [gap for gap in gaps(ledger.clauses, (), ledger) if gap.startswith("PR-01.2/T1")]


def test_what_cannot_be_read_ends_2(features: Path) -> None:
    """A matrix that is none, and a folder that is not there."""
    (features / "kill-matrix.json").write_text("{}", encoding="utf-8")
    assert _coverage("--features", str(features))[0] == 2
    assert _coverage("--features", str(features / "nowhere"))[0] == 2
