"""Whether a connector's adapter is alive: it starts, reads START, speaks the wire and ends by DONE.

That is less than conformant, and a different fault: what never speaks cannot be judged at all.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pdpp_tck import __version__
from pdpp_tck.assembly import assemble
from pdpp_tck.diagnosis import Diagnosis
from pdpp_tck.evidence.door import Door
from pdpp_tck.evidence.notes import Notes
from pdpp_tck.evidence.transcripts import Transcript
from pdpp_tck.evidence.watching import watched
from pdpp_tck.options import Options
from pdpp_tck.plan import Plan
from pdpp_tck.subject import Connector, Item

PATIENCE_S = 20.0
HOLD_S = 0.5
PARTITIONS = ("alpha", "beta")


@dataclass(frozen=True, slots=True)
class Examined:
    """What one start of a connector showed, where it is noted, and how to do it again."""

    diagnosis: Diagnosis
    again: str
    evidence: Path

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return self.diagnosis.sound

    def told(self) -> Iterator[str]:
        """The diagnosis, where its evidence lies, and a line to do it again."""
        yield from self.diagnosis.told()
        yield f"evidence  {self.evidence}"
        if self.diagnosis.refused is None:
            yield f"again     {self.again}"


def examine(options: Options) -> Examined:
    """Start the command once under the reference host; raises UsageError where it cannot even be tried."""
    plan = assemble(replace(options, selection=frozenset({"CP"})))
    try:
        return _examined(plan, plan.connectors[0])
    finally:
        plan.close()


def _examined(plan: Plan, connector: Connector) -> Examined:
    home = plan.reports / "doctor"
    source = home / "source"
    source.mkdir(parents=True)
    header = {"id": "doctor", "kind": "connector", "digest": "", "kit": __version__, "seed": plan.seed}
    notes = Notes(home / "evidence.jsonl", header | {"subjects": {"connector": {"name": connector.name}}})
    with ExitStack() as opened:
        opened.callback(notes.close)
        where = _where(connector, source, opened)
        door = Door(opened.enter_context(plan.host.face(home)), home, notes, PATIENCE_S)
        opened.callback(door.close)
        # A connector that does not wait for START shows itself in that time.
        door.hold_s, door.folder = HOLD_S, connector.folder
        diagnosis = _diagnosed(door, notes, connector, where)
    return Examined(diagnosis, _again(connector, diagnosis.transcript, home, where), notes.path)


def _diagnosed(door: Door, notes: Notes, connector: Connector, where: dict[str, str]) -> Diagnosis:
    """One run, where the host takes the connector."""
    try:
        connection, asked = _asked(door, notes, connector, where)
    except _Refused as answer:
        return Diagnosis(connector.name, str(answer), None, {}, watched("doctor", []), PATIENCE_S)
    entry = door.follow("doctor", asked, connection, [], prior=False)
    shown = entry.get("outcome")
    outcome = shown if isinstance(shown, dict) else {"status": f"the run is not shown: {shown}"}
    if outcome.get("status") == "active":
        door.owner("POST", f"/_ref/runs/{entry['run_id']}/cancel", None)
    starts = entry.get("transcripts") or []
    if not starts:
        # A command that cannot be started reads no START, which would tell whose start it was.
        starts = door.starts()
        door.note("starts", transcripts=starts)
    transcript = Transcript(starts[0], "doctor") if starts else None
    found = watched("doctor", notes.entries)
    items = 0 if connector.driver is None else len(PARTITIONS)
    return Diagnosis(connector.name, None, transcript, outcome, found, PATIENCE_S, items)


class _Refused(Exception):
    """The host did not grant a request; the message is its answer."""


def _asked(
    door: Door, notes: Notes, connector: Connector, where: dict[str, str]
) -> tuple[str, dict[str, Any]]:
    """A connection and the noted request for its run; raises _Refused at the first that is not granted."""
    door.register(connector.manifest, connector.command, connector.environment)
    _granted(notes.entries[-1])
    connection = door.connect(str(connector.manifest["connector_key"]), where, "doctor")
    _granted(notes.entries[-1])
    asked = door.ask(connection, "{}")
    _granted(asked)
    return connection, asked


def _granted(entry: dict[str, Any]) -> None:
    status, body = entry.get("status"), entry.get("body", entry.get("unreachable"))
    if status is None or not 200 <= status < 300:
        what = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        raise _Refused(f"its host refused it: {entry['method']} {entry['path']} was answered {status} {what}")


def _where(connector: Connector, source: Path, opened: ExitStack) -> dict[str, str]:
    """A source with one item in each of two partitions, or an empty folder where nothing arranges one."""
    if connector.driver is None:
        return connector.where or {"root": str(source)}
    from pdpp_tck.vocabulary.sources import FIRST

    arranged = connector.driver.open(source)
    opened.callback(arranged.close)
    for partition in PARTITIONS:
        arranged.write(partition, [Item(partition, f"{partition}-1", FIRST, "something")])
    return arranged.where()


def _again(connector: Connector, transcript: Transcript | None, home: Path, where: dict[str, str]) -> str:
    """A line for the shell that starts the connector with the very same START."""
    start = home / "start.jsonl"
    text = json.dumps(transcript.start) if transcript and transcript.start else ""
    start.write_text(text + "\n", encoding="utf-8")
    command = [
        word.replace("{source}", where.get("root", "")).replace("{base_url}", where.get("base_url", ""))
        for word in connector.command
    ]
    return f"{shlex.join(command)} < {shlex.quote(str(start))}"
