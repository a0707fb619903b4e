"""read_openspec: what becomes a requirement, a scenario, a sentence and a clause."""

import hashlib
from pathlib import Path

import pytest

from pdpp_tck.ledger import SpecNotFound, SpecRequirement, UnreadableSpec, read_openspec


def _only(invented: Path) -> SpecRequirement:
    (requirement,) = read_openspec(invented.parents[4])
    return requirement


def _edited(invented: Path, old: str, new: str) -> None:
    text = invented.read_text(encoding="utf-8")
    assert text.count(old) == 1
    invented.write_text(text.replace(old, new), encoding="utf-8")


def test_the_specification_holds_ninety_clauses(spec_dir: Path) -> None:
    """The 5 changes hold 13 requirements, 28 scenarios, 30 body sentences, 34 + 56 clauses."""
    requirements = read_openspec(spec_dir)
    scenarios = [scenario for requirement in requirements for scenario in requirement.scenarios]
    sentences = [sentence for requirement in requirements for sentence in requirement.sentences]
    outcomes = [sentence for scenario in scenarios for sentence in scenario.sentences]
    assert len({requirement.change for requirement in requirements}) == 5
    assert (len(requirements), len(scenarios)) == (13, 28)
    assert (len(sentences), sum(len(sentence.clauses) for sentence in sentences)) == (30, 34)
    assert (len(outcomes), sum(len(outcome.clauses) for outcome in outcomes)) == (56, 56)


def test_a_requirement_knows_its_place(invented: Path) -> None:
    """A requirement carries its title and the change and capability of its folder."""
    requirement = _only(invented)
    assert requirement.title == "Bread SHALL be weighed"
    assert (requirement.change, requirement.capability) == ("weigh-bread", "bakery")


def test_a_body_is_cut_into_sentences(invented: Path) -> None:
    """A wrapped line is one sentence, and a full stop inside a word ends none."""
    assert [sentence.text for sentence in _only(invented).sentences] == [
        "The baker SHALL weigh every loaf.",
        "It MAY be weighed twice, but SHALL NOT be weighed while it is hot.",
        "Loaves of a.b kind rest.",
    ]


def test_a_bullet_in_a_body_is_a_sentence(invented: Path) -> None:
    """Bullets in a body need no full stop to be told apart."""
    _edited(invented, " Loaves of a.b kind rest.", "\n\n- rye SHALL rest\n- oats SHALL NOT")
    assert [sentence.text for sentence in _only(invented).sentences][2:] == [
        "rye SHALL rest",
        "oats SHALL NOT",
    ]


def test_two_modals_make_two_clauses(invented: Path) -> None:
    """A sentence with two modals is two clauses, a and b, under the hash of the whole."""
    sentence = _only(invented).sentences[1]
    assert [(clause.mark, clause.level) for clause in sentence.clauses] == [
        ("R2a", "MAY"),
        ("R2b", "SHALL NOT"),
    ]
    assert {clause.hash for clause in sentence.clauses} == {sentence.hash}


def test_an_and_is_what_the_line_before_it_is(invented: Path) -> None:
    """An AND after WHEN is a premise, an AND after THEN is a clause."""
    scenario = _only(invented).scenarios[0]
    assert scenario.premises == ("a loaf is baked", "it has cooled")
    assert [sentence.mark for sentence in scenario.sentences] == ["T1", "T2", "T3"]


def test_a_level_is_read_from_the_modal(invented: Path) -> None:
    """No keyword is SHALL, a negated one SHALL NOT, and "may" in any case MAY."""
    sentences = _only(invented).scenarios[0].sentences
    assert [clause.level for sentence in sentences for clause in sentence.clauses] == [
        "SHALL",
        "SHALL NOT",
        "MAY",
    ]


def test_a_hash_is_of_the_bare_sentence(invented: Path) -> None:
    """Bullet, keyword and the kind of white space are no part of the hash."""
    sentence = _only(invented).scenarios[0].sentences[0]
    assert sentence.text == "the scale shows its weight"
    assert sentence.hash == hashlib.sha256(b"the scale shows its weight").hexdigest()


@pytest.mark.parametrize("section", ["REMOVED", "RENAMED"])
def test_what_a_change_takes_away_is_not_required(invented: Path, section: str) -> None:
    """Requirements under REMOVED and RENAMED are left out."""
    _edited(invented, "## ADDED", f"## {section}")
    assert read_openspec(invented.parents[4]) == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- **THEN** the scale SHALL rest", "- the scale SHALL rest"),
        ("- **THEN** the scale SHALL rest", "the scale SHALL rest"),
        ("- **THEN** the scale SHALL rest", "- **THEN**"),
        ("- **WHEN** the oven is empty", "- **AND** the oven is empty"),
        ("#### Scenario: Nothing comes out", "#### Nothing comes out"),
        ("### Requirement: Bread SHALL be weighed", "### Bread SHALL be weighed"),
    ],
)
def test_a_line_that_fits_nowhere_is_refused(invented: Path, old: str, new: str) -> None:
    """A line that cannot be placed is an error with file and line, never a lost clause."""
    _edited(invented, old, new)
    with pytest.raises(UnreadableSpec, match=r"spec\.md:\d+: cannot place"):
        read_openspec(invented.parents[4])


def test_a_file_without_a_heading_is_refused(invented: Path) -> None:
    """A spec.md that requires nothing is an error."""
    invented.write_text("", encoding="utf-8")
    with pytest.raises(UnreadableSpec):
        read_openspec(invented.parents[4])


def test_a_folder_without_changes_is_refused(tmp_path: Path) -> None:
    """A wrong folder is an error, not a specification without requirements."""
    with pytest.raises(SpecNotFound, match="give the folder that holds changes/"):
        read_openspec(tmp_path)
