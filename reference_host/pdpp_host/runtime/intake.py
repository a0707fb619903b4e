"""What a run takes in: records judged and written in batches, cursors staged, gaps noted."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import msgspec

from pdpp_host.domain.entities import Counts, Gap, RecordWrite, Run, SpineEvent, Violation
from pdpp_host.domain.manifest import Manifest, StreamManifest
from pdpp_host.domain.messages import (
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
from pdpp_host.domain.records import record_id
from pdpp_host.domain.scope import record_key
from pdpp_host.ports import RecordBatch
from pdpp_host.runtime.conversation import ProtocolViolation
from pdpp_host.services import Services

BATCH = 1000


class Stream:
    """One stream of a run: its scope, its manifest, and its compiled schema."""

    def __init__(self, scope: StreamScope, manifest: StreamManifest) -> None:
        self.scope = scope
        self.manifest = manifest
        self._schema = jsonschema_rs.Draft202012Validator(
            manifest.schema, validate_formats=True, offline=True
        )

    def schema_error(self, data: dict[str, Any] | None) -> str | None:
        """Where and how `data` departs from the stream's schema, without its values; None if nowhere."""
        if self._schema.is_valid(data):
            return None
        error = next(iter(self._schema.iter_errors(data)))
        return f"{error.kind.name} at {'/'.join(map(str, error.instance_path)) or 'the top level'}"


class Intake:
    """One run's growing result; every write goes to storage before the next STATE is staged."""

    def __init__(
        self, services: Services, run: Run, manifest: Manifest, scopes: tuple[StreamScope, ...]
    ) -> None:
        self._services = services
        self._run = run
        declared = {stream.name: stream for stream in manifest.streams}
        self._streams = {scope.name: Stream(scope, declared[scope.name]) for scope in scopes}
        self._declared = frozenset(declared)
        self._pending: dict[str, list[RecordWrite]] = {}
        self._waiting = 0
        self._events: list[SpineEvent] = []
        self.emitted = 0
        self.counts = Counts()
        self.staged: dict[str, Any] = {}
        self.gaps: list[Gap] = []

    def take(self, number: int, message: FromConnector) -> None:
        """Act on one message; raises ProtocolViolation for a record or cursor that is out of bounds."""
        if isinstance(message, Record):
            self._record(number, message)
        elif isinstance(message, State):
            self._stream(number, message.stream)
            self.flush()
            self.staged[message.stream] = message.cursor
            self._note("state_staged", {"stream": message.stream})
        elif isinstance(message, SkipResult | DetailGap | Done):
            self._gap(message)
        elif isinstance(message, Progress):
            self._note("progress_reported", {"stream": message.stream, "message": message.message})

    def flush(self) -> None:
        """Write what is waiting, its batch's counts and the events so far, in one transaction."""
        if not self._waiting and not self._events:
            return
        now = self._services.clock.now()
        with self._services.storage.write() as unit:
            written = Counts()
            for stream, records in self._pending.items():
                batch = RecordBatch(
                    self._run.connection_id, self._run.path, stream, self._run.batch_id, now, tuple(records)
                )
                written += unit.write_records(batch)
            if self._waiting:
                self._note("batch_ingested", msgspec.to_builtins(written))
            unit.append(self._events)
            unit.commit()
        self.counts += written
        self._pending, self._waiting, self._events = {}, 0, []

    def _record(self, number: int, record: Record) -> None:
        self.emitted += 1
        stream = self._stream(number, record.stream, record)
        if record.op == "delete" and stream.manifest.semantics == "append_only":
            raise self._refusal(
                "delete_on_append_only", number, record, "an append-only stream has no deletes"
            )
        try:
            key = record_key(record, stream.manifest)
        except ValueError as error:
            raise self._refusal("key_mismatch", number, record, str(error)) from None
        outside = self._services.inside(record, stream.scope, stream.manifest)
        if outside is not None:
            raise self._refusal(outside.rule, number, record, outside.message)
        if record.op == "upsert" and (wrong := stream.schema_error(record.data)):
            raise self._refusal("schema_violation", number, record, wrong)
        data = None if record.op == "delete" else msgspec.json.encode(record.data).decode()
        name = record_id(self._run.connection_id, self._run.path, record.stream, key)
        self._pending.setdefault(record.stream, []).append(RecordWrite(name, key, data, record.emitted_at))
        self._waiting += 1
        if self._waiting >= BATCH:
            self.flush()

    def _stream(self, number: int, name: str, record: Record | None = None) -> Stream:
        stream = self._streams.get(name)
        if stream is not None:
            return stream
        rule = "stream_outside_scope" if name in self._declared else "undeclared_stream"
        raise self._refusal(rule, number, record, f"the run did not start the stream {name!r}", name)

    def _refusal(
        self, rule: str, number: int, record: Record | None, message: str, stream: str | None = None
    ) -> ProtocolViolation:
        if record is not None:
            self.counts += Counts(rejected=1)
        key = None if record is None else key_text(record.key)
        return ProtocolViolation(
            Violation(rule, number, record.stream if record is not None else stream, key, message)
        )

    def _gap(self, message: SkipResult | DetailGap | Done) -> None:
        gap = self._services.gap_of(message)
        if gap is None:
            return
        self.gaps.append(gap)
        event = "stream_skipped" if isinstance(message, SkipResult) else "detail_gap_recorded"
        self._note(event, {"stream": gap.stream, "reason": gap.reason})

    def _note(self, event: str, data: dict[str, Any]) -> None:
        self._events.append(
            SpineEvent(
                "connection",
                self._run.connection_id,
                self._run.run_id,
                self._services.clock.now(),
                event,
                data,
            )
        )
