"""Where the ledger, the specification and an invented example of each are found."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from parts import missing

from pdpp_tck.ledger import read_ledger
from pdpp_tck.openspec import read_openspec

_CHECKOUT = Path(__file__).resolve().parents[1]
_SPEC = _CHECKOUT.parent / "shared" / "spec"

_INVENTED = """\
    # bakery

    ## ADDED Requirements

    ### Requirement: Bread SHALL be weighed

    The baker SHALL weigh every loaf. It MAY be weighed
    twice, but SHALL NOT be weighed while it is hot. Loaves of a.b kind rest.

    #### Scenario: A loaf comes out

    - **WHEN** a loaf is baked
    - **AND** it has cooled
    - **THEN** the scale
      shows its weight
    - **AND** it is not sold before
    - **AND** the baker may eat it

    #### Scenario: Nothing comes out

    - **WHEN** the oven is empty
    - **THEN** the scale SHALL rest
"""


LEDGER = _CHECKOUT / "features" / "requirements.toml"
"""The committed ledger."""


def found_spec() -> Path:
    """The specification to verify, which lies beside the checkout and is not copied into it."""
    named = os.environ.get("PDPP_SPEC")
    if named is not None and not (Path(named) / "changes").is_dir():
        pytest.fail(f"PDPP_SPEC is {named!r}, which holds no changes/; name the spec's folder or unset it")
    if named is None and not (_SPEC / "changes").is_dir():
        missing("spec", "it lies neither beside the checkout nor where PDPP_SPEC says")
    return Path(named or _SPEC)


def invented_at(folder: Path) -> Path:
    """The spec.md of an invented specification below a folder."""
    file = folder / "changes" / "weigh-bread" / "specs" / "bakery" / "spec.md"
    file.parent.mkdir(parents=True)
    file.write_text(textwrap.dedent(_INVENTED), encoding="utf-8")
    return file


def sentence_of(folder: Path, id: str) -> str:
    """The specification's own sentence of a clause; none is written down in our tests."""
    wanted = read_ledger(LEDGER).clause(id).hash
    requirements = read_openspec(folder).requirements
    scenarios = [scenario for requirement in requirements for scenario in requirement.scenarios]
    sentences = (sentence for each in (*requirements, *scenarios) for sentence in each.sentences)
    return next(sentence.text for sentence in sentences if sentence.hash == wanted)


def reworded(folder: Path, id: str, change: Callable[[str], str]) -> None:
    """Change the sentence of a clause in a copy of the specification."""
    old = sentence_of(folder, id)
    new = change(old)
    assert new != old
    for file in folder.glob("changes/*/specs/*/spec.md"):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(old, new), encoding="utf-8")


def another_word(text: str) -> str:
    """A sentence with another last word."""
    end = "." if text.endswith(".") else ""
    return f"{text.removesuffix(end).rpartition(' ')[0]} indeed{end}"
