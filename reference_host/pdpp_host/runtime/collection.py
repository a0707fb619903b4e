"""One run, from its child's first line to its committed end."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Event
from typing import Any

import msgspec

from pdpp_host.domain.endings import Ending, Seen, TerminalReason
from pdpp_host.domain.entities import Batch, Connector, Path, Run, SpineEvent, Violation
from pdpp_host.domain.messages import Scope, Start, StreamScope, encode_line
from pdpp_host.ports import StorageError
from pdpp_host.runtime.conversation import Conversation, ProtocolViolation
from pdpp_host.runtime.intake import Intake
from pdpp_host.runtime.launch import Child, LaunchFailed, launch
from pdpp_host.runtime.lines import LineTooLong, read_lines
from pdpp_host.services import Services

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run needs to know before it starts."""

    run: Run
    batch: Batch
    path: Path
    connector: Connector
    streams: tuple[StreamScope, ...]
    state: dict[str, Any] | None

    def start(self) -> Start:
        """The START line; it carries `full_refresh` when there is no state."""
        bindings: dict[str, Any] = {"network": {}}
        if self.path.source.root is not None:
            bindings["filesystem"] = {"root": self.path.source.root}
        return Start(
            self.run.run_id,
            "incremental" if self.state is not None else "full_refresh",
            Scope(self.streams),
            self.state,
            bindings,
        )


class Collection:
    """A run under way; `cut` ends it from outside."""

    def __init__(self, services: Services, plan: Plan) -> None:
        self._services = services
        self._plan = plan
        self._intake = Intake(services, plan.run, plan.connector.manifest, plan.streams)
        self._conversation = Conversation()
        self._child: Child | None = None
        self._cut: TerminalReason | None = None
        self.ended = Event()

    def cut(self, reason: TerminalReason) -> None:
        """End the run for a reason of the host's or the owner's; the first reason stands."""
        if self._cut is None:
            self._cut = reason
        if self._child is not None:
            self._child.end()

    def collect(self) -> None:
        """Run to the end; whatever happens, the run ends and its lease is given back."""
        try:
            self._finish(self._listen())
        except Exception:
            _log.exception("run %s broke the host", self._plan.run.run_id)
            self._finish_broken()
        finally:
            self.ended.set()

    def _listen(self) -> Seen:
        plan = self._plan
        violation: Violation | None = None
        try:
            child = launch(plan.connector.command, plan.connector.environment, plan.path.source)
        except LaunchFailed as error:
            _log.info("run %s: %s", plan.run.run_id, error)
            return Seen(None, 0, None, 0, cut="launch_failed")
        self._child = child
        if self._cut is not None:
            child.end()
        try:
            child.send(encode_line(plan.start()))
            self._hear_all(child)
        except ProtocolViolation as error:
            violation = error.violation
        except LineTooLong as error:
            violation = Violation("line_too_long", error.line, message=str(error))
        finally:
            if violation is not None:
                child.end()
            exit_code = child.wait()
            child.close()
        talk = self._conversation
        return Seen(talk.done, talk.done_line, exit_code, self._intake.emitted, violation, self._cut)

    def _hear_all(self, child: Child) -> None:
        for lines in read_lines(child.stdout):
            for number, line in lines:
                self._intake.take(number, self._conversation.hear(number, line))

    def _finish(self, seen: Seen) -> None:
        """Write what is left, then the run's end, its cursors and its lease in one transaction."""
        self._intake.flush()
        run, now = self._plan.run, self._services.clock.now()
        end = self._services.ending(seen)
        checkpoint = self._services.may_commit(end, run.narrowed)
        with self._services.storage.write() as unit:
            if checkpoint == "committed":
                unit.put_stream_state(run.connection_id, run.path, self._intake.staged, run.run_id, now)
            finished = msgspec.structs.replace(
                run,
                status=end.status,
                finished_at=now,
                terminal_reason=end.terminal_reason,
                violation=end.violation,
                known_gaps=tuple(self._intake.gaps),
                checkpoint=checkpoint,
                records=self._intake.counts,
            )
            unit.update_run(finished)
            unit.update_batch(
                msgspec.structs.replace(
                    self._plan.batch,
                    status="completed" if end.status == "completed" else "failed",
                    finished_at=now,
                    counts=self._intake.counts,
                )
            )
            unit.append(self._last_events(end, checkpoint))
            unit.release_lease(run.run_id)
            unit.commit()

    def _last_events(self, end: Ending, checkpoint: str) -> list[SpineEvent]:
        run, now = self._plan.run, self._services.clock.now()
        moved = {"committed": "state_advanced", "withheld": "state_withheld"}.get(checkpoint)
        said: list[tuple[str, dict[str, Any]]] = [
            (moved, {"stream": stream}) for stream in self._intake.staged if moved is not None
        ]
        said.append((f"run.{end.status}", {"reason": end.terminal_reason} if end.terminal_reason else {}))
        return [
            SpineEvent("connection", run.connection_id, run.run_id, now, kind, data) for kind, data in said
        ]

    def _finish_broken(self) -> None:
        """Give up a run that the host itself could not carry through."""
        if self._child is not None:
            self._child.end()
        run, now = self._plan.run, self._services.clock.now()
        try:
            with self._services.storage.write() as unit:
                unit.update_run(
                    msgspec.structs.replace(
                        run, status="failed", finished_at=now, terminal_reason="storage_failed"
                    )
                )
                unit.append(
                    [
                        SpineEvent(
                            "connection",
                            run.connection_id,
                            run.run_id,
                            now,
                            "run.failed",
                            {"reason": "storage_failed"},
                        )
                    ]
                )
                unit.release_lease(run.run_id)
                unit.commit()
        except StorageError:
            _log.exception("run %s could not be ended; the next start of a host recovers it", run.run_id)
