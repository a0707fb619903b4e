"""Ledger: look-ups by id, and help for ids that are mistyped."""

from pathlib import Path

import pytest

from pdpp_tck.ledger import Ledger, UnknownId, read_ledger
from pdpp_tck.ledger.model import digest_of


@pytest.fixture(scope="module")
def ledger(ledger_file: Path) -> Ledger:
    """The committed ledger."""
    return read_ledger(ledger_file)


def test_entries_are_found_by_id(ledger: Ledger) -> None:
    """Requirements, scenarios and clauses are found by their ids."""
    assert ledger.requirement("PR-02").id == "PR-02"
    assert ledger.scenario("PR-02.1").id == "PR-02.1"
    assert ledger.clause("PR-02/R2a").level == "MAY"


@pytest.mark.parametrize(
    ("noun", "id", "nearest"),
    [("requirement", "PR-1", "PR-01"), ("scenario", "PR-01", "PR-01."), ("clause", "PR-02/R2", "PR-02/R2")],
)
def test_an_unknown_id_is_refused_with_the_nearest(ledger: Ledger, noun: str, id: str, nearest: str) -> None:
    """A look-up that fails suggests an id of the kind that was asked for."""
    with pytest.raises(UnknownId, match=f"no {noun} '{id}'; did you mean '{nearest}") as raised:
        getattr(ledger, noun)(id)
    assert raised.value.nearest in ledger.ids


@pytest.mark.parametrize(
    ("mistyped", "meant"),
    [
        ("pr-01.1", "PR-01.1"),
        ("PR01.1", "PR-01.1"),
        ("PR-1", "PR-01"),
        ("pr-01.1/t2", "PR-01.1/T2"),
        ("all", None),
    ],
)
def test_a_mistyped_id_has_a_nearest(ledger: Ledger, mistyped: str, meant: str | None) -> None:
    """Small letters and lost characters are seen through; what is like nothing gets no suggestion."""
    assert ledger.nearest(mistyped) == meant


def test_an_id_like_none_is_refused_all_the_same(ledger: Ledger) -> None:
    """Without a likely id the error says where ids are listed."""
    with pytest.raises(UnknownId, match=r"see the ids in features/requirements\.toml"):
        ledger.scenario("all")


def test_a_twin_is_followed_to_its_observation(ledger: Ledger) -> None:
    """A clause with same_as is observed where its twin is, any other where it stands."""
    assert ledger.observation("PR-01/R1") == ledger.clause("PR-01.1/T3")
    assert ledger.observation("PR-01.1/T3") == ledger.clause("PR-01.1/T3")


def test_the_digest_does_not_depend_on_the_order(ledger: Ledger) -> None:
    """The digest is of the sorted clauses, so moving an entry in the file keeps it."""
    assert digest_of(reversed(ledger.clauses)) == ledger.digest
