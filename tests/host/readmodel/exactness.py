"""What is maintained, beside what is there."""

from __future__ import annotations

from pdpp_host.arguments import SummaryQuery
from pdpp_host.domain.evidence import Retained
from pdpp_host.readmodel.folding import fold
from pdpp_host.services import Services


def exact(services: Services) -> None:
    """A row that is clean is what a fold would make now, and so again; its counts are exact."""
    with services.storage.read() as view:
        for row in view.summary_rows(SummaryQuery()):
            counted = view.recounted(row.connection_id)
            told = tuple(Retained(each.stream, each.records, each.bytes) for each in counted)
            assert row.retained == told, "what is retained is not what is there"
            connection = view.connection(row.connection_id)
            assert connection is not None
            made = fold(services, view, connection)
            assert made == fold(services, view, connection)
            if not row.maintenance.dirty:
                assert row.evidence == made, "a clean row is not what is there"
