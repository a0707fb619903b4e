"""`POST /_ref/grants`: the owner lets somebody read a part of what the host holds."""

from __future__ import annotations

from pdpp_host.domain.grants import Grant
from pdpp_host.domain.instants import moment
from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import View
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.shapes.reading import GrantGiven, GrantWanted

TOKEN_LIMIT = 8000


def give_grant(call: Call) -> GrantGiven:
    """Sign a grant: connections, streams of theirs, optionally fields, until a moment."""
    wanted: GrantWanted = call.typed(GrantWanted)
    expires_at = moment(wanted.expires_at)
    if expires_at is None or expires_at <= call.host.services.clock.now():
        raise RequestRefused(
            "invalid_request",
            f"expires_at must be an RFC 3339 time with an offset, still to come, not {wanted.expires_at!r}",
            "expires_at",
        )
    with call.host.services.storage.read() as view:
        _check(wanted, _manifests(view, wanted.connections))
    token = call.tokens.grant_token(Grant(wanted.connections, wanted.streams, wanted.fields), expires_at)
    if len(token) > TOKEN_LIMIT:
        raise RequestRefused(
            "grant_too_large",
            f"the grant's token would have {len(token)} characters, and headers hold {TOKEN_LIMIT}; "
            "name fewer connections, streams or fields",
        )
    return GrantGiven(token)


def _manifests(view: View, connections: tuple[str, ...]) -> list[Manifest]:
    found = []
    for index, connection_id in enumerate(connections):
        if view.connection(connection_id) is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}", f"connections[{index}]")
        connectors = [view.connector(path.connector_key) for path in view.paths(connection_id)]
        found += [connector.manifest for connector in connectors if connector is not None]
    return found


def _check(wanted: GrantWanted, manifests: list[Manifest]) -> None:
    """A grant names streams that its connections declare, and fields of those streams."""
    for index, name in enumerate(wanted.streams):
        if all(manifest.stream(name) is None for manifest in manifests):
            message = f"none of the connections declares the stream {name!r}"
            raise RequestRefused("unknown_stream", message, f"streams[{index}]")
    for name, fields in wanted.fields.items():
        if name not in wanted.streams:
            message = f"fields names {name!r}, which streams does not; grant the stream too"
            raise RequestRefused("unknown_stream", message, f"fields.{name}")
        declared = [stream for manifest in manifests if (stream := manifest.stream(name)) is not None]
        known = {field for stream in declared for field in stream.schema.get("properties", {})}
        for index, field in enumerate(fields):
            if known and field not in known:
                message = f"fields.{name} names {field!r}; the stream's schema has {', '.join(sorted(known))}"
                raise RequestRefused("unknown_record_field", message, f"fields.{name}[{index}]")


OPERATIONS = (
    Operation(
        "/_ref/grants",
        "POST",
        "owner",
        give_grant,
        GrantGiven,
        201,
        GrantWanted,
        refuses=("unknown_stream", "unknown_record_field", "grant_too_large", "not_found"),
    ),
)
