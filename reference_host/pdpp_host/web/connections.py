"""The owner's connections: configure one, add a path to it, see what stands behind it (CI-01, CI-03)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import msgspec

from pdpp_host.domain.definitions import IncompatibleStream, check_compatible
from pdpp_host.domain.entities import Connection, Path, Source
from pdpp_host.domain.identity import Rules, binding_of
from pdpp_host.domain.instants import instant
from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.requests import Candidate, RequestRefused
from pdpp_host.ports import Unit, View
from pdpp_host.readmodel.deep import history_of
from pdpp_host.runtime.identity import MOST_PATHS, in_force, joining, kept, manifests_of
from pdpp_host.runtime.planning import living
from pdpp_host.services import Services
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.histories import runs_shown
from pdpp_host.web.shapes.configuring import Configuration, Configured, PathShown
from pdpp_host.web.shapes.connections import Diagnostics, PathDetail, PathSightings

_NAMED = 20


def configure(call: Call) -> Configured:
    """Make a connection with its first path; nothing is ever merged by connector type (CI-01.2)."""
    body: Configuration = call.typed(Configuration)
    with call.host.services.storage.write() as unit:
        return _connection_of_its_own(call.host.services, unit, body)


def _connection_of_its_own(services: Services, unit: Unit, body: Configuration) -> Configured:
    connection_id = services.new_id("conn")
    path, manifest = _path(services, unit, body, connection_id, 0)
    name = body.display_name or manifest.display_name
    unit.add_connection(Connection(connection_id, body.connector_key, name, path.created_at))
    _add(unit, path)
    unit.commit()
    return Configured(connection_id, name, _shown([path]))


def add_path(call: Call) -> Configured:
    """Add an acquisition path to a connection, under a proof that both are one source (CI-01.1, CI-03.2)."""
    body: Configuration = call.typed(Configuration)
    services, connection_id = call.host.services, call.path["connection_id"]
    with services.storage.write() as unit:
        connection = living(unit, connection_id)
        there = unit.paths(connection_id)
        path, manifest = _path(services, unit, body, connection_id, len(there))
        if len(there) >= MOST_PATHS:
            message = f"a connection has at most {MOST_PATHS} paths; configure another connection"
            raise RequestRefused("too_many_paths", message)
        _check_shapes(services, unit, there, manifest)
        found = joining(services, in_force(services, unit), path, there)
        place = services.place(found)
        if place == "apart":
            return _connection_of_its_own(services, unit, body)
        if place == "refuse":
            raise RequestRefused(
                "proof_required",
                f"no installed identity rule proves that this path is the same source as {connection_id!r}; "
                "give what a candidate is wanting, or configure a connection of its own",
                candidates=_candidates(services, unit, path, manifest, connection),
            )
        _add(unit, path)
        for each in found:
            kept(unit, connection_id, path.ordinal, each, path.created_at)
        unit.commit()
    return Configured(connection_id, connection.display_name, _shown([*there, path]))


def show_diagnostics(call: Call) -> Diagnostics:
    """What stands behind a connection: paths, proofs, and what each path has seen."""
    connection_id = call.path["connection_id"]
    with call.host.services.storage.read() as view:
        connection = view.connection(connection_id)
        if connection is None:
            raise RequestRefused("not_found", f"no connection {connection_id!r}")
        paths = view.paths(connection_id)
        history = history_of(call.host.services, view, connection_id)
        runs, success = runs_shown(history.runs), history.last_successful_run
        return Diagnostics(
            connection_id,
            connection.display_name,
            tuple(_detail(path) for path in paths),
            tuple(view.proofs(connection_id)),
            tuple(_evidence(paths, view.evidence(connection_id))),
            tuple(rule.name for rule in view.rules()),
            runs,
            runs[0] if runs else None,
            None if success is None else runs_shown((success,))[0],
            connection.superseded_by,
        )


def _path(
    services: Services, unit: Unit, body: Configuration, connection_id: str, ordinal: int
) -> tuple[Path, Manifest]:
    connector = unit.connector(body.connector_key)
    if connector is None:
        message = f"no connector {body.connector_key!r} is registered"
        raise RequestRefused("unknown_connector", message, "connector_key")
    _check_since(body.since, connector.manifest)
    path = Path(
        connection_id,
        ordinal,
        body.connector_key,
        body.method,
        msgspec.to_builtins(body.binding),
        Source(body.source.root, body.source.base_url),
        services.clock.now(),
        body.since,
        body.browser_profile_key,
    )
    return path, connector.manifest


def _add(unit: Unit, path: Path) -> None:
    """Add a path; a browser-surface profile key is one connection's for ever (CS-01)."""
    unit.add_path(path)
    key = path.browser_profile_key
    if key is not None and not unit.bind_profile_key(key, path.connection_id):
        message = f"the browser-surface profile key {key!r} is bound to another connection"
        raise RequestRefused("profile_key_bound", message, "browser_profile_key")


def _check_since(since: str | None, manifest: Manifest) -> None:
    """A standing window is a time, and only streams that tell a record's time can be held to it."""
    if since is None:
        return
    if instant(since) is None:
        message = f"since must be an RFC 3339 time with an offset, not {since!r}"
        raise RequestRefused("invalid_request", message, "since")
    timeless = [stream.name for stream in manifest.streams if stream.consent_time_field is None]
    if timeless:
        message = (
            f"streams without a consent_time_field have no window: {', '.join(timeless)}; leave since out"
        )
        raise RequestRefused("time_range_not_supported", message, "since")


def _check_shapes(services: Services, view: View, there: Sequence[Path], coming: Manifest) -> None:
    try:
        check_compatible([*manifests_of(view, there), coming], services.fingerprint)
    except IncompatibleStream as error:
        raise RequestRefused("incompatible_stream", str(error), "connector_key") from None


def _candidates(
    services: Services, view: View, path: Path, manifest: Manifest, asked: Connection
) -> tuple[Candidate, ...]:
    """The connection that was asked for, then those whose connector has a stream of the same definition."""
    rules, mine = in_force(services, view), _definitions(services, manifest)
    alike = {each.key for each in view.connectors() if mine & _definitions(services, each.manifest)}
    others = (
        each
        for each in view.connections()
        if each.connector_key in alike and each.superseded_by is None and each != asked
    )
    return tuple(
        Candidate(each.connection_id, each.display_name, _wanting(view, rules, path, each))
        for each in (asked, *islice(others, _NAMED))
    )


def _definitions(services: Services, manifest: Manifest) -> set[tuple[str, str]]:
    return {(stream.name, services.fingerprint(stream)) for stream in manifest.streams}


def _wanting(view: View, rules: Rules, path: Path, other: Connection) -> dict[str, str]:
    """What each rule misses for a proof with any of a connection's paths; nothing where one has it."""
    bindings = [binding_of(each) for each in view.paths(other.connection_id)]
    mine = binding_of(path)
    if any(rules.proofs(each, mine) for each in bindings):
        return {}
    return rules.wanting(bindings[0], mine)


def _shown(paths: Sequence[Path]) -> tuple[PathShown, ...]:
    return tuple(PathShown(path.ordinal, path.connector_key, path.method) for path in paths)


def _detail(path: Path) -> PathDetail:
    return PathDetail(
        path.ordinal, path.connector_key, path.method, path.binding, path.created_at, path.since
    )


def _evidence(paths: Sequence[Path], counted: Sequence[tuple[str, int, int]]) -> list[PathSightings]:
    streams = sorted({stream for stream, _, _ in counted})
    return [
        PathSightings(
            path.ordinal,
            path.method,
            stream,
            sum(count for name, seen, count in counted if name == stream and seen & bit),
            sum(count for name, seen, count in counted if name == stream and seen == bit),
        )
        for path in paths
        for bit in [1 << path.ordinal]
        for stream in streams
    ]


_CONFIGURING = (
    "unknown_connector",
    "time_range_not_supported",
    "identity_rule_missing",
    "identity_rule_broken",
    "profile_key_bound",
)
OPERATIONS = (
    Operation(
        "/_ref/connections", "POST", "owner", configure, Configured, 201, Configuration, refuses=_CONFIGURING
    ),
    Operation(
        "/_ref/connections/{connection_id}/paths",
        "POST",
        "owner",
        add_path,
        Configured,
        201,
        Configuration,
        refuses=(
            *_CONFIGURING,
            "not_found",
            "connection_superseded",
            "proof_required",
            "incompatible_stream",
            "too_many_paths",
        ),
    ),
    Operation(
        "/_ref/connections/{connection_id}/diagnostics",
        "GET",
        "owner",
        show_diagnostics,
        Diagnostics,
        refuses=("not_found",),
    ),
)
