"""One run, from its child's first line to its committed end."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from pdpp_host.domain.coverage import decided
from pdpp_host.domain.endings import Ending, Seen, TerminalReason
from pdpp_host.domain.entities import (
    Artifact,
    BatchCounts,
    Checkpoint,
    Counts,
    CoverageClaim,
    SpineEvent,
    Violation,
)
from pdpp_host.domain.identity import IdentityFault
from pdpp_host.domain.messages import FromConnector, Interaction, encode_line
from pdpp_host.ports import StorageError, Unit
from pdpp_host.runtime.batching import RunOver
from pdpp_host.runtime.conversation import Conversation, ProtocolViolation
from pdpp_host.runtime.gaps import open_gaps
from pdpp_host.runtime.intake import Intake
from pdpp_host.runtime.launch import EXIT_SECONDS, Child, LaunchFailed, launch
from pdpp_host.runtime.limits import Limits
from pdpp_host.runtime.lines import LineTooLong, read_lines
from pdpp_host.runtime.planning import Plan
from pdpp_host.runtime.receipts import closed, ingested, opened, told
from pdpp_host.runtime.reconciliation import reconcile
from pdpp_host.runtime.recovery import is_over, told_counts
from pdpp_host.runtime.replies import Replies
from pdpp_host.runtime.spine import happened
from pdpp_host.runtime.words import last_words, short
from pdpp_host.services import Decide, Services

_PAUSE_SECONDS = 0.05
_log = logging.getLogger(__name__)


class Collection:
    """A run under way; `cut` ends it from outside."""

    def __init__(self, services: Services, plan: Plan, artifact: Artifact | None = None) -> None:
        self._services = services
        self._plan = plan
        self.batch = opened(plan, artifact)
        self._intake = Intake(services, plan)
        self._conversation = Conversation()
        self._child: Child | None = None
        self._limits = Limits(services.silence_limit_s, services.run_limit_s)
        self._cut: TerminalReason | None = None
        self._told: dict[str, str] = {}
        self._given_up = Ending("failed", "host_stopped")

    def doom(self, reason: TerminalReason) -> None:
        """From now on the run ends for this reason, even if DONE comes first; the first reason stands."""
        if self._cut is None:
            self._cut = reason

    def cut(self, reason: TerminalReason) -> None:
        """End the run for a reason of the host's or the owner's; the first reason stands."""
        self.doom(reason)
        if self._child is not None:
            self._child.end()

    def collect(self) -> bool:
        """Run to the end and give the lease back; False when storage would not take the end.

        Whatever happens the child is gone afterwards. `give_up` then writes the end another time.
        """
        try:
            try:
                self._finish(self._listen())
            finally:
                self._intake.close()
        except RunOver:
            _log.info("run %s was ended elsewhere", self._plan.run.run_id)
        except StorageError as error:
            _log.error("run %s: %s", self._plan.run.run_id, error)
            return self.give_up(Ending("failed", "storage_failed"))
        except IdentityFault as error:
            _log.error("run %s: %s", self._plan.run.run_id, error)
            self._told["message"] = short(str(error))
            return self.give_up(Ending("failed", "identity_failed"))
        except BaseException:
            _log.exception("run %s broke the host", self._plan.run.run_id)
            return self.give_up(self._given_up)
        return True

    def give_up(self, end: Ending | None = None) -> bool:
        """End a run that could not be carried through, without asking any decision; False if it cannot."""
        self._given_up = end or self._given_up
        try:
            with self._services.storage.write() as unit:
                if not is_over(unit, self._plan.run.run_id):
                    # A batch whose commit was not answered may have been kept: the timeline knows.
                    events = unit.timeline(self._plan.run.run_id)
                    counts, receipt = self._told_of(events)
                    coverage = self._coverage(self._given_up, decided)
                    self._write_end(unit, self._given_up, "not_committed", coverage, counts, receipt)
        except StorageError as error:
            # Told once: it is tried every few seconds.
            level = logging.INFO if end is None else logging.ERROR
            _log.log(level, "run %s could not be ended; it is tried again: %s", self._plan.run.run_id, error)
            return False
        except Exception:
            _log.exception("run %s could not be ended; it is tried again", self._plan.run.run_id)
            return False
        return True

    def _listen(self) -> Seen:
        if self._cut is not None:
            return Seen(None, 0, None, 0, cut=self._cut)
        plan = self._plan
        try:
            child = launch(plan.connector.command, plan.connector.environment, plan.path.source)
        except LaunchFailed as error:
            _log.warning("run %s: %s", plan.run.run_id, error)
            self._told["message"] = short(str(error))
            return Seen(None, 0, None, 0, cut="launch_failed")
        self._child = child
        replies = Replies(child, self._intake.note)
        try:
            # A cut that came before there was a child to end found none, so it is looked for again.
            violation = self._violation(child, replies) if self._cut is None else None
        finally:
            if self._cut is not None:
                child.end()
            exit_code = child.wait()
            deaf = not replies.start_read()
            child.close()
            if words := last_words(child.errors, child.secrets):
                self._told["stderr"] = words
        talk = self._conversation
        return Seen(talk.done, talk.done_line, exit_code, self._intake.emitted, violation, self._cut, deaf)

    def _violation(self, child: Child, replies: Replies) -> Violation | None:
        """Hear the child out; the first violation ends it, and so does any fault of the host's own."""
        try:
            replies.start(encode_line(self._plan.start()))
            chunks = self._limits.heard(child.stdout(self._look))
            for lines in read_lines(chunks, self._services.line_limit):
                for number, line in lines:
                    self._heed(replies, number, self._conversation.hear(number, line))
        except ProtocolViolation as error:
            child.end()
            return error.violation
        except LineTooLong as error:
            child.end()
            return Violation("line_too_long", error.line, message=str(error))
        except BaseException:
            child.end()
            raise
        return None

    def _look(self) -> None:
        """Let no batch wait for a pause to end; end a child that is over its time or stays after DONE."""
        if self._limits.silent_for(_PAUSE_SECONDS):
            self._intake.look()
        if self._limits.over():
            self.cut("run_timed_out")
        elif self._conversation.done is not None and self._limits.silent_for(EXIT_SECONDS):
            assert self._child is not None
            self._child.end()

    def _heed(self, replies: Replies, number: int, message: FromConnector) -> None:
        if isinstance(message, Interaction):
            replies.answer(number, message)
        else:
            replies.check(number, message)
            self._intake.take(number, message)

    def _finish(self, seen: Seen) -> None:
        """Write what is left, then the run's end, its cursors and its lease in one transaction."""
        self._intake.flush()
        with self._services.storage.write() as unit:
            if is_over(unit, self._plan.run.run_id):
                return
            # Looked at under the write lock: an owner's cancel that came before it wins over any DONE.
            end = self._services.ending(msgspec.structs.replace(seen, cut=self._cut or seen.cut))
            # The state of an import is never committed: its next one starts from nothing again.
            kept_back = self._plan.run.narrowed or self._plan.run.imported
            checkpoint = self._services.may_commit(end, kept_back)
            coverage = self._coverage(end, self._services.coverage)
            removed = reconcile(self._services, unit, self._plan, coverage)
            if removed.deleted:
                self._append(unit, "batch_ingested", ingested(removed, 0) | {"reconciled": True})
            counts = self._intake.counts + removed
            self._write_end(unit, end, checkpoint, coverage, counts, self._intake.receipt)

    def _told_of(self, events: list[SpineEvent]) -> tuple[Counts, BatchCounts]:
        """The counts and the receipt of a run that could not be carried through."""
        heard, receipt, replace = self._intake.counts, self._intake.receipt, msgspec.structs.replace
        counts = replace(told_counts(events), rejected=heard.rejected)
        known = {"parsed": receipt.parsed, "skipped": receipt.skipped, "failed": receipt.failed}
        return counts, replace(told(events), **known)

    def _write_end(
        self,
        unit: Unit,
        end: Ending,
        checkpoint: Checkpoint,
        coverage: tuple[CoverageClaim, ...],
        counts: Counts,
        receipt: BatchCounts,
    ) -> None:
        run, now = self._plan.run, self._services.clock.now()
        finished = msgspec.structs.replace(
            run,
            status=end.status,
            finished_at=now,
            terminal_reason=end.terminal_reason,
            violation=end.violation,
            known_gaps=self._intake.gaps.all(),
            checkpoint=checkpoint,
            records=counts + Counts(replaced=self._conversation.replaced),
        )
        if checkpoint == "committed":
            unit.put_stream_state(run.connection_id, run.path, self._intake.staged, run.run_id, now)
        unit.update_run(finished)
        open_gaps(self._services, unit, finished)
        unit.update_batch(closed(self.batch, finished, receipt, coverage))
        unit.append(self._last_events(end, checkpoint))
        unit.release_lease(run.run_id)
        unit.commit()

    def _append(self, unit: Unit, event: str, data: dict[str, Any]) -> None:
        unit.append([happened(self._plan.run, self._services.clock.now(), event, data)])

    def _coverage(self, end: Ending, decide: Decide) -> tuple[CoverageClaim, ...]:
        """What the run's claims have come to (CI-02.2)."""
        manifest, left_out = self._plan.connector.manifest, self._intake.incomplete
        scopes = {scope.name: scope for scope in self._plan.streams}
        return tuple(
            decide(claim, scopes[claim.stream], manifest, end, left_out) for claim in self.batch.coverage
        )

    def _last_events(self, end: Ending, checkpoint: Checkpoint) -> list[SpineEvent]:
        run, now = self._plan.run, self._services.clock.now()
        moved = {"committed": "state_advanced", "withheld": "state_withheld"}.get(checkpoint)
        said = [happened(run, now, moved, {"stream": stream}) for stream in self._intake.staged if moved]
        reason = {"reason": end.terminal_reason} if end.terminal_reason else {}
        told = self._told if end.status == "failed" else {}
        return [*said, happened(run, now, f"run.{end.status}", reason | told)]
