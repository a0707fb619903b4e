"""`pdpp-tck run --storage …`: which storage is taken, what happens where there is none, what is left over."""

from __future__ import annotations

import gc
import signal
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest
from kit_runs import KIT, Kit, Ran
from parts import missing

NO_DOCKER = {"DOCKER_HOST": "unix:///nowhere/docker.sock", "PDPP_POSTGRES_URL": ""}


def test_without_docker_nothing_is_run_and_says_why(kit: Kit) -> None:
    """Where no server is named and Docker is not there each scenario is not_run with that reason; exit 4."""
    ran = kit("run", "--storage", "postgres", "--format", "json", env=NO_DOCKER)
    assert ran.status == 4, ran.err
    assert ran.report["storage"] == {"name": "postgres", "version": "unknown"}
    assert {scenario["verdict"] for scenario in ran.report["scenarios"]} == {"not_run"}
    told = "Docker does not answer (No such file or directory); start it, or name a server: --storage"
    assert {told in scenario["reason"] for scenario in ran.report["scenarios"]} == {True}


def test_a_storage_that_nobody_knows_is_refused(called: Kit) -> None:
    """A name that no plugin knows is a mistake of the command, and so is a server that does not answer."""
    ran = called("run", "--storage", "oracle")
    assert (ran.status, ran.out) == (2, "")
    assert "no storage plugin provides databases for 'oracle'" in ran.err
    ran = called("run", "--storage", "postgresql://x:secret@127.0.0.1:1/y")
    assert (ran.status, ran.out) == (2, "")
    assert "Connection refused" in ran.err
    assert "secret" not in ran.err


@pytest.fixture(scope="module")
def docker() -> Any:
    """Docker's own client."""
    client = pytest.importorskip("docker", reason="not run, the extra postgres is missing")
    try:
        return client.from_env()
    except client.errors.DockerException as error:
        told = str(error)
    with warnings.catch_warnings(action="ignore"):
        gc.collect()  # the client leaves a socket to the collector
    return missing("docker", told)


@pytest.mark.long
def test_postgres_gives_the_verdicts_of_sqlite(kit: Kit, whole: Ran, docker: Any) -> None:
    """On a server in a container every verdict is that of SQLite, and the report names the server."""
    ran = kit(
        "run", "--storage", "postgres", "--format", "json", "--seed", "7", env={"PDPP_POSTGRES_URL": ""}
    )
    if ran.report["summary"]["not_run"]:
        missing("postgres", ran.report["scenarios"][0]["reason"])
    assert ran.status == 0, ran.err
    assert ran.report["storage"]["name"] == "postgres"
    assert ran.report["storage"]["version"].split(".")[0].isdigit()
    shared = {"CS-02/shared": "passed"}  # owed on PostgreSQL alone
    assert ran.verdicts("connector") == whole.verdicts("connector")
    assert ran.verdicts("host") == whole.verdicts("host") | shared


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_container_goes_with_the_run(docker: Any, tmp_path: Path, number: signal.Signals) -> None:
    """A run that is interrupted, or told to end, takes its container with it."""
    started = docker.events(filters={"event": "start"}, decode=True)
    command = [str(KIT), "run", "--storage", "postgres"]
    kit = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # A shell that starts the tests in the background has them ignore Ctrl-C, and all that they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )
    mine = f"pdpp-postgres-{kit.pid}-"
    try:
        next(each for each in started if each["Actor"]["Attributes"].get("name", "").startswith(mine))
        kit.send_signal(number)
        _, said = kit.communicate(timeout=60)
    finally:
        kit.kill()
        started.close()
    assert kit.returncode != 0, said
    assert docker.containers.list(all=True, filters={"name": mine}) == []
