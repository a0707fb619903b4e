"""Hosts that move or lose something when two connections turn out to be one source: CI-03.3."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import msgspec

from pdpp_host.arguments import RecordBatch, RecordQuery
from pdpp_host.domain.entities import Connection, LinkProof, Path, RecordWrite
from pdpp_host.domain.grants import Face, Grant
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

_replace = msgspec.structs.replace


class _MovesBatches(Behind):
    def update_connection(self, connection: Connection) -> None:
        self.real.update_connection(connection)
        if connection.superseded_by is not None:
            for _, batch in self.real.batches(connection.connection_id):
                self.real.update_batch(_replace(batch, connection_id=connection.superseded_by))


@breaks("CI-03.3/T2", "the batch of acquisition 'alone' in its connection's list later on; seen []")
def moves_batches_when_linking(services: Services) -> Services:
    """What the younger connection took in earlier is said to have come into the older one."""
    return spoil(services, _MovesBatches)


class _MovesRecords(Behind):
    def update_connection(self, connection: Connection) -> None:
        self.real.update_connection(connection)
        there = connection.superseded_by
        if there is not None:
            for stream, _, _ in self.real.streams([connection.connection_id]):
                self._move(stream, connection, there)

    def _move(self, stream: str, connection: Connection, there: str) -> None:
        found = self.real.records(RecordQuery(stream, (connection.connection_id,)))
        at = connection.created_at
        text = [msgspec.json.encode(each.data).decode() for each in found]
        kept = [RecordWrite(e.record_id, e.key, t, e.emitted_at) for e, t in zip(found, text, strict=True)]
        gone = [_replace(each, data=None) for each in kept]
        self.real.write_records(RecordBatch(there, 0, stream, "", at, tuple(kept)))
        self.real.write_records(
            RecordBatch(connection.connection_id, 0, stream, "", at, tuple(gone), outright=True)
        )


@breaks("CI-03.3/T2", "exactly the records a, c of 'first' in the list")
@breaks("CI-03/from-the-beginning/T2", "exactly the records b of 'second' in the list; seen nothing")
def moves_records_when_linking(services: Services) -> Services:
    """What the younger connection collected earlier becomes the older one's."""
    return spoil(services, _MovesRecords)


@breaks("CI-03.3/T2", "exactly the records b of 'second' in the list; seen nothing")
@breaks("CI-03/from-the-beginning/T2", "exactly the records b of 'second' in the list; seen nothing")
def hides_what_was_superseded(services: Services) -> Services:
    """A connection that was superseded is read no more, and nobody has what it had."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> tuple[Connection, ...]:
        living = [each for each in among if each.superseded_by is None]
        return services.readable(grant, face, living, stream, wanted)

    return dataclasses.replace(services, readable=readable)


class _KeepsNoProof(Behind):
    def add_proof(self, proof: LinkProof) -> None:
        """It is acted upon and forgotten."""


@breaks("CI-03.3/T2", "the proof by 'pdpp-tck-")
def keeps_no_proof(services: Services) -> Services:
    """By which rule two connections became one is not written down."""
    return spoil(services, _KeepsNoProof)


class _ProofsOfTheOlder(Behind):
    def proofs(self, connection_id: str) -> list[LinkProof]:
        found: list[LinkProof] = self.real.proofs(connection_id)
        return [each for each in found if each.connection_id == connection_id]


@breaks("CI-03.3/T2", "the proof by 'pdpp-tck-")
def shows_proofs_at_one_end(services: Services) -> Services:
    """A proof is shown where a path joined, and not where it came from."""
    return spoil(services, _ProofsOfTheOlder)


class _TakesCursorsAlong(Behind):
    def add_path(self, path: Path) -> None:
        self.real.add_path(path)
        for each in self.real.connections():
            for other in self.real.paths(each.connection_id):
                if other.binding == path.binding and other.connection_id != path.connection_id:
                    cursors = self.real.stream_state(other.connection_id, other.ordinal)
                    here = (path.connection_id, path.ordinal)
                    self.real.put_stream_state(*here, cursors, None, path.created_at)


@breaks("CI-03/from-the-beginning/T1", "None in START.state of run 'later'; seen {'messages'")
def takes_cursors_along(services: Services) -> Services:
    """A path goes on where it stood in the connection that it came from, whose records stay behind."""
    return spoil(services, _TakesCursorsAlong)
