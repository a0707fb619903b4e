"""Whether a connector's adapter is alive: it starts, reads START, speaks the wire and ends by DONE.

That is less than conformant, and a different fault: what never speaks cannot be judged at all.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pdpp_tck import __version__
from pdpp_tck.assembly import assemble
from pdpp_tck.evidence.door import Door
from pdpp_tck.evidence.notes import Notes
from pdpp_tck.evidence.transcripts import Line, Transcript
from pdpp_tck.evidence.watching import Watched, watched
from pdpp_tck.options import Options
from pdpp_tck.plan import Plan
from pdpp_tck.subject import Connector, Item

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Examined:
    """One start of a connector: what was said when, what breaks the protocol, and how to do it again."""

    connector: str
    transcript: Transcript | None
    outcome: dict[str, Any]
    watched: Watched
    again: str
    evidence: Path

    @property
    def broken(self) -> str | None:
        """Why the adapter is broken; None for one that is alive."""
        if self.transcript is None or self.transcript.start is None:
            return f"it was never started: {self.outcome.get('terminal_reason') or self.outcome}"
        failed = [
            line for line in self.transcript.lines if line.direction == "exit" and "launch" in line.text
        ]
        if failed:
            return str((failed[0].message or {}).get("launch_failed"))
        said = [line for line in self.transcript.lines if line.direction == "out" and line.text.strip()]
        if not said:
            return f"it said nothing on stdout {self.transcript.last_words()}".strip()
        if all(line.type is None for line in said):
            return f"nothing on its stdout is a message; line {said[0].n}: {said[0].text[:200]}"
        if not self.transcript.said("DONE"):
            ended = f"ended with exit status {self.transcript.exit_status}"
            how = ended if self.transcript.exit_status is not None else f"was not done in {PATIENCE_S:.0f} s"
            return f"it {how} and never said DONE {self.transcript.last_words()}".strip()
        return None

    @property
    def alive(self) -> bool:
        """Whether it speaks."""
        return self.broken is None

    def told(self) -> Iterator[str]:
        """The diagnosis, the breaches of protocol beside it, and a line to do it again."""
        if self.broken:
            yield f"adapter broken: {self.connector}: {self.broken}"
        else:
            yield f"adapter alive: {self.connector}: {self._course()}"
        for found in self.watched.found:
            yield f"not conformant: {found.breach.rule}, line {found.breach.n}: {found.breach.what}"
        yield f"evidence  {self.evidence}"
        yield f"again     {self.again}"

    def _course(self) -> str:
        assert self.transcript is not None
        lines = self.transcript.lines
        start = next(line for line in lines if line.direction == "in")
        said = [line for line in lines if line.direction == "out" and line.type]
        done = self.transcript.said("DONE")[-1]
        records = len(self.transcript.said("RECORD"))
        status = (done.message or {}).get("status")
        first, last = _ms(start, said[0]), _ms(start, done)
        return f"first message {first} ms after START, {records} records, DONE {status} after {last} ms"


def examine(options: Options) -> Examined:
    """Start the command once under the reference host; raises UsageError where it cannot even be tried."""
    plan = assemble(replace(options, selection=frozenset({"CP"})))
    try:
        return _examined(plan, plan.connectors[0])
    finally:
        plan.host.close()


def _examined(plan: Plan, connector: Connector) -> Examined:
    home = plan.reports / "doctor"
    source = home / "source"
    source.mkdir(parents=True)
    header = {"id": "doctor", "kind": "connector", "digest": "", "kit": __version__, "seed": plan.seed}
    notes = Notes(home / "evidence.jsonl", header | {"subjects": {"connector": {"name": connector.name}}})
    with plan.host.face(home) as face:
        door = Door(face, home, notes, PATIENCE_S)
        door.register(connector.manifest, connector.command, connector.environment)
        where = _where(connector, source)
        connection = door.connect(str(connector.manifest["connector_key"]), where, "doctor")
        asked = door.ask(connection, "{}")
        entry = door.follow("doctor", asked, connection, [], prior=False)
        if (entry.get("outcome") or {}).get("status") == "active":
            door.owner("POST", f"/_ref/runs/{entry['run_id']}/cancel", None)
        door.close()
    notes.close()
    noted = entry.get("transcripts") or []
    transcript = Transcript(noted[0], "doctor") if noted else None
    outcome = entry.get("outcome") or entry["asked"]
    found = watched("doctor", notes.entries)
    again = _again(connector, transcript, home, where)
    return Examined(connector.name, transcript, outcome, found, again, notes.path)


def _where(connector: Connector, source: Path) -> dict[str, str]:
    """A source with one item in each of two partitions, or an empty folder where nothing arranges one."""
    if connector.driver is None:
        return {"root": str(source)}
    from pdpp_tck.vocabulary.sources import FIRST

    arranged = connector.driver.open(source)
    for partition in ("alpha", "beta"):
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


def _ms(before: Line, after: Line) -> int:
    return round((after.t - before.t) * 1000)
