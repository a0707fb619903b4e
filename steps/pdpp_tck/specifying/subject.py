"""What is compared: a specification, and the ledger with the lines of its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pdpp_tck.authors.folder import LEDGER, find_folder
from pdpp_tck.authors.rows import read_beside
from pdpp_tck.features import features_root
from pdpp_tck.ledger import Ledger, LedgerError, read_ledger
from pdpp_tck.openspec import Spec, SpecNotFound, UnreadableSpec, read_openspec
from pdpp_tck.options import UsageError
from pdpp_tck.specifying.rows import Rows, read_rows

__all__ = ["LEDGER", "Ledgers", "ledgers_at", "spec_at"]


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The ledger, and the rows of each file that it was read from, ours first."""

    ledger: Ledger
    rows: tuple[Rows, ...]


def ledgers_at(features: Path | None) -> Ledgers:
    """The ledger of a folder of features, with ours where it stands beside; raises UsageError."""
    folder = find_folder(features)
    ours = (folder.root if folder and folder.whole else features_root()) / LEDGER
    try:
        if folder is None or folder.whole:
            return Ledgers(read_ledger(ours), (read_rows(ours),))
        return Ledgers(read_beside(ours, folder.ledger), (read_rows(ours), read_rows(folder.ledger)))
    except LedgerError as error:
        raise UsageError(str(error)) from None


def spec_at(folder: Path) -> Spec:
    """The specification in a folder; raises UsageError."""
    try:
        return read_openspec(folder)
    except (SpecNotFound, UnreadableSpec) as error:
        raise UsageError(str(error)) from None
