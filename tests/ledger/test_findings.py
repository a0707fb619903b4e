"""drift: what has moved in the specification since the ledger was written."""

from pathlib import Path

import pytest

from pdpp_tck.ledger import Clause, Finding, Ledger, Requirement, Scenario, Sentence, drift, read_openspec


def _clauses(owner: str, sentences: tuple[Sentence, ...]) -> tuple[Clause, ...]:
    clauses = [clause for sentence in sentences for clause in sentence.clauses]
    return tuple(
        Clause(f"{owner}/{clause.mark}", clause.level, ("connector",), "wire", "…", clause.hash)
        for clause in clauses
    )


@pytest.fixture
def ledger(invented: Path) -> Ledger:
    """A ledger that agrees with the invented specification."""
    (spec,) = read_openspec(invented.parents[4])
    scenarios = tuple(
        Scenario(f"BR-01.{number}", scenario.title, _clauses(f"BR-01.{number}", scenario.sentences))
        for number, scenario in enumerate(spec.scenarios, 1)
    )
    body = _clauses("BR-01", spec.sentences)
    return Ledger(
        (Requirement("BR-01", spec.title, spec.change, spec.capability, body, scenarios),), digest=""
    )


def _found(ledger: Ledger, invented: Path, old: str, new: str) -> list[tuple[str, str]]:
    text = invented.read_text(encoding="utf-8")
    assert text.count(old) == 1
    invented.write_text(text.replace(old, new), encoding="utf-8")
    return [(finding.what, finding.id) for finding in drift(ledger, invented.parents[4])]


def test_an_unmoved_text_gives_no_finding(ledger: Ledger, invented: Path) -> None:
    """A ledger that agrees with the text has no drift."""
    assert drift(ledger, invented.parents[4]) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("every loaf.", "each loaf.", [("hash", "BR-01/R1")]),
        ("the scale SHALL rest", "the scale MAY rest", [("hash", "BR-01.2/T1"), ("level", "BR-01.2/T1")]),
        (
            "MAY be weighed",
            "can be weighed",
            [("missing", "BR-01/R2a"), ("missing", "BR-01/R2b"), ("unlisted", "BR-01/R2")],
        ),
        ("- **AND** the baker may eat it\n", "", [("missing", "BR-01.1/T3")]),
        ("Bread SHALL be weighed", "Loaves SHALL be weighed", [("title", "BR-01")]),
        ("Scenario: A loaf comes out", "Scenario: A bun comes out", [("title", "BR-01.1")]),
        (
            "#### Scenario: Nothing comes out",
            "#### Scenario: Fire\n\n- **WHEN** it burns\n- **THEN** water SHALL flow\n\n"
            "#### Scenario: Nothing comes out",
            [("unlisted", "weigh-bread: Bread SHALL be weighed: Fire")],
        ),
        (
            "#### Scenario: Nothing comes out\n\n"
            "- **WHEN** the oven is empty\n- **THEN** the scale SHALL rest\n",
            "",
            [("missing", "BR-01.2")],
        ),
        (
            "### Requirement: Bread SHALL be weighed",
            "### Requirement: Salt\n\nSalt SHALL be dry.\n\n### Requirement: Bread SHALL be weighed",
            [("unlisted", "weigh-bread: Salt")],
        ),
        ("## ADDED", "## REMOVED", [("missing", "BR-01")]),
    ],
)
def test_a_moved_text_is_found(
    ledger: Ledger, invented: Path, old: str, new: str, found: list[tuple[str, str]]
) -> None:
    """Each way in which the text can move is found where it happened, and nothing beside it."""
    assert sorted(_found(ledger, invented, old, new)) == sorted(found)


def test_a_moved_file_is_found(ledger: Ledger, invented: Path) -> None:
    """A requirement that stands in another change or capability is found there."""
    spec_dir = invented.parents[4]
    (spec_dir / "changes" / "weigh-bread").rename(spec_dir / "changes" / "weigh-buns")
    assert drift(ledger, spec_dir) == [Finding("change", "BR-01", "weigh-bread", "weigh-buns")]


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (Finding("missing", "BR-01"), "not in the spec; remove it"),
        (Finding("unlisted", "weigh-bread: Salt"), "not in the ledger; give it an entry"),
        (
            Finding("level", "BR-01/R1", "MAY", "SHALL"),
            "'MAY' in the ledger, 'SHALL' in the spec; read both again",
        ),
    ],
)
def test_a_finding_says_what_to_do(finding: Finding, words: str) -> None:
    """A finding prints its id, what happened and a remedy."""
    assert str(finding).startswith(f"{finding.id}: ")
    assert words in str(finding)
