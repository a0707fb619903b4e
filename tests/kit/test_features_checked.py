"""What pytest-bdd would hide is found before pytest starts, with file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from kit_runs import ROOT, Kit


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """A copy of the features to spoil."""
    return Path(shutil.copytree(ROOT / "features", tmp_path / "features"))


def spoil(file: Path, old: str, new: str) -> int:
    """Replace the first occurrence in a file; the result is the line on which it began."""
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return text[: text.index(old)].count("\n") + 1


def test_two_scenarios_of_one_name_are_refused(called: Kit, features: Path) -> None:
    """pytest-bdd would drop the second one silently."""
    file = features / "polyfill_runtime" / "partitions.feature"
    line = spoil(file, "Prior partition remains present", "Previously observed partition disappears")
    ran = called("run", "--features", str(features))
    assert ran.status == 2
    assert (
        f"{file}:{line}: the name 'Previously observed partition disappears (connector)' is taken" in ran.err
    )


def test_an_empty_scenario_is_refused(called: Kit, features: Path) -> None:
    """A scenario without steps would pass."""
    file = features / "polyfill_runtime" / "resource_scopes.feature"
    text = file.read_text()
    head, _, tail = text.partition("    Scenario: Invalid or empty resource shape (host)\n")
    file.write_text(head + "    Scenario: Invalid or empty resource shape (host)\n")
    assert tail
    line = head.count("\n") + 1
    ran = called("run", "--features", str(features))
    assert ran.status == 2
    assert f"{file}:{line}: scenario 'Invalid or empty resource shape (host)' is empty" in ran.err


def test_a_step_without_definition_is_refused(called: Kit, features: Path) -> None:
    """A step that no sentence says is named by the line where it stands, with the sentences nearest to it."""
    file = features / "polyfill_runtime" / "resource_scopes.feature"
    line = spoil(file, "no connector was started for any of them", "no connector was started for two of them")
    ran = called("run", "--features", str(features))
    assert ran.status == 2
    said = f"{file}:{line}: no step definition for Then 'no connector was started for two of them'"
    assert f"{said}; the nearest are Then 'no connector was started for any of them'" in ran.err


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("      # T2\n", "", "names what it judges"),
        ("@PR-03.2", "@PR-03.7", "unknown tag @PR-03.7"),
        ("@PR-03.1 @host", "@PR-03.1", "needs exactly one of @connector, @host, @storage"),
        ("      # T2\n", "      # T3\n", "PR-03.1/T3 obliges no host"),
        ("Feature: Resource", "Feture: Resource", "resource_scopes.feature"),
    ],
)
def test_other_breaches_are_named(called: Kit, features: Path, old: str, new: str, told: str) -> None:
    """Unmapped Thens, unknown tags, missing kinds, foreign clauses and broken Gherkin end 2."""
    file = features / "polyfill_runtime" / "resource_scopes.feature"
    spoil(file, old, new)
    ran = called("run", "--features", str(features))
    assert ran.status == 2
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_an_edited_feature_shows_at_the_next_run(kit: Kit, features: Path) -> None:
    """The features that are read are the ones in the folder, not a copy made at installation."""
    file = features / "polyfill_runtime" / "resource_scopes.feature"
    spoil(file, '| {"messages": null}                         |', '| {"messages": ["fine"]} |')
    ran = kit("run", "--format", "json", "--features", str(features), "--select", "PR-03.3")
    assert ran.status == 1, ran.err
    assert ran.verdicts("host") == {"PR-03.3": "failed"}
