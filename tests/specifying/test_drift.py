"""drift: what has moved in the specification since the ledger was written."""

from pathlib import Path

import pytest

from pdpp_tck.ledger import Clause, Ledger, Requirement, Scenario
from pdpp_tck.openspec import Finding, Sentence, read_openspec
from pdpp_tck.specifying.drift import drift
from pdpp_tck.specifying.rows import Rows


def _clauses(owner: str, sentences: tuple[Sentence, ...]) -> tuple[Clause, ...]:
    clauses = [clause for sentence in sentences for clause in sentence.clauses]
    return tuple(
        Clause(f"{owner}/{clause.mark}", clause.level, ("connector",), "wire", "…", clause.hash)
        for clause in clauses
    )


@pytest.fixture
def ledger(invented: Path) -> Ledger:
    """A ledger that agrees with the invented specification."""
    (spec,) = read_openspec(invented.parents[4]).requirements
    scenarios = tuple(
        Scenario(f"BR-01.{number}", scenario.title, _clauses(f"BR-01.{number}", scenario.sentences))
        for number, scenario in enumerate(spec.scenarios, 1)
    )
    body = _clauses("BR-01", spec.sentences)
    return Ledger(
        (Requirement("BR-01", spec.title, spec.change, spec.capability, body, scenarios),), digest=""
    )


ROWS = Rows(Path("requirements.toml"), (), {"BR-01": 3, "BR-01.2": 30, "BR-01.1/T3": 20})


def _drift(ledger: Ledger, invented: Path) -> list[Finding]:
    return drift(ledger, read_openspec(invented.parents[4]), [ROWS])


def _found(ledger: Ledger, invented: Path, old: str, new: str) -> list[Finding]:
    text = invented.read_text(encoding="utf-8")
    assert text.count(old) == 1
    invented.write_text(text.replace(old, new), encoding="utf-8")
    return _drift(ledger, invented)


def test_an_unmoved_text_gives_no_finding(ledger: Ledger, invented: Path) -> None:
    """A ledger that agrees with the text has no drift."""
    assert _drift(ledger, invented) == []


SPEC = "spec.md"
LEDGER = "requirements.toml"
FIRE = "#### Scenario: Fire\n\n- **WHEN** it burns\n- **THEN** water SHALL flow\n\n"

NOTHING = """\
#### Scenario: Nothing comes out

- **WHEN** the oven is empty
- **THEN** the scale SHALL rest
"""


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("every loaf.", "each loaf.", [("stale", "BR-01/R1", SPEC, 7)]),
        ("the scale SHALL rest", "the scale MAY rest", [("stale", "BR-01.2/T1", SPEC, 22)]),
        # One modal less makes one clause of two, which no new hash settles.
        (
            "MAY be weighed",
            "can be weighed",
            [("stale", "BR-01/R2a", SPEC, 7), ("stale", "BR-01/R2b", SPEC, 7)],
        ),
        ("- **AND** the baker may eat it\n", "", [("orphaned", "BR-01.1/T3", LEDGER, 20)]),
        ("- **AND** it is not sold before\n", "", [("orphaned", "BR-01.1/T2", LEDGER, 1)]),
        (
            "- **AND** the baker may",
            "- **AND** it steams\n- **AND** the baker may",
            [("uncovered", "BR-01.1/T4", SPEC, 17)],
        ),
        ("The baker SHALL", "Salt SHALL be dry. The baker SHALL", [("uncovered", "BR-01/R4", SPEC, 7)]),
        ("Bread SHALL be weighed", "Loaves SHALL be weighed", [("renamed", "BR-01", SPEC, 5)]),
        ("Scenario: A loaf comes out", "Scenario: A bun comes out", [("renamed", "BR-01.1", SPEC, 10)]),
        (
            "#### Scenario: Nothing comes out",
            FIRE + "#### Scenario: Nothing comes out",
            [("uncovered", "weigh-bread: Bread SHALL be weighed: Fire", SPEC, 19)],
        ),
        (
            NOTHING,
            "",
            [("orphaned", "BR-01.2", LEDGER, 30)],
        ),
        (
            "### Requirement: Bread SHALL be weighed",
            "### Requirement: Salt\n\nSalt SHALL be dry.\n\n### Requirement: Bread SHALL be weighed",
            [("uncovered", "weigh-bread: Salt", SPEC, 5)],
        ),
        ("## ADDED", "## REMOVED", [("orphaned", "BR-01", SPEC, 5)]),
        ("# bakery", "# a heading\n\nand a line that obliges nobody", []),
        ("It MAY be weighed\ntwice", "It MAY be\n\tweighed   twice", []),
        ("- **THEN** the scale\n  shows its weight", "* **THEN** the\n      scale shows its weight", []),
    ],
)
def test_a_moved_text_is_found(
    ledger: Ledger, invented: Path, old: str, new: str, found: list[tuple[str, str, str, int]]
) -> None:
    """Each way in which the text can move is found where it happened, and nothing beside it."""
    findings = _found(ledger, invented, old, new)
    assert sorted((f.kind, f.id, f.file.name, f.line) for f in findings) == sorted(found)


def test_sentences_in_another_order_are_the_same(ledger: Ledger, invented: Path) -> None:
    """Ids are permanent: a sentence keeps its own wherever it stands."""
    old = "- **AND** it is not sold before\n- **AND** the baker may eat it"
    assert (
        _found(ledger, invented, old, "- **AND** the baker may eat it\n- **AND** it is not sold before") == []
    )


def test_a_moved_file_is_found(ledger: Ledger, invented: Path) -> None:
    """A requirement that stands in another change or capability is found there."""
    spec_dir = invented.parents[4]
    (spec_dir / "changes" / "weigh-bread").rename(spec_dir / "changes" / "weigh-buns")
    (finding,) = _drift(ledger, invented)
    assert (finding.kind, finding.id) == ("moved", "BR-01")
    assert "the change 'weigh-buns', 'weigh-bread' in the ledger" in finding.message


def test_an_archived_change_is_no_finding(ledger: Ledger, invented: Path) -> None:
    """Once its requirements stand in the main specs, a change is made and the ledger still right."""
    main = invented.parents[4] / "specs" / "bakery" / "spec.md"
    main.parent.mkdir(parents=True)
    main.write_text(invented.read_text(encoding="utf-8").replace("## ADDED R", "## R"), encoding="utf-8")
    invented.unlink()
    assert _drift(ledger, invented) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("## ADDED", "## REMOVED", "is removed by the change weigh-bread; delete its rows"),
        (
            "every loaf.",
            "each loaf.",
            "has changed to 'The baker SHALL weigh each loaf.'; mend what judges it",
        ),
        ("the scale SHALL rest", "the scale MAY rest", "which makes it MAY where it was SHALL; mend"),
        ("MAY be weighed", "can be weighed", "now has 1 clauses (SHALL NOT)"),
        ("A loaf comes", "A bun comes", "is now called 'A bun comes out', 'A loaf comes out' in the ledger"),
        (
            "#### Scenario: Nothing",
            FIRE + "#### Scenario: Nothing",
            "`pdpp-tck spec scaffold` makes its rows",
        ),
    ],
)
def test_a_finding_says_what_to_do(ledger: Ledger, invented: Path, old: str, new: str, words: str) -> None:
    """A finding says what happened, with the new text, and a remedy."""
    assert words in _found(ledger, invented, old, new)[0].message
