"""How a run ends, and what may be committed then (design: STATE)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from pdpp_host.domain.entities import Checkpoint, RunStatus, Violation
from pdpp_host.domain.messages import Done

TerminalReason = Literal[
    "connector_protocol_violation",
    "connector_exit_without_done",
    "connector_reported_failed",
    "connector_reported_cancelled",
    "connector_stdin_closed",
    "launch_failed",
    "run_timed_out",
    "owner_cancelled",
    "storage_failed",
    "identity_failed",
    "host_stopped",
]


class Seen(Struct, frozen=True):
    """What the host knows once the child is gone: `cut` is a reason of the host's own to end the run.

    `deaf` says that the child surely never read its START.
    """

    done: Done | None
    done_line: int
    exit_code: int | None
    emitted: int
    violation: Violation | None = None
    cut: TerminalReason | None = None
    deaf: bool = False


class Ending(Struct, frozen=True):
    """A run's end."""

    status: RunStatus
    terminal_reason: TerminalReason | None = None
    violation: Violation | None = None


def ending(seen: Seen) -> Ending:
    """The end of a run: succeeded only with DONE succeeded, exit status 0 and the right count."""
    if seen.cut == "owner_cancelled":
        return Ending("cancelled", seen.cut)
    if seen.cut is not None:
        return Ending("failed", seen.cut)
    if seen.violation is not None:
        return Ending("failed", "connector_protocol_violation", seen.violation)
    if seen.done is None:
        return Ending("failed", "connector_stdin_closed" if seen.deaf else "connector_exit_without_done")
    broken = _broken_promise(seen.done, seen)
    if broken is not None:
        return Ending("failed", "connector_protocol_violation", broken)
    if seen.done.status == "cancelled":
        return Ending("cancelled", "connector_reported_cancelled")
    if seen.done.status == "failed":
        return Ending("failed", "connector_reported_failed")
    return Ending("completed")


def may_commit(end: Ending, narrowed: bool) -> Checkpoint:
    """Whether the run's staged cursors are committed: never after a bad end, never from a narrowed run."""
    if end.status != "completed":
        return "not_committed"
    return "withheld" if narrowed else "committed"


def _broken_promise(done: Done, seen: Seen) -> Violation | None:
    """What DONE said against what was seen: its count, and the exit status that goes with it."""
    if done.records_emitted != seen.emitted:
        return Violation(
            "done_count_mismatch",
            seen.done_line,
            message=f"DONE counts {done.records_emitted} records, {seen.emitted} were emitted",
        )
    if (done.status == "succeeded") != (seen.exit_code == 0):
        return Violation(
            "exit_status_mismatch",
            seen.done_line,
            message=f"DONE says {done.status}, the exit status was {seen.exit_code}",
        )
    return None
