"""Evidence that somebody owed and did not give."""

from __future__ import annotations

from typing import Literal

Party = Literal["connector", "host", "kit", "source"]


class Owed(Exception):
    """Evidence that `party` owed and did not give."""

    def __init__(self, party: Party, what: str) -> None:
        super().__init__(what)
        self.party = party
        self.what = what


class Unfed(Owed):
    """No record came of a source; whether it or its reader is at fault, nobody can see."""

    def __init__(self, what: str) -> None:
        super().__init__("source", f"{what}; see that it holds some where and as the connector reads them")
