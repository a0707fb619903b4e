"""One breach of each lint rule, planted in a copy, is named with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from breaches import SCOPES, SPOILT

from pdpp_tck import pytest_plugin
from pdpp_tck.features import read_features
from pdpp_tck.ledger import read_ledger
from pdpp_tck.lint import lint, sentences

ROOT = Path(__file__).parents[2]


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """A copy of the features to spoil."""
    return Path(shutil.copytree(ROOT / "features", tmp_path / "features"))


def found(root: Path) -> list[str]:
    """What lint says of these features."""
    return lint(root, read_features(root), read_ledger(root / "requirements.toml"))


def plant(root: Path, file: str, old: str, new: str) -> tuple[Path, int]:
    """Replace the first occurrence; the result is the file and the line on which the change begins."""
    path = root / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return path, text[: text.index(old)].count("\n") + 1


def test_the_features_are_clean(features: Path) -> None:
    """What is planted below is all there is."""
    assert found(features) == []


@pytest.mark.parametrize("rule", SPOILT)
def test_a_breach_is_named_with_file_and_line(features: Path, rule: str) -> None:
    """Each rule of the scenarios by itself; where no offset is given, the scenario's own line is meant."""
    file, old, new, offset, told = SPOILT[rule]
    path, line = plant(features, file, old, new)
    problems = [problem for problem in found(features) if told in problem]
    assert problems, found(features)
    named = re.match(rf"{re.escape(str(path))}:(\d+): ", problems[0])
    assert named is not None
    if offset is not None:
        assert int(named[1]) == line + offset
    else:
        text = path.read_text().splitlines()
        assert text[int(named[1]) - 1].lstrip().startswith("Scenario: ")


@pytest.mark.parametrize("holder", ["Feature: Resource", "  Rule: Owner"])
def test_a_tag_counts_for_all_below_it(features: Path, holder: str) -> None:
    """An id of a feature or a rule is given a second time by a scenario's own tag."""
    path, line = plant(features, SCOPES, holder, f"@PR-03.1\n{holder}")
    tagged = [n for n, text in enumerate(path.read_text().splitlines(), 1) if "    @PR-03.1 " in text]
    told = [problem for problem in found(features) if f"@PR-03.1 is given at line {line} too" in problem]
    assert {problem.split(": ")[0] for problem in told} == {f"{path}:{number}" for number in tagged}


def test_equal_lines_of_a_description_are_named_at_their_own(features: Path) -> None:
    """Each is a step that would be lost."""
    path, line = plant(
        features,
        SCOPES,
        "(host)\n      Given the kit",
        "(host)\n      Given: a\n\n      Given: a\n      Given the kit",
    )
    told = [problem for problem in found(features) if "is read as description" in problem]
    assert [re.sub(r": .*", "", problem) for problem in told] == [f"{path}:{line + 1}", f"{path}:{line + 3}"]


def test_a_scenario_without_a_then_is_named(features: Path) -> None:
    """It would judge nothing."""
    path = features / SCOPES
    path.write_text(path.read_text().partition("      # T1\n")[0])
    assert any("has no Then; say what is judged" in problem for problem in found(features))


def test_a_module_that_pytest_would_not_load_is_named(
    features: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sentences would be known to lint and to nobody else."""
    known = pytest_plugin.pytest_plugins
    monkeypatch.setattr(pytest_plugin, "pytest_plugins", known[1:])
    (problem,) = found(features)
    assert problem.endswith(
        "/vocabulary/sources.py:1: pytest does not load it; name it in pdpp_tck.pytest_plugin.pytest_plugins"
    )


def test_an_empty_scenario_is_named(features: Path) -> None:
    """A scenario without steps would pass."""
    path = features / SCOPES
    head, title, _ = path.read_text().partition("    Scenario: Invalid or empty resource shape (host)\n")
    path.write_text(head + title)
    line = head.count("\n") + 1
    assert any(p.startswith(f"{path}:{line}: ") and "is empty" in p for p in found(features))


def test_what_the_ledger_obliges_is_written(features: Path) -> None:
    """A scenario that is deleted is missed, by the line of its entry."""
    path = features / SCOPES
    path.write_text(re.sub(r"    @PR-03\.2 @host.*?(?=\n    @)", "", path.read_text(), flags=re.DOTALL))
    ledger = features / "requirements.toml"
    line = ledger.read_text().partition('id = "PR-03.2"')[0].count("\n") + 1
    assert f"{ledger}:{line}: PR-03.2 obliges a host and no scenario judges it" in found(features)


def test_the_vocabulary_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence more than the budget is too many."""
    monkeypatch.setattr(sentences, "BUDGET", len(sentences.sentences()) - 1)
    (problem,) = sentences.sentence_problems([])
    assert "sentences are more than" in problem
    assert problem.startswith(f"{sentences.vocabulary.__file__}:1: ")


def test_a_sentence_that_nothing_uses_is_named() -> None:
    """Without scenarios every sentence is one too many, each named where it stands."""
    problems = list(sentences.unused([]))
    assert len(problems) == len(sentences.sentences())
    assert all(re.match(r"\S+/vocabulary/\w+\.py:\d+: no scenario uses ", problem) for problem in problems)
    assert list(sentences.unused(read_features(ROOT / "features"))) == []


def test_a_sentence_bound_twice_is_named(features: Path) -> None:
    """pytest-bdd would take the last one silently."""
    from pdpp_tck.sentence import given

    registry = sentences.step_function_context_registry
    before = dict(registry)

    @given("a finished run")
    def again(scene: object) -> None:
        """The same sentence once more."""

    try:
        problems = found(features)
    finally:
        for added in registry.keys() - before.keys():
            del registry[added]
    assert any("2 step definitions match Given 'a finished run'" in problem for problem in problems)
    assert any("is defined outside pdpp_tck.vocabulary" in problem for problem in problems)
    assert all(re.match(r"\S+\.(feature|py):\d+: ", problem) for problem in problems)
