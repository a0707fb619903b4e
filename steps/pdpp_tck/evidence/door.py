"""The one door to the subjects: everything that crosses it is noted."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pdpp_tck.evidence.caller import CALL_ERRORS, Caller
from pdpp_tck.evidence.faces import Asked, borne, faces, owned, pages, texts_in
from pdpp_tck.evidence.notes import Notes
from pdpp_tck.evidence.readers import Reader, decoded
from pdpp_tck.evidence.transcripts import Transcript, ended, read_transcripts
from pdpp_tck.subject import Face

TEE = Path(__file__).parents[1] / "programs" / "tee.py"
TERMINAL = frozenset({"completed", "failed", "cancelled", "surface_failed"})
START_PATIENCE_S = 5.0
RUN_PATIENCE_S = 120.0
REDACTED = "[redacted]"
_POLL_S = (0.002, 0.05)
_LOOK_S = 0.005


class Door:
    """Calls to one host, and the connectors that it starts."""

    def __init__(self, face: Face, home: Path, notes: Notes, patience_s: float = RUN_PATIENCE_S) -> None:
        self.home = home
        self.hold_s = 0.0
        self.folder: Path | None = None
        self.patience_s = patience_s
        self._face = face
        self._notes = notes
        self._transcripts = home / "transcripts"
        self._transcripts.mkdir(parents=True)
        self._caller = Caller(face.base_url)

    def close(self) -> None:
        """Let go of the connection to the host."""
        self._caller.close()

    def owner(
        self,
        method: str,
        path: str,
        text: str | None,
        group: str | None = None,
        query: dict[str, str] | None = None,
        noted: str | None = None,
    ) -> dict[str, Any]:
        """One call with the owner's token; the noted entry has `status` and `body`, or `unreachable`.

        `noted` stands in the evidence for a text that holds secrets.
        """
        asked: dict[str, Any] = {"method": method, "path": path, "sent": noted or text}
        asked |= ({"group": group} if group else {}) | ({"query": query} if query else {})
        return self._exchange("http", self._face.owner_token, asked, text)

    def stage(self, operation: str, body: Any, moment: str | None = None) -> dict[str, Any]:
        """One call to the stage; `moment` is a name to find its answer by."""
        asked = {"method": "POST", "path": f"/_stage/{operation}", "sent": _json(body)}
        asked |= {"moment": moment} if moment else {}
        token = self._face.stage_token
        if token is None:
            now = time.time()
            return self._notes.add("stage", now, now, **asked, unreachable="this host has no stage")
        return self._exchange("stage", token, asked, asked["sent"])

    def note(self, kind: str, **content: Any) -> None:
        """Note something that the kit itself did, such as arranging a source."""
        now = time.time()
        self._notes.add(kind, now, now, **content)

    def register(
        self, manifest: dict[str, Any], command: tuple[str, ...], environment: dict[str, str]
    ) -> None:
        """Register a connector whose every start is recorded; what its environment holds is noted nowhere."""
        recorder = [sys.executable, "-S", "-E", str(TEE), str(self._transcripts), str(self.hold_s)]
        recorded = [*recorder, *([str(self.folder)] if self.folder else []), "--", *command]
        body = {"manifest": manifest, "command": recorded, "environment": environment}
        shown = body | {"environment": dict.fromkeys(environment, REDACTED)}
        self.owner("POST", "/_ref/connectors", _json(body), noted=_json(shown))

    def connect(self, connector_key: str, source: dict[str, str], name: str) -> str:
        """Configure a connection; the result is its id, empty when the host gave none."""
        body = {
            "connector_key": connector_key,
            "display_name": name,
            "binding": {"local": name},
            "method": "device_sync",
            "source": source,
        }
        answer = self.owner("POST", "/_ref/connections", _json(body)).get("body")
        return str(answer.get("connection_id", "")) if isinstance(answer, dict) else ""

    def ask(self, connection_id: str, text: str, group: str | None = None) -> dict[str, Any]:
        """Ask for a run, with this text as the request's body, and do not wait; the noted exchange."""
        return self.owner("POST", f"/_ref/connections/{connection_id}/run", text, group)

    def bring(self, connection_id: str, artifact: str, claims: dict[str, Any]) -> dict[str, Any]:
        """Ask for the import of an artifact that makes these claims, as `ask` does for a run."""
        query = {"name": "script.jsonl"} | {name: _json(claim) for name, claim in claims.items()}
        asked = self.owner("POST", f"/_ref/connections/{connection_id}/imports", artifact, None, query)
        return asked | {"sent": _json(claims)}

    def batch(self, connection_id: str, run_id: str | None) -> Any:
        """The batch of a run as its connection's list has it, None where there is none."""
        rows = pages(self._asked(self._face.owner_token), f"/_ref/connections/{connection_id}/batches", {})
        return next((row for row in rows if run_id is not None and run_id in texts_in(row)), None)

    def faces(self, connection_id: str, streams: Iterable[str], texts: Iterable[str]) -> dict[str, Any]:
        """All that the owner sees of a connection's records, and what stands behind it."""
        ask = self._asked(self._face.owner_token)
        seen = faces(ask, streams, texts, {"connection_id": connection_id})
        return {"connection_id": connection_id} | seen | owned(ask, connection_id)

    def reader(self, grant: dict[str, Any], texts: Iterable[str], other: str, stream: str) -> None:
        """Note all that the bearer of a grant sees, also of a connection and a stream not granted."""
        given = self.owner("POST", "/_ref/grants", _json(grant))
        body = given.get("body")
        ask = self._asked(str(body.get("token") if isinstance(body, dict) else None))
        seen = borne(ask, self._asked(self._face.owner_token), grant["streams"], list(texts), (other, stream))
        self.note("reader", grant=grant, status=given.get("status"), **seen)

    def look(self, path: str, query: dict[str, str], request_id: str | None = None) -> tuple[int, Any]:
        """One quiet call of the owner's, under a request id by which a stage can tell what it cost."""
        try:
            token = self._face.owner_token
            status, body = self._caller.call("GET", path, token, query=query or None, request_id=request_id)
        except CALL_ERRORS as error:
            return 0, f"{type(error).__name__}: {error}"
        return status, decoded(body)

    def reader_of(self, path: str, request_id: str, query: dict[str, str] | None = None) -> Reader:
        """Begin a call of the owner's on a connection of its own."""
        return Reader(self._face, path, request_id, query)

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """What was noted of one kind so far."""
        return [entry for entry in self._notes.entries if entry["entry"] == kind]

    def _asked(self, token: str) -> Asked:
        def ask(path: str, query: dict[str, str]) -> tuple[int, Any]:
            try:
                status, body = self._caller.call("GET", path, token, query=query or None)
            except CALL_ERRORS as error:
                return 0, f"{type(error).__name__}: {error}"
            return status, decoded(body)

        return ask

    def follow(
        self,
        label: str,
        asked: dict[str, Any],
        connection_id: str,
        streams: list[str],
        prior: bool,
        cancel: bool = False,
    ) -> dict[str, Any]:
        """Wait for the run that `asked` started, then note it whole; the noted entry.

        One that is to be cancelled is, as soon as its connector has said STATE.
        """
        answer = asked.get("body")
        run_id = answer.get("run_id") if isinstance(answer, dict) else None
        began = asked["began"]
        content: dict[str, Any] = {"label": label, "connection_id": connection_id, "prior": prior}
        content |= {"asked": {name: asked.get(name) for name in ("sent", "status", "body")}, "run_id": run_id}
        if isinstance(run_id, str):
            if cancel and self._said(run_id, "STATE"):
                self.owner("POST", f"/_ref/runs/{run_id}/cancel", None)
            content["outcome"] = self._outcome(run_id)
            content["timeline"] = self._quiet("GET", f"/_ref/runs/{run_id}/timeline")
            content["stored"] = {stream: self._stored(stream, connection_id) for stream in streams}
            content["transcripts"] = self._transcripts_of(run_id, began)
        return self._notes.add("run", began, time.time(), **content)

    def _transcripts_of(self, run_id: str, since: float) -> list[list[dict[str, Any]]]:
        """The starts that were told this run's id; where none was, those since then that were told none.

        A connector that cannot be started, or that ends at once, never reads its START.
        """
        noted = read_transcripts(self._transcripts)
        told = [each for each in noted if Transcript(each).run_id == run_id]
        return told or [each for each in noted if Transcript(each).run_id is None and _first(each) >= since]

    def starts(self) -> list[list[dict[str, Any]]]:
        """The transcript of every start so far, also of those that read no START."""
        return read_transcripts(self._transcripts)

    def census(self) -> None:
        """Note every start of a connector, and which of them belong to no run that was followed."""
        began = time.time()
        known = {entry["run_id"] for entry in self._notes.entries if entry["entry"] == "run"}
        starts = [Transcript(noted).run_id for noted in read_transcripts(self._transcripts)]
        stray = [run_id for run_id in starts if run_id not in known]
        self._notes.add("census", began, time.time(), starts=len(starts), stray=stray)

    def _outcome(self, run_id: str) -> Any:
        """The run once it has ended, or as it stands when patience ends."""
        began, pause = time.monotonic(), _POLL_S[1]
        while True:
            over = ended(self._transcripts)
            outcome = self._quiet("GET", f"/_ref/runs/{run_id}")
            if isinstance(outcome, dict) and outcome.get("status") in TERMINAL:
                return outcome
            waited = time.monotonic() - began
            if waited > self.patience_s or (waited > START_PATIENCE_S and not self._started(run_id)):
                return outcome
            pause = min(pause * 1.5, _POLL_S[1]) if not self._another(over, pause) else _POLL_S[0]

    def _another(self, over: int, pause: float) -> bool:
        """Wait for the pause to pass or for one more connector to exit, and say whether one did.

        To look at the transcripts costs nothing beside asking a host that has work to do.
        """
        until = time.monotonic() + pause
        while time.monotonic() < until:
            if ended(self._transcripts) > over:
                return True
            time.sleep(_LOOK_S)
        return False

    def _said(self, run_id: str, type_: str) -> bool:
        """Wait until the run's connector has said a line of this type; False where it does not."""
        until = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < until:
            told = (Transcript(noted) for noted in read_transcripts(self._transcripts))
            if any(each.run_id == run_id and each.said(type_) for each in told):
                return True
            time.sleep(_LOOK_S)
        return False

    def _started(self, run_id: str) -> bool:
        """Whether a connector was started for the run."""
        return any(Transcript(noted).run_id == run_id for noted in read_transcripts(self._transcripts))

    def _stored(self, stream: str, connection_id: str) -> Any:
        """The stream's records as a reader of this connection sees them, or the answer that was none."""
        rows: list[Any] = []
        query = {"connection_id": connection_id, "limit": "1000"}
        while True:
            page = self._quiet("GET", f"/v1/streams/{stream}/records", query)
            if not isinstance(page, dict) or not isinstance(page.get("data"), list):
                return {"unreadable": page}
            rows += [{"key": row.get("key"), "data": row.get("data")} for row in page["data"]]
            if not page.get("has_more") or not page.get("next_cursor"):
                return rows
            query["cursor"] = str(page["next_cursor"])

    def _quiet(self, method: str, path: str, query: dict[str, str] | None = None) -> Any:
        """The decoded answer of a call that is noted as part of a larger entry."""
        try:
            return json.loads(self._caller.call(method, path, self._face.owner_token, query=query)[1])
        except CALL_ERRORS as error:
            return f"{type(error).__name__}: {error}"

    def _exchange(self, kind: str, token: str, asked: dict[str, Any], text: str | None) -> dict[str, Any]:
        """One call and its noted entry, in which alone a token that was given is not shown."""
        began = time.time()
        try:
            status, body = self._caller.call(asked["method"], asked["path"], token, text, asked.get("query"))
        except CALL_ERRORS as error:
            seen: dict[str, Any] = {"unreachable": f"{type(error).__name__}: {error}"}
        else:
            seen = {"status": status, "body": decoded(body)}
        noted = self._notes.add(kind, began, time.time(), **asked, **_without_token(seen))
        return noted | seen


def _without_token(seen: dict[str, Any]) -> dict[str, Any]:
    body = seen.get("body")
    return seen | {"body": body | {"token": REDACTED}} if isinstance(body, dict) and "token" in body else seen


def _first(noted: list[dict[str, Any]]) -> float:
    """When the first line of a transcript was noted; the beginning of time for an empty one."""
    return float(noted[0].get("t", 0.0)) if noted else 0.0


def _json(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False)
