"""One life of a host: it opens, goes on with its history, and says what is acknowledged as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pluggy
from host.houses import AT, PATIENCE_S, House, manifest, stream

from pdpp_host.compose import compose, open_storage
from pdpp_host.domain import entities
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.readmodel.rebuilding import rebuild
from pdpp_host.runtime.imports import ImportWanted
from pdpp_host.web import summaries
from pdpp_host.web.access import Tokens
from pdpp_host.web.calls import Call

from .dying import Dying, Fuse, Tell
from .histories import CONNECTIONS, STREAMS, Collecting, History, Looking, Moment, Renaming, Step

SAYS = ("sh", "-c", 'read -r start; cat "$0/said"; exec grep -q succeeded "$0/said"', "{source}")
_TOKENS = Tokens("owner", "stage")


def live(manager: pluggy.PluginManager, url: str, home: Path, history: History, at: int, tell: Tell) -> None:
    """Do the steps from `at` on; the plugin that dies is lit before."""
    tempfile.tempdir = str(home)
    with _house(manager, url, home) as house:
        _furnish(house)
        dying = next(each for each in manager.get_plugins() if isinstance(each, Dying))
        lines = dying.fuse.step(at)
        for number, step in enumerate(history.steps[at:], at):
            tell("begin", number, lines)
            _do(house, step, tell)
            lines = dying.fuse.step(number + 1)
            tell("done", number, lines)
    tell("closed")


def lit(manager: pluggy.PluginManager, moment: Moment | None, tell: Tell, *, counted: bool = True) -> None:
    """Have the host that is opened next die at a moment, and tell what it commits."""
    dying = next(each for each in manager.get_plugins() if isinstance(each, Dying))
    dying.fuse, dying.tell = Fuse(moment), tell
    dying.fuse.step(-1)
    if counted:
        dying.fuse.light()


@contextmanager
def _house(manager: pluggy.PluginManager, url: str, home: Path) -> Iterator[House]:
    host = compose(manager, open_storage(manager, url), staged=True)
    try:
        yield House(home, host)
    finally:
        host.close()


def _furnish(house: House) -> None:
    """Connections of a path that collects and one that takes artifacts in, where they are not there."""
    streams = (stream(name) | {"coverage_authority": "full_refresh"} for name in STREAMS)
    connector = entities.Connector(parse_manifest(manifest(*streams)), SAYS)
    with house.host.services.storage.write() as unit:
        if unit.connections():
            return
        unit.put_connector(connector)
        for name in CONNECTIONS:
            folder = house.home / name
            folder.mkdir(exist_ok=True)
            unit.add_connection(entities.Connection(name, "notes", name, AT))
            for ordinal, method in enumerate(("device_sync", "owner_artifact")):
                source = entities.Source(root=None if ordinal else str(folder))
                unit.add_path(entities.Path(name, ordinal, "notes", method, {}, source, AT))
        unit.commit()


def _do(house: House, step: Step, tell: Tell) -> None:
    if isinstance(step, Collecting):
        run_id = _imported(house, step) if step.imported else _started(house, step)
        tell("run", run_id)
        tell("ended", run_id, _ended(house, run_id))
    elif isinstance(step, Renaming):
        body = msgspec.json.encode({"display_name": step.name})
        summaries.change_connection(_call(house, body, connection_id=step.connection))
    elif isinstance(step, Looking):
        call = _call(house)
        summaries.list_connectors(call, summaries.look(call))
    else:
        tell("rebuilt", [each.part for each in rebuild(house.host.services)])


def _started(house: House, step: Collecting) -> str:
    (house.home / step.connection / "said").write_bytes(step.said())
    return house.host.controller.start(step.connection, _request(step), 0).run_id


def _imported(house: House, step: Collecting) -> str:
    receiving = house.host.imports.begin(step.connection, ImportWanted("said", request=_request(step)))
    receiving.write(step.said())
    return receiving.finish().run_id


def _request(step: Collecting) -> bytes:
    return msgspec.json.encode(
        {"coverage": dict.fromkeys(STREAMS, "full_refresh")} if step.refreshing else {}
    )


def _ended(house: House, run_id: str) -> str:
    """How a run ended; its thread may be gone before it is looked for."""
    run = house.ended(run_id)
    assert run.status != "active", f"a run goes on after {PATIENCE_S} s"
    return run.status


def _call(house: House, body: bytes = b"", **path: str) -> Call:
    return Call(house.host, _TOKENS.keys, _TOKENS, path, {}, body)


def converged(manager: pluggy.PluginManager, url: str) -> None:
    """All that is maintained is what is rebuilt from what it is about, and a look changes nothing."""
    with _house(manager, url, Path(tempfile.gettempdir())) as house:
        house.host.services.clock.stop(datetime.now(UTC))
        before = _listed(house)
        found = list(rebuild(house.host.services))
        assert found == [], f"what is maintained is not what is rebuilt: {found}"
        assert _listed(house) == before, "a rebuild has changed what is told"


def _listed(house: House) -> list[summaries.SummaryRow]:
    call = _call(house)
    return list(summaries.list_connectors(call, summaries.look(call)).data)
