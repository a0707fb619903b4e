"""Hosts that show readers more than they were granted, less, or something else: CI-03.1, CI-03.4."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable

import msgspec

from pdpp_host.domain.entities import Connection, StoredRecord
from pdpp_host.domain.grants import Face, Grant, Granted, Whose
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks
from pdpp_plugins.mutants.snapshots import Behind, spoil

Connections = tuple[Connection, ...]


def _ungranted(services: Services, *faces: Face) -> Services:
    """The services with read faces that ask for no grant."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> Connections:
        return services.readable(None if face in faces else grant, face, among, stream, wanted)

    return dataclasses.replace(services, readable=readable)


@breaks("CI-03.4/T1", "the granted connection_id in each row of the list")
def lists_what_was_not_granted(services: Services) -> Services:
    """A list shows every connection's records to whoever holds a grant."""
    return _ungranted(services, "list")


@breaks("CI-03.4/T1", "the granted connection_id in each row of the search")
def searches_what_was_not_granted(services: Services) -> Services:
    """A search looks through every connection's records."""
    return _ungranted(services, "search")


@breaks("CI-03.4/T1", "by record when asked for 'second'")
def looks_up_what_was_not_granted(services: Services) -> Services:
    """Who knows a record's name may read it."""
    return _ungranted(services, "record")


@breaks("CI-03.4/T1", "the granted connection_id in each row of the streams")
def counts_what_was_not_granted(services: Services) -> Services:
    """The list of streams tells of every connection how many records it has."""
    return _ungranted(services, "streams")


@breaks("CI-03.4/T1", "in a search for 'note 060ce8adf75a'")
def forgets_which_streams_were_granted(services: Services) -> Services:
    """A grant for one stream of a connection opens all of them."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> Connections:
        return services.readable(grant, face, among, None, wanted)

    return dataclasses.replace(services, readable=readable)


@breaks("CI-03.4/T1", "as where there is nobody, by")
def takes_a_selector_for_a_grant(services: Services) -> Services:
    """Who names a connection is shown it, granted or not."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> Connections:
        return services.readable(None if wanted else grant, face, among, stream, wanted)

    return dataclasses.replace(services, readable=readable)


@breaks("CI-03.4/T1", "by list when asked for 'second'")
def refuses_what_is_there(services: Services) -> Services:
    """To ask for a connection that is not granted is forbidden; for one that is not there, it is not."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> Connections:
        every = tuple(among)
        found = services.readable(grant, face, every, stream, wanted)
        if wanted and not found and services.readable(None, face, every, stream, wanted):
            raise RequestRefused("forbidden", "this connection is not granted")
        return found

    return dataclasses.replace(services, readable=readable)


class _TellsOfOthers(Behind):
    def record(self, stream: str, record_id: str, connections: Collection[str]) -> StoredRecord | None:
        found: StoredRecord | None = self.real.record(stream, record_id, connections)
        every = [each.connection_id for each in self.real.connections()]
        if found is None and self.real.record(stream, record_id, every) is not None:
            raise RequestRefused("not_found", f"no record {record_id!r} in what was granted")
        return found


@breaks("CI-03.4/T1", "by record when asked for 'second'")
def words_what_is_there_otherwise(services: Services) -> Services:
    """A record that is not granted is not found in other words than one that is not there."""
    return spoil(services, _TellsOfOthers)


@breaks("CI-03.4/T1", "nothing of a path in a row of the list")
def shows_the_path_beside_the_data(services: Services) -> Services:
    """A record's data is given the name of the method by which it came."""

    def granted(record: StoredRecord, grant: Grant | None, key: tuple[str, ...] | None) -> Granted:
        seen = services.granted(record, grant, key)
        return msgspec.structs.replace(seen, data=seen.data | {"method": "provider_api"})

    return dataclasses.replace(services, granted=granted)


@breaks("CI-03.4/T1", "the granted connection_id in each row of the list")
def names_the_connector_for_the_connection(services: Services) -> Services:
    """A row names the connector where it should name the connection."""

    def whose(connection: Connection) -> Whose:
        return msgspec.structs.replace(services.whose(connection), connection_id=connection.connector_key)

    return dataclasses.replace(services, whose=whose)


def _unselected(services: Services, *faces: Face) -> Services:
    """The services with read faces that take no heed of the connection that is asked for."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> Connections:
        return services.readable(grant, face, among, stream, None if face in faces else wanted)

    return dataclasses.replace(services, readable=readable)


@breaks("CI-03.1/T2", "in the list; seen a (note 11507a0e2f5e) 1 times, a (note cba06b5736fa)")
@breaks("CI-03.4/T2", "in the list; seen a (note")
def lists_by_stream_alone(services: Services) -> Services:
    """A list takes no heed of the connection that is asked for."""
    return _unselected(services, "list")


@breaks("CI-03.4/T2", "in a search for 'note ff7772053abf'")
@breaks("CI-03/apart/T2", "in a search for")
def searches_by_stream_alone(services: Services) -> Services:
    """A search takes no heed of the connection that is asked for."""
    return _unselected(services, "search")


@breaks("CI-03.4/T2", "in the list; seen nothing")
def selects_by_connector(services: Services) -> Services:
    """The connection that is asked for is compared with connectors."""

    def readable(
        grant: Grant | None, face: Face, among: Iterable[Connection], stream: str | None, wanted: str | None
    ) -> Connections:
        found = services.readable(grant, face, among, stream, None)
        return tuple(each for each in found if wanted in (None, each.connector_key))

    return dataclasses.replace(services, readable=readable)
