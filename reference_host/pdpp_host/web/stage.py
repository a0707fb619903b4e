"""The stage: the back door by which a conformance kit sets a scene, under a token of its own."""

from __future__ import annotations

from pdpp_host.domain.requests import RequestRefused
from pdpp_host.web.calls import Call, Operation
from pdpp_host.web.shapes import StageShown, StateBody, StatePut


def show_stage(call: Call) -> StageShown:
    """Which operations this stage has."""
    return StageShown(tuple(each.path.removeprefix("/_stage/") for each in OPERATIONS if each.wants))


def put_state(call: Call) -> StatePut:
    """Commit cursors for a path of a connection."""
    body: StateBody = call.typed(StateBody)
    services = call.host.services
    with services.storage.write() as unit:
        if body.path not in {path.ordinal for path in unit.paths(body.connection_id)}:
            raise RequestRefused("not_found", f"no path {body.path} of connection {body.connection_id!r}")
        unit.put_stream_state(body.connection_id, body.path, body.state, None, services.clock.now())
        unit.commit()
    return StatePut(body.connection_id, body.path, tuple(sorted(body.state)))


OPERATIONS = (
    Operation("/_stage", "GET", "stage", show_stage, StageShown),
    Operation("/_stage/state", "POST", "stage", put_state, StatePut, wants=StateBody, refuses=("not_found",)),
)
