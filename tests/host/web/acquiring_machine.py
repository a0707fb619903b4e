"""A real host on which anything is done in any order, beside the model that says what must be visible."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path as Folder
from typing import Any, cast

import httpx
import pluggy
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import text as sql

from pdpp_host.compose import Host, compose, open_storage
from pdpp_host.ports import Databases
from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application
from pdpp_plugins.storage.reading import View

from ..houses import manifest, stream
from .acquisition_model import (
    FEBRUARY,
    METHODS,
    SINCE,
    STREAMS,
    Asked,
    Batch,
    Connection,
    Line,
    Model,
    Path,
    inside,
)
from .acquisition_model import Rule as InForce
from .callers import OWNER, STAGE

TIMES = (
    None,
    "2026-01-31T23:59:59Z",
    SINCE,
    "2026-02-10T00:00:00Z",
    "2026-03-01T00:30:00+01:00",
    FEBRUARY["until"],
)
WORDS = (None, "plum", "pear")
PLAYED = 'read -r start; . "$0/to-play"'
PATIENCE_S = 20.0

lines = st.lists(
    st.builds(
        Line,
        st.sampled_from(("notes", "notes", "log")),
        st.sampled_from("abc"),
        st.sampled_from(WORDS),
        st.sampled_from(TIMES),
        st.integers(0, 1),
        st.sampled_from((False, False, False, False, True)),
    ),
    min_size=1,
    max_size=6,
)
ends = st.sampled_from(
    ("whole",) * 10
    + ("skip", "skip elsewhere", "skip nameless", "failed", "miscounted", "cut off", "stray", "cancelled")
)


@dataclass(frozen=True)
class Acquisition:
    """A run or import: of which connection and path, what its connector says, how it ends."""

    where: int
    which: int
    said: list[Line]
    end: str
    claimed: bool
    narrowing: str | None
    held: bool
    nonce: int


@dataclass(frozen=True)
class Arrangement:
    """Anything else that an owner does."""

    what: str
    where: int
    kind: str
    person: str
    rule: str
    install: bool
    says: tuple[bool, bool, bool]


acquisitions = st.builds(
    Acquisition,
    st.sampled_from((0, 0, 0, 0, 0, 1, 2, 3)),
    st.integers(0, 2),
    lines,
    ends,
    st.booleans(),
    st.sampled_from((None, None, None, None, "window", "window", "resources")),
    st.sampled_from((False, False, False, True)),
    st.integers(0, 9),
)
arrangements = (
    st.none()
    | st.none()
    | st.builds(
        Arrangement,
        st.sampled_from(("go on", "join", "govern", "configure", "restart")),
        st.integers(0, 3),
        st.sampled_from(tuple(METHODS)),
        st.sampled_from(("ana", "ana", "ana", "bea")),
        st.sampled_from(("r1", "r2")),
        st.sampled_from((True, True, False)),
        st.tuples(st.sampled_from((True, True, False)), st.booleans(), st.booleans()),
    )
)


@dataclass
class Going:
    """A run that waits in its middle: `go` lets it say the rest."""

    connection: str
    run_id: str
    batch: Batch
    asked: Asked
    met: set[tuple[str, ...]]
    end: str
    go: Callable[[], None]
    cursors: dict[str, Any]
    played: bytes


class Acquisitions(RuleBasedStateMachine):
    """One host; `served`, `databases` and `manager` are given by the test."""

    served: tuple[Any, str]
    databases: Databases
    manager: pluggy.PluginManager

    def __init__(self) -> None:
        super().__init__()
        self.home = Folder(tempfile.mkdtemp(prefix="pdpp-acquisitions-"))
        self.url = self.databases.fresh()
        self.model = Model()
        self.ids: list[str] = []
        self.going: dict[str, Going] = {}
        self.numbers = count()
        headers = {"Authorization": f"Bearer {OWNER}"}
        self.client = httpx.Client(base_url=self.served[1], headers=headers, verify=False, trust_env=False)
        self.open()

    def open(self) -> None:
        self.host: Host = compose(self.manager, open_storage(self.manager, self.url))
        self.served[0].current = application(self.host, Tokens(OWNER, STAGE))

    @initialize(
        joined=st.sampled_from((True, True, False)),
        later=st.sampled_from((False, False, True)),
        names=st.booleans(),
        crosses=st.sampled_from((False, False, True)),
    )
    def start(self, joined: bool, later: bool, names: bool, crosses: bool) -> None:
        """Two connections of ana's, the first with two paths or to be linked later, and one of bea's."""
        declared = [stream(name, coverage_authority="full_refresh") for name in STREAMS]
        for kind in METHODS:
            command = ["/bin/sh", "-c", PLAYED, "{source}"]
            body = {"manifest": manifest(*declared, key=kind), "command": command}
            assert self.ask("POST", "/_ref/connectors", body)[0] == 201
        if not later:
            self.govern("r1", True, (True, names, crosses))
        self.configure("archive", "ana")
        if joined:
            self.join(0, "api", "ana")
            self.join(0, "daily", "ana")
        self.configure("api", "ana")
        self.configure("api", "bea")

    @rule(first=arrangements, then=acquisitions)
    def act(self, first: Arrangement | None, then: Acquisition) -> None:
        """Arrange something, and acquire; with a rule each, most examples would go without most."""
        if first is not None:
            self.arrange(first)
        self.acquire(then)

    def arrange(self, wanted: Arrangement) -> None:
        """Anything but a run."""
        if wanted.what == "configure":
            self.configure(wanted.kind, wanted.person)
        elif wanted.what == "join":
            self.join(wanted.where, wanted.kind, wanted.person)
        elif wanted.what == "govern":
            self.govern(wanted.rule, wanted.install, wanted.says)
        elif self.going:
            self.finish(list(self.going)[wanted.where % len(self.going)])
        elif wanted.what == "restart":
            self.restart()

    def configure(self, kind: str, person: str) -> None:
        """Configure a connection: it is one of its own, whatever it is equal to."""
        if len(self.ids) < 5:
            path, body = self.path(kind, person)
            status, told = self.ask("POST", "/_ref/connections", body)
            assert status == 201
            self.ids.append(told["connection_id"])
            self.model.connections[told["connection_id"]] = Connection([path])

    def join(self, where: int, kind: str, person: str) -> None:
        """Ask for a path: it needs a proof and nothing else."""
        name = self.ids[where % len(self.ids)]
        connection = self.model.connections[name]
        path, body = self.path(kind, person)
        status, told = self.ask("POST", f"/_ref/connections/{name}/paths", body)
        if connection.superseded_by is not None:
            assert (status, told["error"]["connection_id"]) == (409, connection.superseded_by)
            return
        own = len(connection.paths)
        proofs = {(own, n, by) for n, b in enumerate(connection.paths) for by in self.model.proving(path, b)}
        assert status == (201 if proofs else 409), told
        if proofs:
            connection.paths.append(path)
            connection.proofs |= proofs

    def govern(self, name: str, install: bool, says: tuple[bool, bool, bool]) -> None:
        """Install an identity rule, or another one in its place, or remove it."""
        wanted = InForce(*says)
        body: dict[str, Any] = {"remove": name}
        if install:
            accounts = [{"account": f"{kind} of ana"} for kind in METHODS]
            declared: dict[str, Any] = {"name": name}
            declared |= {"same_source": accounts} if wanted.proves else {}
            declared |= {"logical": {"notes": "text"}} if wanted.names else {}
            declared |= {"reconciles": ["notes"]} if wanted.crosses else {}
            body = {"install": declared}
        response = self.client.post("/_stage/rules", json=body, headers={"Authorization": f"Bearer {STAGE}"})
        assert response.status_code == 200, response.text
        self.model.rules.pop(name, None)
        if install:
            self.model.rules[name] = wanted
            self.model.link()

    def acquire(self, wanted: Acquisition) -> None:
        """Run a path or import an artifact, to the end or into the middle."""
        where, which, end = wanted.where, wanted.which, wanted.end
        name = self.ids[where % len(self.ids)]
        connection = self.model.connections[name]
        ordinal = which % len(connection.paths)
        path = connection.paths[ordinal]
        imported, narrowing = path.kind == "archive", wanted.narrowing
        if imported:
            ordinal = next(n for n, each in enumerate(connection.paths) if each.kind == "archive")
            narrowing = None
        asked, request = self.asked(path, ordinal, wanted.claimed, narrowing, end)
        said = self.fitting(wanted.said, asked, narrowing)
        waits = wanted.held or end == "cancelled"
        played, go, cursors = self.script(name, said, asked, end, waits, wanted.nonce)
        doomed = self.model.disagree(said)
        if imported:
            status, told = self.bring(name, request, played)
        else:
            assert path.root is not None
            (Folder(path.root) / "to-play").write_bytes(played)
            status, told = self.ask("POST", f"/_ref/connections/{name}/run?path={ordinal}", request)
        if connection.superseded_by is not None:
            assert (status, told["error"]["connection_id"]) == (409, connection.superseded_by)
            return
        if name in self.going:
            assert (status, told["error"]["code"]) == (409, "run_already_active")
            return
        known = connection.known(played, asked.streams) if imported else None
        if known is not None:
            assert (status, told["status"], told["batch_id"]) == (200, "recognised", known)
            return
        assert status == 202, told
        run_id = told["run_id"]
        batch = Batch(self.batch_of(run_id), ordinal, METHODS[path.kind], parsed=len(said))
        connection.batches.append(batch)
        if doomed:
            self.ended(run_id)
            batch.status, batch.coverage = "failed", dict.fromkeys(asked.streams, False)
            return
        met = self.model.write(name, batch, asked, said)
        self.going[name] = Going(name, run_id, batch, asked, met, end, go, cursors, played)
        if waits:
            self.until_staged(run_id)
        if not wanted.held:
            self.finish(name)

    def restart(self) -> None:
        """Stop the host and start it on the same database."""
        self.host.close()
        self.open()

    def finish(self, name: str) -> None:
        """See a run to its end, and hold the host to the model."""
        going = self.going.pop(name)
        connection, imported = self.model.connections[name], going.batch.method == "owner_artifact"
        if going.end == "cancelled":
            self.host.controller.cancel(going.run_id)
        else:
            going.go()
        self.ended(going.run_id)
        self.heard(going, imported)
        status = {"cancelled": "cancelled", "whole": "completed"}.get(going.end, "failed")
        status = "completed" if going.end.startswith("skip") else status
        self.model.end(name, going.batch, going.asked, going.met, status)
        if status == "completed" and imported:
            connection.artifacts.append((going.played, going.asked.streams, going.batch.batch_id))
        elif status == "completed" and not going.asked.narrowed:
            own = going.batch.path
            connection.cursors |= {(own, each): cursor for each, cursor in going.cursors.items()}
        self.look(name)

    def asked(
        self, path: Path, ordinal: int, claimed: bool, narrowing: str | None, end: str
    ) -> tuple[Asked, dict[str, Any]]:
        """The request, and what it comes to."""
        request: dict[str, Any] = {"coverage": {"notes": "full_refresh"}} if claimed else {}
        window = {"since": SINCE} if path.kind == "daily" else None
        if narrowing == "window":
            request["time_range"], window = {"notes": FEBRUARY}, FEBRUARY
        if narrowing == "resources":
            request["resources"] = {"notes": ["a"]}
        entitled = narrowing != "resources" and end not in ("skip", "skip nameless")
        streams = ("notes",) if request else STREAMS
        rules = dict(sorted(self.model.rules.items()))
        return Asked(ordinal, streams, claimed, window, narrowing is not None, entitled, rules), request

    def fitting(self, said: list[Line], asked: Asked, narrowing: str | None) -> list[Line]:
        """The lines that a run in this scope may say."""
        return [
            line
            for line in said
            if line.stream in asked.streams
            and inside(line.at, asked.window)
            and (narrowing != "resources" or line.key == "a")
        ]

    def script(
        self, name: str, said: list[Line], asked: Asked, end: str, waits: bool, nonce: int
    ) -> tuple[bytes, Callable[[], None], dict[str, Any]]:
        """What the connector plays; what lets it go on where it waits; the cursors that it stages."""
        number = next(self.numbers) if waits else nonce
        cursors = {each: {"n": number} for each in asked.streams}
        states = [{"type": "STATE", "stream": each, "cursor": cursor} for each, cursor in cursors.items()]
        first = [*map(_record, said), *states, *states]
        rest: list[dict[str, Any]] = []
        told = {"skip": {"stream": "notes"}, "skip elsewhere": {"stream": "log"}, "skip nameless": {}}
        if end in told:
            rest.append({"type": "SKIP_RESULT", "reason": "user_disabled", **told[end]})
        if end == "stray":
            rest.append(_record(Line("notes", "z", None, None, 0)) | {"stream": "unheard of"})
        if end != "cut off":
            status = "failed" if end == "failed" else "succeeded"
            emitted = len(said) + (end == "miscounted")
            rest.append({"type": "DONE", "status": status, "records_emitted": emitted})
        gate = self.home / f"gate{number}"
        wait = ""
        if waits:
            os.mkfifo(gate)
            wait = f"read -r go <'{gate}'\n"
        heard = f"printf '%s\\n' \"$start\" >'{self.home}/heard-{name}'\n"
        code = int(end == "failed")
        text = f"{heard}{_said(first)}{wait}{_said(rest)}exit {code}\n"
        return text.encode(), (lambda: _open(gate)) if waits else (lambda: None), cursors

    def bring(self, name: str, request: dict[str, Any], played: bytes) -> tuple[int, Any]:
        query = {"name": "to-play"}
        if request:
            query["coverage"] = json.dumps(request["coverage"])
        response = self.client.post(f"/_ref/connections/{name}/imports", params=query, content=played)
        return response.status_code, response.json()

    def path(self, kind: str, person: str) -> tuple[Path, dict[str, Any]]:
        root = None
        if kind != "archive":
            root = str(self.home / f"root{next(self.numbers)}")
            os.mkdir(root)
        body: dict[str, Any] = {"connector_key": kind, "method": METHODS[kind]}
        body |= {"binding": {"account": f"{kind} of {person}"}, "source": {"root": root} if root else {}}
        body |= {"since": SINCE} if kind == "daily" else {}
        return Path(kind, person, root), body

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        response = self.client.request(method, path, json=body or None)
        return response.status_code, response.json()

    def pages(self, path: str, **query: Any) -> list[Any]:
        rows: list[Any] = []
        while True:
            page = self.client.get(path, params={"limit": 3} | query).json()
            rows += page["data"]
            if not page["has_more"]:
                return rows
            query["cursor"] = page["next_cursor"]

    def batch_of(self, run_id: str) -> str:
        with self.host.services.storage.read() as view:
            run = view.run(run_id)
        assert run is not None
        return run.batch_id

    def ended(self, run_id: str) -> None:
        for thread in threading.enumerate():
            if thread.name == run_id:
                thread.join(PATIENCE_S)
                assert not thread.is_alive()

    def until_staged(self, run_id: str) -> None:
        waiting = threading.Event()
        for _ in range(int(PATIENCE_S * 1000)):
            with self.host.services.storage.read() as view:
                if any(event.event_type == "state_staged" for event in view.timeline(run_id)):
                    return
            waiting.wait(0.001)
        raise AssertionError("the run staged nothing")

    def heard(self, going: Going, imported: bool) -> None:
        """START had the cursors of this path, of the streams that go on."""
        start = json.loads((self.home / f"heard-{going.connection}").read_text())
        asked, own = going.asked, going.batch.path
        cursors = self.model.connections[going.connection].cursors
        due = {s: cursors[own, s] for s in asked.streams if (own, s) in cursors}
        if asked.claimed:
            due.pop("notes", None)
        assert start["state"] == (None if imported else due or None)

    def look(self, name: str) -> None:
        """Every face of a connection shows what the model says, and nothing else."""
        connection = self.model.connections[name]
        listed = {each: self.pages(f"/v1/streams/{each}/records", connection_id=name) for each in STREAMS}
        due = {
            each: Counter(
                _text(held.line.data) for held in connection.records.values() if held.line.stream == each
            )
            for each in STREAMS
        }
        for each, rows in listed.items():
            shown = Counter(_text(row["data"]) for row in rows)
            assert shown == due[each], f"{each} of {name}: +{shown - due[each]} -{due[each] - shown}"
            assert {row["connection_id"] for row in rows} <= {name}
            for row in rows:
                assert self.ask("GET", f"/v1/streams/{each}/records/{row['record_id']}") == (200, row)
        for word in filter(None, WORDS):
            hits = self.pages("/v1/search", q=word, connection_id=name)
            wanted = Counter(_text(h.line.data) for h in connection.records.values() if h.line.text == word)
            assert Counter(_text(row["data"]) for row in hits) == wanted, f"search for {word} in {name}"
        counted = {row["stream"]: row["records"] for row in self.pages("/v1/streams", connection_id=name)}
        assert counted == {each: len(rows) for each, rows in listed.items() if rows}
        self._look_behind(name, connection)
        self._look_inside(name, connection)

    def _look_behind(self, name: str, connection: Connection) -> None:
        """Evidence, batches and cursors as the owner sees them."""
        told = self.ask("GET", f"/_ref/connections/{name}/diagnostics")[1]
        assert told.get("superseded_by") == connection.superseded_by
        evidence = {(each["path"], each["stream"]): (each["seen"], each["only"]) for each in told["evidence"]}
        for own in range(len(connection.paths)):
            for each in STREAMS:
                there = [held.seen for held in connection.records.values() if held.line.stream == each]
                seen, only = sum(own in s for s in there), sum(s == {own} for s in there)
                assert evidence.get((own, each), (0, 0)) == (seen, only)
        batches = [
            Batch(
                each["batch_id"],
                each["path"],
                each["method"],
                each["status"],
                each["counts"]["parsed"],
                {claim["stream"]: claim.get("authority") for claim in each["coverage"]},
            )
            for each in self.pages(f"/_ref/connections/{name}/batches")
        ]
        over = [batch for batch in connection.batches if batch.status != "open"]
        assert [batch.batch_id for batch in batches] == [batch.batch_id for batch in connection.batches]
        for batch, model in zip(batches, connection.batches, strict=True):
            if model in over and model.status == "completed":
                assert batch == model
            elif model in over:
                assert (batch.status, batch.path, batch.coverage) == (
                    model.status,
                    model.path,
                    model.coverage,
                )
        state = self.ask("GET", f"/_ref/connections/{name}/state")[1]["state"]
        cursors = {(int(own), each): c for own, streams in state.items() for each, c in streams.items()}
        assert cursors == connection.cursors

    def _look_inside(self, name: str, connection: Connection) -> None:
        """Every record has the batch that wrote it, of this connection, and the path of that batch."""
        asked = sql(
            "SELECT stream, data, seen_by, path, batch_id FROM records"
            " WHERE connection_id = :name AND NOT deleted"
        )
        with self.host.services.storage.read() as view:
            rows = cast(View, view)._connection.execute(asked, {"name": name}).all()
        of = {batch.batch_id: batch.path for batch in connection.batches}
        found = Counter((each, _text(json.loads(data)), seen, by) for each, data, seen, _, by in rows)
        assert found == Counter(
            (h.line.stream, _text(h.line.data), sum(1 << own for own in h.seen), h.batch)
            for h in connection.records.values()
        )
        assert all(of[batch] == path for _, _, _, path, batch in rows)

    def teardown(self) -> None:
        try:
            for name in list(self.going):
                self.finish(name)
            for name in self.ids:
                self.look(name)
        finally:
            self.client.close()
            self.host.close()
            self.databases.drop(self.url)
            shutil.rmtree(self.home)


def _record(line: Line) -> dict[str, Any]:
    told = {"type": "RECORD", "stream": line.stream, "key": line.key, "data": line.data}
    return told | {"emitted_at": "2026-05-01T10:00:00Z"} | ({"op": "delete"} if line.gone else {})


def _said(messages: list[dict[str, Any]]) -> str:
    told = "".join(json.dumps(message) + "\n" for message in messages)
    return f"cat <<'EOF'\n{told}EOF\n" if told else ""


def _open(gate: Folder) -> None:
    """Let the program behind a gate go on, once it has come there."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE_S * 1000)):
        try:
            os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            waiting.wait(0.001)
        else:
            return
    raise AssertionError("the program never came to its gate")


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True)
