"""A guard without a clock: what the main reads and a run ask of the database, in statements and rows.

Counts do not depend on the machine, so a regression shows as another number. Whoever changes one on purpose
changes the table with it, and says in the commit why it is worth it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.types import ASGIApp

from pdpp_host.tracing import Traces, request_id
from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application

from ..houses import House
from .callers import OWNER, STAGE, Caller
from .instances import Owner, done, record
from .storages import house_on

FEW, MANY = 3, 12
EACH = 20
"""Connections, and the records of each of them."""


class Cost(NamedTuple):
    """What a request asks: statements that read and rows read, and how many of either for each connection."""

    statements: int
    rows: int
    each_statements: int = 0
    each_rows: int = 0

    def at(self, connections: int) -> tuple[int, int]:
        """Statements and rows where there are so many connections."""
        return (
            self.statements + connections * self.each_statements,
            self.rows + connections * self.each_rows,
        )


class Written(NamedTuple):
    """What a run does: statements that read and that write, and rows written."""

    reads: int
    writes: int
    rows: int


READS = {
    "list of connections": Cost(3, 0, 0, 2),
    "page of connections": Cost(3, 6),
    "console": Cost(3, 0, 0, 2),
    "one connection": Cost(7, 4),
    "its diagnostics": Cost(9, 6),
    "its batches": Cost(2, 3),
    "a batch": Cost(1, 1),
    "its cursors": Cost(3, 3),
    "a run": Cost(1, 1),
    "its timeline": Cost(2, 6),
    "streams": Cost(2, 0, 0, 2),
    "page of records": Cost(2, 11, 0, 1),
    "records of one connection": Cost(2, 11, 0, 1),
    "a record": Cost(2, 1, 0, 1),
    # It looks through records until its page is full, and asks each connection for its paths.
    "search": Cost(4, 1, 1, 3 + EACH),
}

RUNS = {
    "new": (Written(20, 15, 1015), Written(22, 18, 2017)),
    "the same": (Written(20, 13, 14), Written(22, 14, 15)),
    # The record and its version before.
    "changed": (Written(20, 16, 2015), Written(22, 20, 4017)),
    "gone": (Written(20, 16, 2015), Written(22, 20, 4017)),
}
"""Of 1000 records and of 2000: the difference is what a batch more costs."""


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def owned(
    request: pytest.FixtureRequest, served: tuple[Any, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Owner]:
    """An owner of a host on either storage."""
    switchboard, url = served
    with (
        house_on(request, tmp_path_factory.mktemp("counts")) as house,
        httpx.Client(base_url=url, verify=False, trust_env=False, timeout=30.0) as client,
    ):
        app: ASGIApp = application(house.host, Tokens(OWNER, STAGE))
        switchboard.current = app
        caller = Caller(client)
        yield Owner(caller, caller.bearing(STAGE), house)


def filled(owned: Owner, upto: int) -> list[str]:
    """Have so many connections, each with its records and a run; the ids, in steady state."""
    there = owned.caller.get("/_ref/connectors").body["data"]
    if not there:
        owned.emits("api", record("a"))
    for _ in range(upto - len(there)):
        made = owned.connect("api", "provider_api", source={"root": "/"})
        owned.run(made)
        owned.stage.post("/_stage/records", {"connection_id": made, "stream": "notes", "count": EACH - 1})
    return [row["connection_id"] for row in owned.caller.get("/_ref/connectors").body["data"]]


def reads(owned: Owner, connection: str) -> dict[str, str]:
    """The main reads, by what they are."""
    one = f"/_ref/connections/{connection}"
    batch = owned.batches(connection)[0]["batch_id"]
    run = owned.caller.get(one).body["last_run"]["run_id"]
    [row] = owned.caller.get("/v1/streams/notes/records", limit=1).body["data"]
    return {
        "list of connections": "/_ref/connectors",
        "page of connections": "/_ref/connectors?limit=2",
        "console": "/",
        "one connection": one,
        "its diagnostics": f"{one}/diagnostics",
        "its batches": f"{one}/batches",
        "a batch": f"{one}/batches/{batch}",
        "its cursors": f"{one}/state",
        "a run": f"/_ref/runs/{run}",
        "its timeline": f"/_ref/runs/{run}/timeline",
        "streams": "/v1/streams",
        "page of records": "/v1/streams/notes/records?limit=10",
        "records of one connection": f"/v1/streams/notes/records?limit=10&connection_id={connection}",
        "a record": f"/v1/streams/notes/records/{row['record_id']}",
        "search": "/v1/search?q=staged",
    }


def costs(owned: Owner, connection: str) -> dict[str, tuple[int, int]]:
    """Statements and rows of each of the main reads, none of which writes."""
    found = {}
    for name, path in reads(owned, connection).items():
        bearer = {"Authorization": f"Bearer {OWNER}", "X-Request-Id": f"{name} of {connection}"}
        answer = owned.caller.client.get(path, headers=bearer)
        assert answer.status_code == 200, answer.text
        traced = owned.stage.post("/_stage/trace", {"request_id": bearer["X-Request-Id"]}).body
        assert (traced["writes"], traced["rows_written"]) == (0, 0), name
        found[name] = (traced["reads"], traced["rows_read"])
    return found


def test_what_the_main_reads_cost(owned: Owner) -> None:
    """As many statements and rows as the table says, at few connections and at many, and no write."""
    for many in (FEW, MANY):
        connections = filled(owned, many)
        found = costs(owned, connections[-1])
        assert found == {name: cost.at(many) for name, cost in READS.items()}


class Counted:
    """What a host's storage does while a block lasts, whichever thread has it done."""

    def __init__(self, house: House) -> None:
        self.traces, self.name = Traces(), ""
        house.host.services.storage.observe(self._count)  # type: ignore[attr-defined]

    def _count(self, **what: int) -> None:
        before = request_id.set(self.name)
        self.traces.count(**what)
        request_id.reset(before)

    def run(self, house: House, name: str, connection: str, **asked: Any) -> Written:
        """What a run that ends well has done."""
        self.name = name
        assert house.run(connection, **asked).status == "completed"
        self.name = "after"
        traced = self.traces.of(name)
        return Written(traced.reads, traced.writes, traced.rows_written)


def test_what_a_run_writes(owned: Owner) -> None:
    """As many statements and rows as the table says: statements by the batch, rows by what is new."""
    counted = Counted(owned.house)
    found = {}
    for many in (1000, 2000):
        connection = ""
        for name, text, deleted in (
            ("new", "a", False),
            ("the same", "a", False),
            ("changed", "b", False),
            ("gone", "b", True),
        ):
            lines = [record(str(n), text=text) for n in range(many)]
            if deleted:
                lines = [{k: v for k, v in line.items() if k != "data"} | {"op": "delete"} for line in lines]
            state = {"type": "STATE", "stream": "notes", "cursor": {"at": text}}
            owned.plays("counts", *lines, state, done(many))
            connection = connection or owned.connect("counts", "provider_api", source={"root": "/"})
            found[name, many] = counted.run(owned.house, f"{name} {many}", connection)
    assert {name: (found[name, 1000], found[name, 2000]) for name, _ in found} == RUNS
