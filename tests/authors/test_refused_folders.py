"""A folder outside our tree is refused where it says again what is ours, or less than ours does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from author_folder import DISCREET, Problems

from pdpp_tck.assembly import read_requirements
from pdpp_tck.options import UsageError

SHADOWS = {
    "an id": (
        "requirements.toml",
        'id = "PR-01/no-place"',
        'id = "PR-01/still-missing"',
        "PR-01/still-missing is one of ours",
    ),
    "an id of the specification": (
        "requirements.toml",
        "[[requirement.derived]]",
        '[[requirement.scenario]]\nid = "PR-01.2"\n\n[[requirement.derived]]',
        "the id PR-01.2 is one of ours; give another",
    ),
    "another title for what is ours": (
        "requirements.toml",
        'id = "PR-01"\n',
        'id = "PR-01"\ntitle = "Other"\n',
        "PR-01 is a requirement of ours and its title 'Other' is not ours",
    ),
    "the title of another": (
        "requirements.toml",
        'title = "A missing partition is named without the place where it lay"',
        'title = "Prior partition remains present"',
        "the title 'Prior partition remains present' is that of PR-01.2",
    ),
    "an id of the profile": (
        "requirements.toml",
        'id = "PR-01"\n',
        'id = "CP-90"\n',
        "the ids CP-… are those of rules of ours; begin CP-90 otherwise",
    ),
    "the name of a scenario": (
        "places.feature",
        "A missing partition is named without the place where it lay (connector)",
        "Prior partition remains present (connector)",
        "is that of PR-01.2 of ours; give another",
    ),
    "a tag of ours": (
        "places.feature",
        "@PR-01/no-place @advice",
        "@PR-01.2",
        "PR-01.2 is judged for the connector at ",
    ),
    "a sentence": (
        "steps/places.py",
        '@then("no line about a gap tells where the source lies")',
        "@then('\"{name}\" is named as missing')",
        "is the sentence '\"{partition}\" is named as missing' of ours, ",
    ),
    "a sentence that takes steps of ours": (
        "steps/places.py",
        '@then("no line about a gap tells where the source lies")',
        '@then("{who} is named as missing")',
        "'{who} is named as missing' is the sentence",
    ),
}


@pytest.mark.parametrize("what", SHADOWS)
def test_what_is_ours_is_not_said_again(spoilt: Problems, what: str) -> None:
    """Each is refused by file and line of the folder's, before anything runs."""
    file, old, new, expected = SHADOWS[what]
    said = spoilt(file, old, new)
    line = next(line for line in said.splitlines() if expected in line)
    named = re.match(rf"{re.escape(file)}:(\d+): ", line)
    assert named is not None, line
    assert int(named[1]) > 1


WRONG = {
    "a broken module": (
        "steps/places.py",
        "def tells_no_place(",
        "def tells_no_place((",
        "breaks when it is imported: SyntaxError",
    ),
    "an import of nothing": (
        "steps/places.py",
        "from typing import Any",
        "from nowhere import Any",
        "places.py:6: breaks when it is imported: ModuleNotFoundError",
    ),
    "a way around the door": (
        "steps/places.py",
        "from typing import Any",
        "from typing import Any\nimport os",
        "steps/places.py:7: a sentence has no use for 'os'",
    ),
    "a Then without a map": (
        "places.feature",
        "      # T1\n",
        "",
        "places.feature:11: the comment above a Then names what it judges",
    ),
    "no control": ("places.feature", "# control", "# T1", "only forbids; add a Then below # control"),
    "a step that nobody knows": (
        "places.feature",
        'the partition "beta" disappears',
        'the partition "beta" vanishes',
        "vanishes'; the nearest are Given 'the partition \"{partition}\" disappears'",
    ),
    "an obligation that nothing judges": (
        "places.feature",
        "@connector",
        "@host",
        "requirements.toml:7: PR-01/no-place obliges a connector and no scenario judges it",
    ),
    "a misspelt field": (
        "requirements.toml",
        "tier",
        "teer",
        "PR-01/no-place/T1: teer: 'teer' is not a field here",
    ),
    "a text": (
        "places.feature",
        "      Given a source with",
        "      Given: so\n      Given a source with",
        "places.feature:7: 'Given: so' is read as description",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_same_is_demanded_as_of_ours(spoilt: Problems, what: str) -> None:
    """Text, sentences, scenarios and rows, each by file and line."""
    file, old, new, expected = WRONG[what]
    assert expected in spoilt(file, old, new)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """Not there, without a ledger, without a scenario, around our own."""
    with pytest.raises(UsageError, match="no such folder"):
        read_requirements(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"requirements\.toml: is not there; write one"):
        read_requirements(tmp_path)
    (tmp_path / "requirements.toml").write_text("ledger_version = 1\n[[requirement")
    with pytest.raises(UsageError, match="cannot be read"):
        read_requirements(tmp_path)
    shutil.copy(DISCREET / "requirements.toml", tmp_path)
    with pytest.raises(UsageError, match="no scenario found"):
        read_requirements(tmp_path)
