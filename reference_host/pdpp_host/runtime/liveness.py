"""What is under way: which connections a run holds, and whether the process that carries it lives."""

from __future__ import annotations

from collections.abc import Iterable

from pdpp_host.domain.entities import Lease
from pdpp_host.domain.evidence import Liveness
from pdpp_host.runtime.holders import life


def liveness_of(leases: Iterable[Lease]) -> dict[str, Liveness]:
    """The liveness of each connection that is held; the others are not running."""
    return {lease.connection_id: Liveness(True, life(lease.holder)) for lease in leases}
