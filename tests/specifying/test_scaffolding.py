"""`spec scaffold`: what it writes for what is new, and that nothing of it is green as it is."""

from __future__ import annotations

import ast
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pdpp_tck.assembly import read_all
from pdpp_tck.authors.folder import find_folder
from pdpp_tck.cli import app
from pdpp_tck.falsify.share import share
from pdpp_tck.features import read_features
from pdpp_tck.ledger import LedgerError
from pdpp_tck.lint import lint
from pdpp_tck.openspec import read_openspec
from pdpp_tck.options import UsageError
from pdpp_tck.plugins import load_plugins

ADDED = """

#### Scenario: A resource is asked for twice

- **WHEN** a run is requested with one resource named twice
- **THEN** the connector SHALL NOT emit a record of it twice
- **AND** the connector MAY say that it was named twice

### Requirement: Records SHALL be counted

The connector SHALL count what it emits.

#### Scenario: Counting

- **WHEN** a run ends
- **THEN** the host SHALL compare the number of records
"""


@pytest.fixture
def grown(spec_dir: Path, tmp_path: Path) -> Path:
    """A copy of the specification with a scenario and a requirement more."""
    copy = Path(shutil.copytree(spec_dir, tmp_path / "spec"))
    (file,) = copy.glob("changes/partitioned-*/specs/*/spec.md")
    file.write_text(file.read_text(encoding="utf-8").rstrip() + ADDED, encoding="utf-8")
    return copy


def _run(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["spec", *map(str, arguments)])
    return ran.exit_code, ran.output


@pytest.fixture
def made(grown: Path, tmp_path: Path) -> Path:
    """The folder that is made for it."""
    status, told = _run("scaffold", str(grown), "--into", str(tmp_path / "new"))
    assert (status, told.count("wrote ")) == (0, 4), told
    return tmp_path / "new"


def _filled(rows: Path) -> None:
    """Replace the stubs of the rows as an author would; what is seen as one clause binds one kind."""
    text = rows.read_text(encoding="utf-8").replace("FILL IN: in one sentence of your own: ", "")
    text = re.sub(r'^(sends|freedom) = "FILL IN: .*"$', r'\1 = "Any."', text, flags=re.M)
    text = re.sub(r'^same_as = "FILL IN: .*"$', 'same_as = "PR-04.1/T1"', text, flags=re.M)
    before, requirement, after = text.partition('id = "PR-04/R1"')
    rows.write_text(before + requirement + after.replace('["connector"]', '["host"]', 1), encoding="utf-8")


def test_rows_are_those_of_the_specification(made: Path, grown: Path) -> None:
    """Ids go on where the ledger ends; titles, levels and hashes are the spec's, the rest is a stub."""
    rows = tomllib.loads((made / "requirements.toml").read_text(encoding="utf-8"))["requirement"]
    known, new = rows
    assert (known["id"], known.keys()) == ("PR-03", {"id", "scenario"})
    (scenario,) = known["scenario"]
    assert [(c["id"], c["level"], c["kinds"]) for c in scenario["clause"]] == [
        ("PR-03.4/T1", "SHALL NOT", ["connector"]),
        ("PR-03.4/T2", "MAY", ["connector"]),
    ]
    assert (new["id"], new["title"], new["clause"][0]["id"]) == (
        "PR-04",
        "Records SHALL be counted",
        "PR-04/R1",
    )
    (spec,) = [r for r in read_openspec(grown).requirements if r.title == new["title"]]
    assert new["clause"][0]["hash"] == spec.sentences[0].hash
    assert new["scenario"][0]["clause"][0]["hash"] == spec.scenarios[0].sentences[0].hash


def test_skeletons_have_the_shape_of_scenarios(made: Path) -> None:
    """Premises are Givens, each clause stands above a Then of its own, a prohibition has a control."""
    first, second = sorted(read_features(made), key=lambda scenario: scenario.id)
    assert [(s.id, s.kind) for s in (first, second)] == [("PR-03.4", "connector"), ("PR-04.1", "host")]
    assert [step.kind for step in first.steps] == ["given", "when", "then", "then"]
    assert [step.judges for step in first.steps[2:]] == [("T1",), ("T2",)]
    assert all(step.text.startswith("FILL IN: ") for step in first.steps)
    (file,) = made.glob("polyfill_runtime/pr_04_*.feature")
    assert "#   When the owner starts a run\n" in file.read_text(encoding="utf-8")


def test_each_clause_has_its_stubs(made: Path) -> None:
    """A mutant for each SHALL, two variants for each MAY, in a module that Python reads."""
    module = ast.parse((made / "mutants.py").read_text(encoding="utf-8"))
    names = [node.name for node in module.body if isinstance(node, ast.FunctionDef)]
    assert names == ["breaks_pr_03_4_t1", "takes_pr_03_4_t2", "leaves_pr_03_4_t2", "breaks_pr_04_1_t1"]


def test_nothing_is_green_until_it_is_filled_in(made: Path) -> None:
    """Rows, then steps, then mutants are refused, each with what is to be written in its place."""
    folder = find_folder(made)
    with pytest.raises(LedgerError, match="PR-03.4/T1: says: 'FILL IN: in one sentence of your own: the con"):
        read_all(folder)
    _filled(made / "requirements.toml")
    root, scenarios, whole = read_all(folder)
    problems = lint(root, scenarios, whole, folder)
    assert (
        sum("no step definition for Then 'FILL IN: the host SHALL compare" in each for each in problems) == 1
    )
    with pytest.raises(UsageError) as raised:
        share(root, folder, scenarios, whole, load_plugins())
    told = str(raised.value)
    assert (
        "breaks-pr-03-4-t1: 'FILL IN: words of the reason with which PR-03.4/T1 must fail' is a stub; write"
        in told
    )
    assert "leaves-pr-03-4-t2: 'FILL IN: in a sentence, how it leaves the permission" in told


def test_one_change_alone(grown: Path, tmp_path: Path) -> None:
    """With --change only what that change brings; an unknown one is refused with those that are there."""
    status, told = _run("scaffold", str(grown), "--change", "share-stream-definitions")
    assert (status, "nothing is new" in told) == (0, True)
    status, told = _run("scaffold", str(grown), "--change", "share")
    assert (status, "its changes are accelerate-" in " ".join(told.split())) == (2, True)


def test_what_grew_in_a_scenario_of_the_ledger_is_told(spec_dir: Path, tmp_path: Path) -> None:
    """A THEN more in a known scenario has no folder of its own: its rows are printed for the ledger."""
    copy = Path(shutil.copytree(spec_dir, tmp_path / "spec"))
    (file,) = copy.glob("changes/partitioned-*/specs/*/spec.md")
    text = file.read_text(encoding="utf-8").rstrip() + "\n- **AND** the owner SHALL be told\n"
    file.write_text(text, encoding="utf-8")
    status, told = _run("scaffold", str(copy), "--into", str(tmp_path / "new"))
    assert status == 0
    assert "PR-03.3/T3: put these rows behind those of PR-03.3 in the ledger" in told
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_over(grown: Path, made: Path, ledger_file: Path) -> None:
    """A folder that holds anything is refused, and so is our own."""
    before = {path: path.read_bytes() for path in made.rglob("*") if path.is_file()}
    for into in (made, ledger_file.parent / "new", ledger_file.parents[1]):
        status, told = _run("scaffold", str(grown), "--into", str(into))
        assert (status, "name another folder" in told or "name a folder" in told) == (2, True)
    assert {path: path.read_bytes() for path in made.rglob("*") if path.is_file()} == before
