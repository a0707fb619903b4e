"""Where the ledger, the specification and an invented example of each are found."""

import os
import textwrap
from pathlib import Path

import pytest
from parts import missing

_CHECKOUT = Path(__file__).resolve().parents[2]
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


@pytest.fixture(scope="session")
def ledger_file() -> Path:
    """The committed ledger."""
    return _CHECKOUT / "features" / "requirements.toml"


@pytest.fixture(scope="session")
def spec_dir() -> Path:
    """The specification to verify, which lies beside the checkout and is not copied into it."""
    named = os.environ.get("PDPP_SPEC")
    if named is not None and not (Path(named) / "changes").is_dir():
        pytest.fail(f"PDPP_SPEC is {named!r}, which holds no changes/; name the spec's folder or unset it")
    if named is None and not (_SPEC / "changes").is_dir():
        missing("spec", "it lies neither beside the checkout nor where PDPP_SPEC says")
    return Path(named or _SPEC)


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    """The spec.md of an invented specification; tests edit it to move the text under a ledger."""
    file = tmp_path / "changes" / "weigh-bread" / "specs" / "bakery" / "spec.md"
    file.parent.mkdir(parents=True)
    file.write_text(textwrap.dedent(_INVENTED), encoding="utf-8")
    return file
