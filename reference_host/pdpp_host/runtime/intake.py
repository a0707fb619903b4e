"""What a run takes in: records judged and written in batches, cursors staged, gaps noted."""

from __future__ import annotations

from typing import Any

import msgspec

from pdpp_host.domain.entities import BatchCounts, Counts, RecordWrite, Violation
from pdpp_host.domain.known import KnownGaps
from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.messages import (
    DetailCoverage,
    DetailGap,
    Done,
    FromConnector,
    Progress,
    Record,
    SkipResult,
    State,
    StreamScope,
    key_text,
)
from pdpp_host.domain.scope import KeyMismatch, record_key
from pdpp_host.runtime.batching import Batches
from pdpp_host.runtime.conversation import ProtocolViolation
from pdpp_host.runtime.planning import Plan
from pdpp_host.runtime.schemas import RecordSchema
from pdpp_host.runtime.words import short
from pdpp_host.services import Services

_encode = msgspec.json.encode


class Stream:
    """One stream of a run: its scope, its manifest, and its compiled schema."""

    def __init__(self, scope: StreamScope, manifest: StreamManifest) -> None:
        self.scope = scope
        self.manifest = manifest
        self.schema = RecordSchema(manifest)


class Intake:
    """One run's growing result; every write goes to storage before the next STATE is staged."""

    def __init__(self, services: Services, plan: Plan) -> None:
        self._services = services
        self._plan = plan
        self._run = plan.run
        declared = {stream.name: stream for stream in plan.connector.manifest.streams}
        self._streams = {scope.name: Stream(scope, declared[scope.name]) for scope in plan.streams}
        self._cursors = {
            *self._streams,
            *filter(None, (stream.manifest.state_stream for stream in self._streams.values())),
        }
        self._declared = frozenset(declared)
        self._batches = Batches(services, plan)
        self._left_out = self._rejected = 0
        self.emitted = 0
        self.staged: dict[str, Any] = {}
        self.gaps = KnownGaps()
        self.incomplete: set[str | None] = set()
        """Streams of which anything was left out; None stands for all of them."""

    @property
    def counts(self) -> Counts:
        """What became of the records that are written, and how many were refused."""
        return self._batches.written + Counts(rejected=self._rejected)

    @property
    def receipt(self) -> BatchCounts:
        """What became of the records so far."""
        counts = self.counts
        accepted = counts.accepted + counts.deleted
        duplicate = self._batches.parsed - accepted
        return BatchCounts(self.emitted, accepted, duplicate, self._left_out, self._rejected)

    def take(self, number: int, message: FromConnector) -> None:
        """Act on one message; raises ProtocolViolation for a record or cursor that is out of bounds."""
        if isinstance(message, Record):
            self._record(number, message)
        elif isinstance(message, State):
            self._state(number, message)
        elif isinstance(message, SkipResult | DetailGap | Done):
            self._gap(message)
        elif isinstance(message, Progress):
            self.note(
                "progress_reported", {"stream": _short(message.stream), "message": short(message.message)}
            )
        elif isinstance(message, DetailCoverage) and not _covered(message):
            self.incomplete.add(message.stream)

    def note(self, event: str, data: dict[str, Any]) -> None:
        """Add an event to the run's timeline, with the next batch."""
        self._batches.note(event, data)

    def look(self) -> None:
        """Have a batch written that had to wait; StorageError where an earlier one was not."""
        self._batches.look()

    def flush(self) -> None:
        """Return when everything so far is written; StorageError where it is not."""
        self._batches.flush()

    def close(self) -> None:
        """Have nothing written any more."""
        self._batches.close()

    def _record(self, number: int, record: Record) -> None:
        self.emitted += 1
        key = self._key_of_accepted(number, record)
        if key is None:
            return
        data = None if record.op == "delete" else _encode(record.data).decode()
        writes = [RecordWrite(name, key, data, record.emitted_at) for name in self._names(record, key)]
        self._batches.add(record.stream, writes, len(data or ""))

    def _names(self, record: Record, key: str) -> list[str]:
        """The record's id; a rule may know the logical record behind it (CI-01.1/T3).

        A delete that brings no data may be of a record that a rule named by data, so it is meant for either.
        """
        run, name, data = self._run, self._services.record_id, record.data or {}
        logical = self._plan.rules.logical_record(record.stream, self._plan.path.method, key, data)
        found = [name(run.connection_id, run.path, record.stream, key, logical)]
        if logical is not None and not data:
            found.append(name(run.connection_id, run.path, record.stream, key, None))
        return found

    def _key_of_accepted(self, number: int, record: Record) -> str | None:
        """The record's key, once it is inside the run's scope and valid; None for one left out (PR-03.2)."""
        stream = self._streams.get(record.stream)
        if stream is None:
            raise self._refused(number, record, *self._foreign(record.stream))
        if record.op == "delete" and stream.manifest.semantics == "append_only":
            message = "an append-only stream has no deletes"
            raise self._refused(number, record, "delete_on_append_only", message)
        try:
            key = record_key(record, stream.manifest)
        except KeyMismatch as error:
            raise self._refused(number, record, "key_mismatch", str(error), error.field) from None
        outside = self._services.inside(record, stream.scope, stream.manifest)
        if outside is not None:
            refused = self._refused(number, record, outside.rule, outside.message, outside.field)
            if self._services.ends_run(outside):
                raise refused
            return None
        departure = stream.schema.departure(record.data) if record.op == "upsert" else None
        if departure is not None:
            raise self._refused(number, record, "schema_violation", departure.message, departure.field)
        return key

    def _state(self, number: int, state: State) -> None:
        if state.stream not in self._cursors:
            rule, message = self._foreign(state.stream)
            raise ProtocolViolation(Violation(rule, number, state.stream, message=message))
        self.flush()
        self.staged[state.stream] = state.cursor
        self.note("state_staged", {"stream": state.stream})

    def _foreign(self, stream: str) -> tuple[str, str]:
        if stream in self._declared:
            return "stream_outside_scope", f"the run did not start the stream {stream!r}"
        return "undeclared_stream", f"the manifest declares no stream {stream!r}"

    def _refused(
        self, number: int, record: Record, rule: str, message: str, field: str | None = None
    ) -> ProtocolViolation:
        self._rejected += 1
        return ProtocolViolation(Violation(rule, number, record.stream, key_text(record.key), message, field))

    def _gap(self, message: SkipResult | DetailGap | Done) -> None:
        if not isinstance(message, Done):
            # What names no stream of this connector's may be of any of them.
            self.incomplete.add(message.stream if message.stream in self._declared else None)
            self._left_out += 1
        elif message.error is not None:
            self.incomplete.add(None)
        gap = self._services.gap_of(message)
        if gap is None:
            return
        self.gaps.add(gap)
        event = "stream_skipped" if isinstance(message, SkipResult) else "detail_gap_recorded"
        self.note(event, {"stream": _short(gap.stream), "reason": short(gap.reason)})


def _covered(message: DetailCoverage) -> bool:
    return not message.gap_keys and set(message.required_keys) <= set(message.hydrated_keys)


def _short(text: str | None) -> str | None:
    return None if text is None else short(text)
