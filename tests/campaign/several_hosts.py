"""What several hosts on one PostgreSQL do together, and what it costs that writers wait for each other.

`python tests/campaign/several_hosts.py [SECONDS]` prints how many runs a second one, two and three hosts
start and end, and small transactions a second with and without the writers' lock, on a server that keeps
what it acknowledges. What the hosts leave must be whole: each run ended once, no lease held.
"""

from __future__ import annotations

import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg
from host.houses import manifest
from host.processes import Served, asked, served

from pdpp_host.ports import StorageMissing
from pdpp_plugins.storage import postgres
from pdpp_plugins.storage.postgres_container import durable
from pdpp_plugins.storage.postgres_databases import PostgresDatabases
from pdpp_plugins.storage.postgres_spelling import WRITERS

CALLERS = 12
SAYS = """read start; echo '{"type":"DONE","status":"succeeded","records_emitted":0}'"""
LOOK_S = 0.05


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def runs(url: str, hosts: int, seconds: float) -> float:
    """Runs a second that this many hosts start and end for as many callers, however many they are."""
    with ExitStack() as stack:
        running = [stack.enter_context(served(url)) for _ in range(hosts)]
        declared = {"manifest": manifest(), "command": ["/bin/sh", "-c", SAYS]}
        running[0].ask("POST", "/_ref/connectors", declared)
        body = {"connector_key": "notes", "count": CALLERS, "stream": "notes", "records": 0}
        made = running[0].ask("POST", "/_stage/connections", body)["ids"]
        over = Event()
        jobs = [(running[n % hosts], connection, over) for n, connection in enumerate(made)]
        pool = stack.enter_context(ThreadPoolExecutor(len(jobs)))
        begun = time.monotonic()
        counted = [pool.submit(_again_and_again, *job) for job in jobs]
        time.sleep(seconds)
        over.set()
        done = sum(each.result() for each in counted)
        took = time.monotonic() - begun
    with psycopg.connect(url) as connection:
        check(connection)
    return done / took


def check(connection: psycopg.Connection[Any]) -> None:
    """Each run has one end, and no lease is held."""
    asked_for = (
        "SELECT count(*) FROM (SELECT run_id FROM runs LEFT JOIN spine_events USING (run_id) WHERE event_type"
        " IN ('run.completed', 'run.failed', 'run.cancelled') GROUP BY run_id HAVING count(*) <> 1) AS wrong"
    )
    wrong = {
        "runs without one end": asked_for,
        "runs that go on": "SELECT count(*) FROM runs WHERE status = 'active'",
        "leases that are held": "SELECT count(*) FROM leases",
    }
    for told, question in wrong.items():
        row = connection.execute(question.encode()).fetchone()
        assert row == (0,), f"{told}: {row}"


def _again_and_again(host: Served, connection: str, over: Event) -> int:
    done = 0
    with host.client() as client:
        while not over.is_set():
            run = asked(client, "POST", f"/_ref/connections/{connection}/run")["run_id"]
            while asked(client, "GET", f"/_ref/runs/{run}")["status"] == "active":
                time.sleep(LOOK_S)
            done += 1
    return done


def writes(url: str, writers: int, locked: bool, seconds: float) -> float:
    """Small transactions a second of this many writers, each on a row of its own."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS counted")
        connection.execute("CREATE TABLE counted (n integer PRIMARY KEY, times integer)")
        connection.execute("INSERT INTO counted SELECT generate_series(1, 100), 0")
    over = Event()

    def write(n: int) -> int:
        done = 0
        with psycopg.connect(url) as connection:
            while not over.is_set():
                if locked:
                    connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])
                connection.execute("UPDATE counted SET times = times + 1 WHERE n = %s", [n])
                connection.commit()
                done += 1
        return done

    with ThreadPoolExecutor(writers) as pool:
        begun = time.monotonic()
        counted = [pool.submit(write, n + 1) for n in range(writers)]
        time.sleep(seconds)
        over.set()
        return sum(each.result() for each in counted) / (time.monotonic() - begun)


def main(seconds: float = 10.0) -> None:
    """Both tables."""
    try:
        container = durable(free_port())
    except StorageMissing as error:
        print(f"several hosts: not run: {error}")
        return
    databases = PostgresDatabases(container.url, postgres.open_storage, container.stop)
    try:
        for hosts in (1, 2, 3):
            print(f"{hosts} hosts: {runs(databases.fresh(), hosts, seconds):.1f} runs a second", flush=True)
        url = databases.fresh()
        for writers in (1, 3, 8):
            one, all_ = (writes(url, writers, locked, seconds / 3) for locked in (True, False))
            print(f"{writers} writers: {one:.0f} a second with the lock, {all_:.0f} without", flush=True)
    finally:
        databases.close()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
