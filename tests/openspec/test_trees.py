"""read_openspec: what becomes a requirement, a scenario, a sentence and a clause."""

import hashlib
from pathlib import Path

import pytest

from pdpp_tck.openspec import SpecNotFound, SpecRequirement, UnreadableSpec, read_openspec


def _only(invented: Path) -> SpecRequirement:
    (requirement,) = read_openspec(invented.parents[4]).requirements
    return requirement


def _edited(invented: Path, old: str, new: str) -> None:
    text = invented.read_text(encoding="utf-8")
    assert text.count(old) == 1
    invented.write_text(text.replace(old, new), encoding="utf-8")


def test_the_specification_holds_ninety_clauses(spec_dir: Path) -> None:
    """The 5 changes hold 13 requirements, 28 scenarios, 30 body sentences, 34 + 56 clauses."""
    requirements = read_openspec(spec_dir).requirements
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
    assert read_openspec(invented.parents[4]).requirements == ()


def test_a_file_that_is_no_text_is_refused(invented: Path) -> None:
    """What is not UTF-8 is an error with the file's name."""
    invented.write_bytes(b"## ADDED Requirements\n\xff\n")
    with pytest.raises(UnreadableSpec, match=r"spec\.md: cannot be read"):
        read_openspec(invented.parents[4])


def test_a_folder_without_changes_is_refused(tmp_path: Path) -> None:
    """A wrong folder is an error, not a specification without requirements."""
    with pytest.raises(SpecNotFound, match="give the folder that holds specs/ or changes/"):
        read_openspec(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("## ADDED Requirements", "##  added requirements ##"),
        ("### Requirement: Bread", "###requirement:Bread"),
        ("#### Scenario: Nothing comes out", "#### Nothing comes out"),
        ("#### Scenario: Nothing comes out", "   ####SCENARIO :  Nothing  comes out ####"),
        ("- **WHEN** the oven is empty", "* **When:** the oven is empty"),
        ("- **WHEN** the oven is empty", "1. WHEN the oven is empty"),
        ("- **WHEN** the oven is empty\n- **THEN**", "When the oven is empty\nThen"),
        ("- **WHEN** the oven is empty\n", "WHEN the oven\n   is\n\n   empty\n"),
        ("- **THEN** the scale SHALL rest", "      - __THEN__ the scale\n        SHALL rest"),
        (
            "the scale SHALL rest\n",
            "the scale SHALL rest\n\n```\n- **THEN** not this\n#### Scenario: nor this\n```\n",
        ),
        ("It MAY be weighed\ntwice", "It MAY\n   be   weighed twice"),
        ("The baker SHALL", "<!-- not\n### Requirement: this\n--> The baker SHALL"),
    ],
)
def test_other_spellings_are_the_same_tree(invented: Path, old: str, new: str) -> None:
    """Case, bullets, indentation, line breaks, code and comments change nothing, and are no finding."""
    before = read_openspec(invented.parents[4])
    _edited(invented, old, new)
    after = read_openspec(invented.parents[4])
    assert after.files == before.files
    assert after.findings == before.findings == ()


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_a_byte_order_mark_and_other_line_ends_are_the_same_tree(invented: Path, ends: str) -> None:
    """A file from another system is read as it is meant, its lines counted alike."""
    before = read_openspec(invented.parents[4])
    text = invented.read_text(encoding="utf-8").replace("\n", ends)
    invented.write_bytes(b"\xef\xbb\xbf" + text.encode())
    after = read_openspec(invented.parents[4])
    assert (after.files, after.findings) == (before.files, ())
    assert after.requirements[0].scenarios[0].line == before.requirements[0].scenarios[0].line


def test_sections_of_one_kind_are_one(invented: Path) -> None:
    """A second ADDED section adds to the first."""
    text = "\n## ADDED Requirements\n\n### Requirement: Salt\n\nSalt SHALL be dry.\n"
    invented.write_text(invented.read_text(encoding="utf-8") + text, encoding="utf-8")
    titles = [requirement.title for requirement in read_openspec(invented.parents[4]).requirements]
    assert titles == ["Bread SHALL be weighed", "Salt"]


@pytest.mark.parametrize(
    ("steps", "sentences"),
    [
        ("- **THEN** a\n- **BUT** b", ["a", "b"]),
        ("- **THEN** a\n- **OR** b\n- **UNLESS** c\n- **AND** d", ["a OR b UNLESS c", "d"]),
        ("- **WHEN** a\n- **OR** b\n- **THEN** c", ["c"]),
        ("- **THEN** these:\n  - one\n  - two\n- **AND** d", ["these: one two", "d"]),
        ("- **THEN** a\n- **WHEN** b\n- **THEN** c", ["a", "c"]),
        ("- **THEN** a line that ends in\n  OR and goes on", ["a line that ends in OR and goes on"]),
    ],
)
def test_what_is_a_clause_of_its_own(invented: Path, steps: str, sentences: list[str]) -> None:
    """AND and BUT after THEN are clauses; OR and UNLESS say more of the one before; the rest goes on."""
    _edited(invented, "- **WHEN** the oven is empty\n- **THEN** the scale SHALL rest", steps)
    assert [sentence.text for sentence in _only(invented).scenarios[1].sentences] == sentences


def test_lines_are_kept(invented: Path) -> None:
    """Requirement, sentence, scenario and outcome know the line on which they begin."""
    lines = invented.read_text(encoding="utf-8").splitlines()
    requirement = _only(invented)
    assert lines[requirement.line - 1].startswith("### Requirement")
    assert [lines[sentence.line - 1].split()[-1] for sentence in requirement.sentences] == [
        "weighed", "weighed", "rest.",
    ]  # fmt: skip
    assert [lines[scenario.line - 1] for scenario in requirement.scenarios] == [
        "#### Scenario: A loaf comes out",
        "#### Scenario: Nothing comes out",
    ]
    assert lines[requirement.scenarios[0].sentences[1].line - 1] == "- **AND** it is not sold before"


_MAIN = """\
# bakery
## Requirements
### Requirement: Bread SHALL be weighed
Loaves SHALL be weighed.
#### Scenario: Weighing
- **THEN** it is heavy
### Requirement: Salt
Salt SHALL be dry.
#### Scenario: Drying
- **THEN** it is dry
"""


@pytest.mark.parametrize(
    ("change", "titles"),
    [
        (
            "## REMOVED Requirements\n### Requirement: Salt\n**Reason**: it MAY go.",
            ["Bread SHALL be weighed"],
        ),
        ("## REMOVED Requirements\n- `### Requirement: Salt`", ["Bread SHALL be weighed"]),
        (
            "## RENAMED Requirements\n- FROM: `### Requirement: Salt`\n- TO: `### Requirement: Sea salt`",
            ["Bread SHALL be weighed", "Sea salt"],
        ),
        ("## RENAMED Requirements\nfrom: Salt\nto: Sea salt", ["Bread SHALL be weighed", "Sea salt"]),
        (
            "## ADDED Requirements\n### Requirement: Oil\nOil SHALL flow.\n#### Scenario: Flow\n- THEN it is",
            ["Oil", "Bread SHALL be weighed", "Salt"],
        ),
    ],
)
def test_changes_are_made_to_main_specs(tmp_path: Path, change: str, titles: list[str]) -> None:
    """What is required is what the main specs say once every change is made."""
    for path, text in {"specs/bakery": _MAIN, "changes/mend/specs/bakery": change}.items():
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "spec.md").write_text(text, encoding="utf-8")
    spec = read_openspec(tmp_path)
    assert [requirement.title for requirement in spec.requirements] == titles
    assert spec.findings == ()


def test_a_modified_requirement_stands_for_the_old_one(tmp_path: Path) -> None:
    """The text of the change counts, and a change that is archived is in the main specs already."""
    changed = _MAIN.replace("## Requirements", "## MODIFIED Requirements").replace("heavy", "light")
    for path, text in {
        "openspec/specs/bakery": _MAIN,
        "openspec/changes/mend/specs/bakery": changed,
        "openspec/changes/archive/old/specs/bakery": _MAIN,
    }.items():
        (tmp_path / path).mkdir(parents=True)
        (tmp_path / path / "spec.md").write_text(text, encoding="utf-8")
    bread, salt = read_openspec(tmp_path).requirements
    assert (bread.change, bread.scenarios[0].sentences[0].text) == ("mend", "it is light")
    assert salt.change == "mend"
