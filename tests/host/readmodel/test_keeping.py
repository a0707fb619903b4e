"""What fails is written down once, and what has not changed is not folded."""

from __future__ import annotations

from typing import Any, cast

import pytest

from pdpp_host.arguments import SummaryQuery
from pdpp_host.domain.evidence import EvidenceRow, Maintenance
from pdpp_host.ports import View
from pdpp_host.readmodel.keeping import rows_of
from pdpp_host.services import Services


class Unreadable:
    """A snapshot with one row, whose connection cannot be read."""

    def __init__(self, row: Maintenance) -> None:
        self._row = row

    def summary_rows(self, query: SummaryQuery) -> list[EvidenceRow]:
        """The row as it stands."""
        return [EvidenceRow("conn", None, self._row)]

    def connection(self, connection_id: str) -> None:
        """Never an answer."""
        raise ValueError("it is broken")


@pytest.mark.parametrize(
    ("stands", "kept"),
    [
        (Maintenance(2, 1), True),
        (Maintenance(2, 1, "ValueError: it is broken"), True),
        (Maintenance(2, 2, "ValueError: it is broken"), False),
        (Maintenance(2, 2, "ValueError: it was broken otherwise"), True),
        (Maintenance(2, 2, "A: sorts before what is told now"), True),
        (Maintenance(2, 2), None),
    ],
    ids=[
        "changed",
        "changed since",
        "known",
        "for another reason",
        "for an earlier reason",
        "in steady state",
    ],
)
def test_what_is_known_to_fail_is_not_written_again(stands: Maintenance, kept: bool | None) -> None:
    """Each reader tries again; only what is new of it is stored, and the row tells of it."""
    rows, folds = rows_of(cast(Services, None), cast(View, Unreadable(stands)), cast(Any, None))
    assert [fold.failed for fold in folds] == (["ValueError: it is broken"] if kept else [])
    assert rows[0].maintenance.failed == (None if kept is None else "ValueError: it is broken")
