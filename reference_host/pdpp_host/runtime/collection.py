"""One run, from its child's first line to its committed end."""

from __future__ import annotations

import logging

import msgspec

from pdpp_host.domain.endings import Ending, Seen, TerminalReason
from pdpp_host.domain.entities import Checkpoint, SpineEvent, Violation
from pdpp_host.domain.messages import FromConnector, Interaction, InteractionResponse, encode_line
from pdpp_host.ports import StorageError
from pdpp_host.runtime.conversation import Conversation, ProtocolViolation
from pdpp_host.runtime.intake import Intake
from pdpp_host.runtime.launch import Child, LaunchFailed, launch
from pdpp_host.runtime.lines import LineTooLong, read_lines
from pdpp_host.runtime.planning import Plan, batch_of
from pdpp_host.runtime.spine import happened
from pdpp_host.services import Services

_log = logging.getLogger(__name__)


class Collection:
    """A run under way; `cut` ends it from outside."""

    def __init__(self, services: Services, plan: Plan) -> None:
        self._services = services
        self._plan = plan
        self._intake = Intake(services, plan.run, plan.connector.manifest, plan.streams)
        self._conversation = Conversation()
        self._child: Child | None = None
        self._cut: TerminalReason | None = None
        self._given_up = Ending("failed", "host_stopped")

    def cut(self, reason: TerminalReason) -> None:
        """End the run for a reason of the host's or the owner's; the first reason stands."""
        if self._cut is None:
            self._cut = reason
        if self._child is not None:
            self._child.end()

    def collect(self) -> bool:
        """Run to the end and give the lease back; False when storage would not take the end.

        Whatever happens the child is gone afterwards. `give_up` then writes the end another time.
        """
        try:
            self._finish(self._listen())
        except StorageError as error:
            _log.error("run %s: %s", self._plan.run.run_id, error)
            return self.give_up(Ending("failed", "storage_failed"))
        except BaseException:
            _log.exception("run %s broke the host", self._plan.run.run_id)
            return self.give_up(self._given_up)
        return True

    def give_up(self, end: Ending | None = None) -> bool:
        """End a run that could not be carried through, without asking any decision; False if it cannot."""
        self._given_up = end or self._given_up
        try:
            self._write_end(self._given_up, "not_committed")
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
            return Seen(None, 0, None, 0, cut="launch_failed")
        self._child = child
        try:
            # A cut that came before there was a child to end found none, so it is looked for again.
            violation = self._violation(child) if self._cut is None else None
        finally:
            if self._cut is not None:
                child.end()
            exit_code = child.wait()
            child.close()
        talk = self._conversation
        if talk.done is None and child.errors:
            _log.info("run %s: its connector's last words: %s", plan.run.run_id, child.errors[-2000:])
        return Seen(talk.done, talk.done_line, exit_code, self._intake.emitted, violation, self._cut)

    def _violation(self, child: Child) -> Violation | None:
        """Hear the child out; the first violation ends it, and so does any fault of the host's own."""
        try:
            child.send(encode_line(self._plan.start()))
            for lines in read_lines(child.stdout()):
                for number, line in lines:
                    self._heed(child, number, self._conversation.hear(number, line))
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

    def _heed(self, child: Child, number: int, message: FromConnector) -> None:
        if not isinstance(message, Interaction):
            self._intake.take(number, message)
            return
        # Nobody is there to ask: an answer at once keeps the connector from waiting for one.
        about = {"request_id": message.request_id, "kind": message.kind}
        self._intake.note("interaction_required", about)
        child.send(encode_line(InteractionResponse(message.request_id, "cancelled")))
        self._intake.note("interaction_completed", about | {"status": "cancelled"})

    def _finish(self, seen: Seen) -> None:
        """Write what is left, then the run's end, its cursors and its lease in one transaction."""
        self._intake.flush()
        end = self._services.ending(seen)
        self._write_end(end, self._services.may_commit(end, self._plan.run.narrowed))

    def _write_end(self, end: Ending, checkpoint: Checkpoint) -> None:
        run, now = self._plan.run, self._services.clock.now()
        counts = msgspec.structs.replace(self._intake.counts, replaced=self._conversation.replaced)
        finished = msgspec.structs.replace(
            run,
            status=end.status,
            finished_at=now,
            terminal_reason=end.terminal_reason,
            violation=end.violation,
            known_gaps=tuple(self._intake.gaps),
            checkpoint=checkpoint,
            records=counts,
        )
        with self._services.storage.write() as unit:
            if checkpoint == "committed":
                unit.put_stream_state(run.connection_id, run.path, self._intake.staged, run.run_id, now)
            unit.update_run(finished)
            unit.update_batch(batch_of(finished, self._plan.path))
            unit.append(self._last_events(end, checkpoint))
            unit.release_lease(run.run_id)
            unit.commit()

    def _last_events(self, end: Ending, checkpoint: Checkpoint) -> list[SpineEvent]:
        run, now = self._plan.run, self._services.clock.now()
        moved = {"committed": "state_advanced", "withheld": "state_withheld"}.get(checkpoint)
        said = [happened(run, now, moved, {"stream": stream}) for stream in self._intake.staged if moved]
        reason = {"reason": end.terminal_reason} if end.terminal_reason else {}
        return [*said, happened(run, now, f"run.{end.status}", reason)]
