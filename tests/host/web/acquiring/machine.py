"""A real host on which anything is done in any order, beside the model that says what must be visible."""

from __future__ import annotations

from pathlib import Path as Folder
from typing import Any

import pluggy
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from pdpp_host.ports import Databases

from ...houses import manifest, stream
from ..callers import STAGE
from .asking import Going, asked_for, fitting
from .choices import Acquisition, Arrangement, acquisitions, arrangements
from .driven import Driven
from .faces import heard, look
from .model import METHODS, STREAMS, Asked, Batch, Connection, Model
from .model import Rule as InForce
from .playing import PLAYED, script


class Acquisitions(RuleBasedStateMachine):
    """One host; `served`, `databases` and `manager` are given by the test."""

    served: tuple[Any, str]
    databases: Databases
    manager: pluggy.PluginManager

    def __init__(self) -> None:
        super().__init__()
        self.driven = Driven(self.served, self.databases, self.manager)
        self.model = Model()
        self.ids: list[str] = []
        self.going: dict[str, Going] = {}

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
            assert self.driven.ask("POST", "/_ref/connectors", body)[0] == 201
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
            self.driven.restart()

    def configure(self, kind: str, person: str) -> None:
        """Configure a connection: it is one of its own, whatever it is equal to."""
        if len(self.ids) < 5:
            path, body = self.driven.path(kind, person)
            status, told = self.driven.ask("POST", "/_ref/connections", body)
            assert status == 201
            self.ids.append(told["connection_id"])
            self.model.connections[told["connection_id"]] = Connection([path])

    def join(self, where: int, kind: str, person: str) -> None:
        """Ask for a path: it needs a proof and nothing else."""
        name = self.ids[where % len(self.ids)]
        connection = self.model.connections[name]
        path, body = self.driven.path(kind, person)
        status, told = self.driven.ask("POST", f"/_ref/connections/{name}/paths", body)
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
        response = self.driven.client.post(
            "/_stage/rules", json=body, headers={"Authorization": f"Bearer {STAGE}"}
        )
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
        asked, request = asked_for(self.model.rules, path, ordinal, wanted.claimed, narrowing, end)
        said = fitting(wanted.said, asked, narrowing)
        waits = wanted.held or end == "cancelled"
        number = next(self.driven.numbers) if waits else wanted.nonce
        played, go, cursors = script(self.driven.home, name, number, said, asked, end, waits)
        doomed = self.model.disagree(said)
        if imported:
            status, told = self.driven.bring(name, request, played)
        else:
            assert path.root is not None
            (Folder(path.root) / "to-play").write_bytes(played)
            status, told = self.driven.ask("POST", f"/_ref/connections/{name}/run?path={ordinal}", request)
        if self.refused(name, played, asked if imported else None, status, told):
            return
        assert status == 202, told
        run_id = told["run_id"]
        batch = Batch(self.driven.batch_of(run_id), ordinal, METHODS[path.kind], parsed=len(said))
        connection.batches.append(batch)
        if doomed:
            self.driven.ended(run_id)
            batch.status, batch.coverage = "failed", dict.fromkeys(asked.streams, False)
            return
        met = self.model.write(name, batch, asked, said)
        self.going[name] = Going(name, run_id, batch, asked, met, end, go, cursors, played)
        if waits:
            self.driven.until_staged(run_id)
        if not wanted.held:
            self.finish(name)

    def refused(self, name: str, played: bytes, importing: Asked | None, status: int, told: Any) -> bool:
        """Whether nothing began: the connection goes on elsewhere, is busy, or has this artifact already."""
        connection = self.model.connections[name]
        if connection.superseded_by is not None:
            assert (status, told["error"]["connection_id"]) == (409, connection.superseded_by)
            return True
        if name in self.going:
            assert (status, told["error"]["code"]) == (409, "run_already_active")
            return True
        known = None if importing is None else connection.known(played, importing.streams)
        if known is not None:
            assert (status, told["status"], told["batch_id"]) == (200, "recognised", known)
            return True
        return False

    def finish(self, name: str) -> None:
        """See a run to its end, and hold the host to the model."""
        going = self.going.pop(name)
        connection, imported = self.model.connections[name], going.batch.method == "owner_artifact"
        if going.end == "cancelled":
            self.driven.host.controller.cancel(going.run_id)
        else:
            going.go()
        self.driven.ended(going.run_id)
        heard(self.driven, self.model, going, imported)
        status = {"cancelled": "cancelled", "whole": "completed"}.get(going.end, "failed")
        status = "completed" if going.end.startswith("skip") else status
        self.model.end(name, going.batch, going.asked, going.met, status)
        if status == "completed" and imported:
            connection.artifacts.append((going.played, going.asked.streams, going.batch.batch_id))
        elif status == "completed" and not going.asked.narrowed:
            own = going.batch.path
            connection.cursors |= {(own, each): cursor for each, cursor in going.cursors.items()}
        look(self.driven, self.model, name)

    def teardown(self) -> None:
        try:
            for name in list(self.going):
                self.finish(name)
            for name in self.ids:
                look(self.driven, self.model, name)
        finally:
            self.driven.close()
