"""One breach of each lint rule, planted in a copy, is named with file and line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from pdpp_tck.features import read_features
from pdpp_tck.ledger import read_ledger
from pdpp_tck.lint import lint, sentences

ROOT = Path(__file__).parents[2]
SCOPES = "polyfill_runtime/resource_scopes.feature"
PARTITIONS = "polyfill_runtime/partitions.feature"
OUTLINE = """
    @PR-03.1 @host
    Scenario Outline: Cases
      When the owner starts a run
      # T1
      Then each of these is refused by a typed error
      Examples:
        | a |
        | 1 |
"""


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


SPOILT = {
    "a known tag": (SCOPES, "@PR-03.2 @host", "@PR-03.2 @host @soon", 1, "unknown tag @soon"),
    "one kind": (SCOPES, "@PR-03.1 @host", "@PR-03.1", 1, "needs exactly one of"),
    "an id": (SCOPES, "@PR-03.1 @host", "@host", 1, "needs exactly one id tag"),
    "an id of the ledger": (
        SCOPES,
        "@PR-03.2 @",
        "@PR-03.7 @",
        1,
        "unknown tag @PR-03.7; did you mean @",
    ),
    "an id once": (SCOPES, "@PR-03.2 @host", "@PR-03.3 @host", None, "PR-03.3 is judged for the host at"),
    "a name once": (
        SCOPES,
        "Invalid or empty resource shape (host)",
        "Targeted stream resource run (host)",
        0,
        "the name 'Targeted stream resource run (host)' is taken at line",
    ),
    "its derivation": (
        SCOPES,
        "@PR-03/scoped-then-full @advice",
        "@PR-03/scoped-then-full",
        1,
        "the tag @advice",
    ),
    "a mapping comment": (
        SCOPES,
        "      # T2\n      And every identifier",
        "      And every identifier",
        0,
        "names what",
    ),
    "an obliged clause": (
        SCOPES,
        "# T2\n      And every id",
        "# T3\n      And every id",
        None,
        "PR-03.1/T3 obliges no",
    ),
    "every clause": (
        SCOPES,
        "# T2\n      And every id",
        "# T1\n      And every id",
        None,
        "no Then judges PR-03.1/T2",
    ),
    "a bound step": (
        SCOPES,
        "Then the record",
        "Then this record",
        0,
        "no step definition for Then 'this record",
    ),
    "a step, not a description": (
        SCOPES,
        "(host)\n      Given the kit",
        "(host)\n      Given: the kit",
        1,
        "is read as description",
    ),
    "no Background": (
        SCOPES,
        "  Rule: Owner-triggered",
        "  Background:\n    Given a finished run\n\n  Rule: Owner-triggered",
        0,
        "a Background hides",
    ),
    "no Outline": (SCOPES, "\n    @PR-03.2 @host", OUTLINE + "\n    @PR-03.2 @host", 2, "an Outline makes"),
    "one When": (
        SCOPES,
        "      When the owner starts a run\n",
        "",
        None,
        "0 Whens where one behaviour has one",
    ),
    "few steps": (
        PARTITIONS,
        "      And a finished run\n",
        "      And a finished run\n" * 5,
        None,
        "steps are more than 7",
    ),
}


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


def test_an_empty_scenario_is_named(features: Path) -> None:
    """A scenario without steps would pass."""
    path = features / SCOPES
    head, title, _ = path.read_text().partition("    Scenario: Invalid or empty resource shape (host)\n")
    path.write_text(head + title)
    line = head.count("\n") + 1
    assert any(p.startswith(f"{path}:{line}: ") and "is empty" in p for p in found(features))


def test_what_the_ledger_obliges_is_written(features: Path) -> None:
    """A scenario that is deleted is missed."""
    path = features / SCOPES
    path.write_text(re.sub(r"    @PR-03\.2 @host.*?(?=\n    @)", "", path.read_text(), flags=re.DOTALL))
    assert f"{features / 'requirements.toml'}:1: PR-03.2 obliges a host and no scenario judges it" in found(
        features
    )


SENTENCES = {
    "async": ("async def _(scene):\n    pass", "is async and would pass without being run"),
    "the wrong door": ("def _(evidence, judge):\n    pass", "is a Given, so it takes scene first"),
    "another side": ("def _(scene):\n    Judge", "touches Judge, beyond the door"),
    "another side by way of another": (
        "def _(scene):\n    over()\n\ndef over():\n    Asking",
        "touches Asking",
    ),
    "private": ("def _(scene):\n    scene._door", "'_door' is private"),
    "imports": ("def _(scene):\n    import subprocess", "no use for 'subprocess'"),
}


@pytest.mark.parametrize("rule", SENTENCES)
def test_a_sentence_stays_on_its_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    """Given, When and Then each have their own part of the door."""
    body, told = SENTENCES[rule]
    room = tmp_path / "vocabulary"
    room.mkdir()
    (room / "__init__.py").write_text("")
    module = room / "planted.py"
    module.write_text(f'@given("something")\n{body}\n')
    monkeypatch.setattr(sentences.vocabulary, "__file__", str(room / "__init__.py"))
    (problem,) = sentences.sentence_problems([])
    assert told in problem
    assert re.match(rf"{re.escape(str(module))}:[23]: ", problem)


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
    assert all(re.match(r"\S+\.feature:\d+: ", problem) for problem in problems)
