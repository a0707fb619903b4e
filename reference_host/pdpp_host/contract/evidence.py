"""What the parts of the contract about evidence have in common."""

from __future__ import annotations

from pdpp_host.arguments import SummaryQuery
from pdpp_host.contract.case import StorageCase
from pdpp_host.contract.entries import (
    a_connection,
    a_fold,
)
from pdpp_host.domain.evidence import EvidenceRow


class EvidenceCase(StorageCase):
    """A connection whose evidence row is looked at."""

    def _make(self, *names: str) -> None:
        with self.storage.write() as unit:
            for name in names or ("con-1",):
                unit.add_connection(a_connection(name))
            unit.commit()

    def _row(self, name: str = "con-1") -> EvidenceRow:
        with self.storage.read() as view:
            [row] = view.summary_rows(SummaryQuery(name))
        return row

    def _fold(self, *names: str) -> None:
        with self.storage.write() as unit:
            for name in names:
                assert unit.keep_fold(name, a_fold(name), self._row(name).maintenance.version, None)
            unit.commit()
