"""A run from the shell, once it is under way: waiting for its end, and telling what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from pdpp_host.compose import Host
from pdpp_host.domain.entities import Run

SUCCEEDED, FAILED, SUCCEEDED_WITH_GAPS = 0, 1, 5
_POLL_S = 0.05


def ended(host: Host, run_id: str, watch: Callable[[int], None]) -> Run:
    """The run once it has ended; `watch` hears how many records are stored so far.

    An interrupt from the keyboard cancels the run and waits for its end.
    """
    while True:
        try:
            # Asked first: a run whose end storage would not take is carried no more, and still active.
            carried = host.controller.carries(run_id)
            run, stored = _seen(host, run_id)
            if run.status != "active" or not carried:
                return run
            watch(stored)
            time.sleep(_POLL_S)
        except KeyboardInterrupt:
            host.controller.cancel(run_id)


def exit_status(run: Run) -> int:
    """0 succeeded with no known gap, 5 succeeded with one, 1 for any other end."""
    if run.status != "completed":
        return FAILED
    return (
        SUCCEEDED_WITH_GAPS if any(gap.severity != "informational" for gap in run.known_gaps) else SUCCEEDED
    )


def summary(run: Run, seconds: float) -> Iterator[str]:
    """The run in lines of text: its counts, its end, its gaps."""
    counts = run.records
    new = counts.accepted - counts.updated
    yield (
        f"{run.status} in {seconds:.1f} s: {new} new, {counts.updated} changed, "
        f"{counts.deleted} deleted, {counts.rejected} refused"
    )
    if run.terminal_reason is not None:
        yield f"reason: {run.terminal_reason}"
    if run.violation is not None:
        where = f"line {run.violation.line}, stream {run.violation.stream!r}, key {run.violation.key!r}"
        yield f"violation: {run.violation.rule} at {where}: {run.violation.message}"
    for gap in run.known_gaps:
        named = f" ({', '.join(gap.partitions)})" if gap.partitions else ""
        told = f": {gap.message}" if gap.message else ""
        yield f"gap: {gap.reason} in {gap.stream or 'the run'}{named}, {gap.severity}{told}"


def _seen(host: Host, run_id: str) -> tuple[Run, int]:
    """The run as it stands, and how many records its batches have stored so far."""
    with host.services.storage.read() as view:
        run = view.run(run_id)
        assert run is not None, "a run that was started is stored"
        events = view.timeline(run_id) if run.status == "active" else []
    return run, sum(event.data.get("accepted", 0) for event in events if event.event_type == "batch_ingested")
