"""Evidence as a Then reads it: what is missing is laid at the door of whoever owed it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pdpp_tck.evidence.lone import Alone
from pdpp_tck.evidence.owing import Owed, Party, Unfed
from pdpp_tck.evidence.transcripts import Line, Transcript
from pdpp_tck.evidence.watching import Watched, breaches_of, limits_of, referred, watched
from pdpp_tck.monitor.shapes import start_flaw

_CONNECTORS_FAULT = ("connector_",)


class RunView:
    """One run that was asked for and followed."""

    def __init__(self, entry: dict[str, Any]) -> None:
        self.label: str = entry["label"]
        self._entry = entry

    @property
    def run_id(self) -> str:
        """The run's id; the host owes one to a right request."""
        asked, run_id = self._entry["asked"], self._entry.get("run_id")
        if not isinstance(run_id, str):
            raise Owed(
                "host",
                f"the request for run {self.label!r} ({asked.get('sent') or 'no body'}) was answered "
                f"{asked.get('status')} {asked.get('body')!r}, no run was started",
            )
        return run_id

    @property
    def outcome(self) -> dict[str, Any]:
        """The run as the host shows it, ended."""
        run_id, outcome = self.run_id, self._entry.get("outcome")
        if not isinstance(outcome, dict) or "status" not in outcome:
            raise Owed("host", f"run {self.label!r} ({run_id}) is not shown: {outcome!r}")
        if outcome["status"] == "active":
            raise Owed("host", f"run {self.label!r} ({run_id}) never ended")
        return outcome

    @property
    def timeline(self) -> list[Any]:
        """The run's events."""
        timeline = self._entry.get("timeline")
        if not isinstance(timeline, dict) or not isinstance(timeline.get("data"), list):
            raise Owed("host", f"run {self.label!r} shows no timeline: {timeline!r}")
        events: list[Any] = timeline["data"]
        return events

    @property
    def transcript(self) -> Transcript:
        """What crossed the connector's pipes; the host owes a start, exactly one."""
        run_id, noted = self.run_id, self._entry.get("transcripts") or []
        if len(noted) != 1:
            seen = "no connector was started" if not noted else f"{len(noted)} connectors were started"
            raise Owed("host", f"for run {self.label!r} ({run_id}) {seen}")
        return Transcript(noted[0], self.label)

    @property
    def start(self) -> dict[str, Any]:
        """The START line as the connector read it; a host owes one of its shape, first and once."""
        transcript = self.transcript
        if transcript.start is None:
            party: Party = "connector" if transcript.over else "host"
            raise Owed(party, f"run {self.label!r} has no START line {transcript.last_words()}".rstrip())
        starts = [line for line in transcript.lines if line.direction == "in" and line.type == "START"]
        flaw = start_flaw(transcript.start)
        if len(starts) > 1 or flaw:
            raise Owed("host", f"run {self.label!r} was sent {len(starts)} START lines {flaw or ''}".rstrip())
        return transcript.start

    def asked(self) -> dict[str, Any]:
        """The body of the run request."""
        body: dict[str, Any] = json.loads(self._entry["asked"]["sent"])
        return body

    def start_streams(self) -> dict[str, dict[str, Any]]:
        """START's scope by stream name."""
        scope = self.start.get("scope")
        streams = scope.get("streams") if isinstance(scope, dict) else None
        if not isinstance(streams, list) or not all(isinstance(s, dict) and "name" in s for s in streams):
            raise Owed("host", f"START of run {self.label!r} has no scope.streams: {scope!r}")
        return {stream["name"]: stream for stream in streams}

    def scoped(self) -> None:
        """Nothing, when START carried the resources that were asked for; a host owes them."""
        started = self.start_streams()
        for stream, resources in self.asked()["resources"].items():
            got = started.get(stream, {}).get("resources")
            if got != resources:
                raise Owed(
                    "host", f"START of run {self.label!r} carries {got!r} for {stream!r}, not {resources!r}"
                )

    def said(self, *types: str) -> list[Line]:
        """What the connector said, of these types."""
        return self.transcript.said(*types)

    def gaps(self) -> list[Line]:
        """The connector's own lines about what it did not collect."""
        return self.transcript.gaps()

    def known_gaps(self) -> list[dict[str, Any]]:
        """The gaps that the host shows for the run."""
        gaps = self.outcome.get("known_gaps")
        if not isinstance(gaps, list):
            raise Owed("host", f"run {self.label!r} shows no known_gaps: {gaps!r}")
        return gaps

    def stored(self, stream: str) -> list[dict[str, Any]]:
        """The stream's records after the run, as a reader sees them."""
        _ = self.run_id
        rows = (self._entry.get("stored") or {}).get(stream)
        if not isinstance(rows, list):
            raise Owed("host", f"the stream {stream!r} cannot be read after run {self.label!r}: {rows!r}")
        return rows

    @property
    def ended_well(self) -> bool:
        """Whether the run is over, succeeded, and its state was committed."""
        outcome = self._entry.get("outcome")
        told = outcome if isinstance(outcome, dict) else {}
        return told.get("status") == "completed" and told.get("checkpoint", "committed") == "committed"

    def committed(self) -> None:
        """Nothing, when the run ended well and its state was committed; else the one at fault is named."""
        outcome = self.outcome
        if self.ended_well:
            return
        reason = str(outcome.get("terminal_reason") or "")
        party: Party = "connector" if reason.startswith(_CONNECTORS_FAULT) else "host"
        details = outcome.get("violation") or outcome.get("known_gaps") or self.transcript.last_words()
        ended = f"ended {outcome['status']} {reason} with its state {outcome.get('checkpoint')} {details}"
        raise Owed(party, f"run {self.label!r}, which sets the scene, {ended}".rstrip())

    def fed(self, streams: set[str]) -> bool:
        """Whether the connector emitted a record of one of these streams, and not only that one is gone."""
        told = (line.message or {} for line in self.said("RECORD"))
        return any(each.get("op") != "delete" and each.get("stream") in streams for each in told)


class Evidence:
    """Everything that was noted in one execution of a scenario."""

    def __init__(self, header: dict[str, Any], entries: list[dict[str, Any]], folder: Path = Path()) -> None:
        self.header = header
        self._entries = entries
        self._folder = folder

    def run(self, label: str) -> RunView:
        """The run of that label, once every run that set its scene has ended well."""
        self.configured()
        for entry in self.entries("unarranged"):
            raise Owed("source", str(entry["why"]))
        for entry in self.entries("run"):
            if entry["label"] == label:
                return RunView(entry)
            if entry["prior"]:
                RunView(entry).committed()
            if "resources" in RunView(entry).asked():
                RunView(entry).scoped()
        raise Owed("kit", f"no run {label!r} was noted")

    def configured(self) -> None:
        """Nothing, when the host took the connector and the connection; a host owes both."""
        for entry in self.entries("http"):
            if entry["method"] == "POST" and entry["path"] in ("/_ref/connectors", "/_ref/connections"):
                status, body = entry.get("status"), entry.get("body", entry.get("unreachable"))
                if status is None or not 200 <= status < 300:
                    raise Owed("host", f"POST {entry['path']} was answered {status} {body!r}")

    def runs(self, *, prior: bool) -> list[RunView]:
        """The runs that set the scene, or those that are judged."""
        return [RunView(entry) for entry in self.entries("run") if entry["prior"] == prior]

    def resumed(self, run: RunView) -> None:
        """Nothing, when START carried the cursors that the runs before it left behind.

        A connector that never said STATE owes one; a host owes what was said and committed.
        """
        earlier = [view for view in self.runs(prior=True) if view.label != run.label]
        said = {str((line.message or {}).get("stream")) for view in earlier for line in view.said("STATE")}
        committed = (e for e in self.entries("stage") if e["path"] == "/_stage/state")
        said |= {stream for entry in committed for stream in json.loads(entry["sent"])["state"]}
        if not said:
            raise Owed("connector", f"no STATE was said before run {run.label!r}, so it could not resume")
        state = run.start.get("state")
        for stream in sorted(said):
            if not isinstance(state, dict) or not isinstance(state.get(stream), dict):
                seen = f"START of run {run.label!r} carries no cursor of stream {stream!r}: {state!r}"
                raise Owed("host", seen)

    def schema(self, moment: str) -> dict[str, Any]:
        """The schema as the stage showed it at that moment, the last time; a host with a stage owes it."""
        shown = [entry for entry in self.entries("stage") if entry.get("moment") == moment]
        filled = [entry for entry in self.entries("stage") if entry["path"] == "/_stage/spine"]
        for entry in [*filled, *shown[-1:]]:
            if entry.get("status") != 200 or not isinstance(entry.get("body"), dict):
                told = entry.get("body", entry.get("unreachable"))
                raise Owed("host", f"the stage answered {entry['path']} by {entry.get('status')} {told!r}")
        if not shown:
            raise Owed("host", f"the schema was not shown {moment}")
        found: dict[str, Any] = shown[-1]["body"]
        return found

    def exchanges(self, group: str) -> list[dict[str, Any]]:
        """The requests of a group and their answers, in order."""
        return [entry for entry in self.entries("http") if entry.get("group") == group]

    def census(self) -> dict[str, Any]:
        """The count of every start of a connector; what was not counted did not stay away."""
        entry = next(self.entries("census"), None)
        if entry is None:
            raise Owed("kit", "no census was taken")
        return entry

    def source(self, did: str) -> list[dict[str, Any]]:
        """What was done to the source: `wrote`, `removed`, `scripted`."""
        return [entry for entry in self.entries("source") if entry["did"] == did]

    def item(self, ident: str) -> dict[str, Any]:
        """What was written to the source under that name: stream, key, partition, text."""
        for entry in self.source("wrote"):
            for item in entry["items"]:
                if item["ident"] == ident:
                    return {"stream": entry["stream"], "partition": entry["partition"], **item}
        raise Owed("kit", f"no item {ident!r} was written")

    def alone(self) -> list[Alone]:
        """The connector's starts without any host, one under each fault."""
        return [Alone.of(entry) for entry in self.entries("alone")]

    def claimed(self, claim: str | None) -> bool:
        """Whether the connector claims this."""
        return claim in self.header["subjects"]["connector"].get("claims", ())

    def watched(self) -> Watched:
        """What the monitor finds in the noted runs and in those of the files that are referred to."""
        total = watched(self.header["id"], self._entries)
        for entry in self.entries("refers"):
            for refers in entry["files"]:
                total += referred(refers, self._folder)
        return total

    def unfed(self) -> Unfed | None:
        """What the source did not give: a record in a run that ended well and had to bring one."""
        premises = {entry["fed"] for entry in self.entries("premise")}
        streams = {entry["stream"] for entry in self.entries("source") if "stream" in entry}
        for run in self.runs(prior=True):
            if run.label in premises and run.ended_well and not run.fed(streams):
                return Unfed(f"no record was emitted in run {run.label!r}, which sets the scene")
        return None

    def cut(self) -> str | None:
        """The breach that kept a noted run from ending well, as a reason; None where none did."""
        limits = limits_of(self._entries)
        for entry in self.entries("run"):
            outcome = entry.get("outcome")
            if isinstance(outcome, dict) and outcome.get("status") != "completed":
                found_ = breaches_of(self.header["id"], entry, limits)
                if not found_ and outcome.get("terminal_reason") == "connector_protocol_violation":
                    told = f"run {entry['label']!r} for {outcome.get('violation')}"
                    return f"the host ended {told}, in which the monitor sees no breach"
                for found in found_:
                    where = f"{found.breach.rule}, line {found.breach.n} of run {entry['label']!r}"
                    return f"{where}: {found.breach.what} {_last_words(entry)}".rstrip()
        return None

    def entries(self, kind: str) -> Iterator[dict[str, Any]]:
        """What was noted of one kind, in order."""
        return (entry for entry in self._entries if entry["entry"] == kind)


def _last_words(entry: dict[str, Any]) -> str:
    noted = entry.get("transcripts") or [[]]
    return Transcript(noted[-1]).last_words()
