"""A folder of features outside our tree stands beside ours, and lint demands of it what it demands of us."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from author_folder import DISCREET, OWN
from kit_runs import ROOT

from pdpp_tck.assembly import read_requirements
from pdpp_tck.explain import explain
from pdpp_tck.gate.lock import lock_of
from pdpp_tck.learning import told
from pdpp_tck.lint.__main__ import main as lint_main
from pdpp_tck.options import UsageError


def test_the_folder_stands_beside_ours() -> None:
    """Everything of ours is there with the texts that it had, and what the folder brings."""
    _, ours, ledger = read_requirements(None)
    root, both, joined = read_requirements(DISCREET)
    assert root == (ROOT / "features").resolve()
    assert both[: len(ours)] == ours
    assert [scenario.id for scenario in both[len(ours) :]] == [OWN]
    assert set(joined.ids) - set(ledger.ids) == {OWN, f"{OWN}/T1"}
    assert joined.digest == ledger.digest
    assert lock_of(both, joined).scenarios.keys() - lock_of(ours, ledger).scenarios.keys() == {
        f"{OWN} connector"
    }


def test_a_copy_of_everything_stands_in_place_of_ours(tmp_path: Path) -> None:
    """A ledger that says what spec it is of is a whole one: nothing of ours is joined to it."""
    copy = Path(shutil.copytree(ROOT / "features", tmp_path / "copy"))
    root, scenarios, _ = read_requirements(copy)
    assert root == copy
    assert all(scenario.path.is_relative_to(copy) for scenario in scenarios)


def test_one_folder_is_forgotten_for_the_next(folder: Path) -> None:
    """A sentence of one is none of another's, nor of ours."""
    module = folder / "steps" / "places.py"
    module.write_text(module.read_text().replace("tells where the source lies", "tells the place"))
    feature = folder / "places.feature"
    feature.write_text(feature.read_text().replace("tells where the source lies", "tells the place"))
    for features, texts in (
        (DISCREET, {"no line about a gap tells where the source lies"}),
        (folder, {"no line about a gap tells the place"}),
        (None, set()),
    ):
        assert {each.text for each in told(features) if each.module.startswith("pdpp_author")} == texts


def test_an_id_is_explained() -> None:
    """With the line of the folder's feature."""
    said = explain(OWN, DISCREET)
    assert f"written  {DISCREET / 'places.feature'}:6" in said
    with pytest.raises(UsageError, match="unknown"):
        explain(OWN, None)


def test_lint_demands_mutants_and_their_matrix(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario without mutants, and a matrix that is not there, each with what to do."""
    assert lint_main([str(folder)]) == 1
    (only,) = capsys.readouterr().out.splitlines()
    how = f"run `pdpp-tck falsify --update --features {folder}` and commit what it writes"
    assert only == f"{folder / 'kill-matrix.json'}: is not there; {how}"
    (folder / "mutants.py").unlink()
    assert lint_main([str(folder)]) == 1
    ledger = folder / "requirements.toml"
    line = ledger.read_text().partition(f'id = "{OWN}/T1"')[0].count("\n") + 1
    what = "no mutant of the connector breaks it; docs/guide-spec-authors.md shows how to write one"
    assert f"{ledger}:{line}: {OWN}/T1: {what}" in capsys.readouterr().out


def test_lint_names_sentences_that_nothing_uses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a page of sentences that is no longer theirs."""
    (folder / "steps" / "idle.py").write_text(
        "from pdpp_tck.scene import Scene\nfrom pdpp_tck.sentence import given\n\n\n"
        '@given("nothing at all")\ndef _(scene: Scene) -> None:\n    """Nothing."""\n'
    )
    (folder / "vocabulary.md").write_text("# Another\n")
    assert lint_main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert f"{folder / 'steps' / 'idle.py'}:6: no scenario uses 'nothing at all'; delete it" in out
    assert (
        f"{folder / 'vocabulary.md'}: sentences or their uses have changed since; run `pdpp-tck steps" in out
    )
    assert lint_main(["a", "b"]) == 2
