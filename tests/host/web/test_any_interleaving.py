"""Whatever is acquired in whatever order, no record disappears and none is another path's (CI-01 to CI-03).

`PDPP_STEPS` is the number of steps in all (`make campaign` takes ten thousand).
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from hypothesis.stateful import run_state_machine_as_test
from parts import missing

from pdpp_host.compose import provide_databases
from pdpp_host.hookspecs import hookimpl
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import Databases
from pdpp_host.services import Services

from .acquiring.machine import Acquisitions
from .conftest import Switchboard

STEPS = int(os.environ.get("PDPP_STEPS", "80"))
IN_ONE_GO = 20


class Wrong:
    """A plugin that has the host decide something wrongly."""

    def __init__(self, **decisions: Any) -> None:
        self._decisions = decisions

    @hookimpl
    def adapt_services(self, services: Services) -> Services:
        return replace(services, **{name: make(services) for name, make in self._decisions.items()})


def drive(served: Any, databases: Databases, wrong: Wrong | None = None, steps: int = STEPS) -> None:
    """Take the steps, the same ones each time. What fails is printed as it came: a step takes 50 ms."""
    manager = load_plugins()
    if wrong is not None:
        manager.register(wrong)
    given = {"served": served, "databases": databases, "manager": manager}
    run_state_machine_as_test(
        type("Given", (Acquisitions,), given),
        settings=settings(
            max_examples=max(1, steps // IN_ONE_GO),
            stateful_step_count=IN_ONE_GO,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    return provide_databases(load_plugins(), "sqlite", tmp_path_factory.mktemp("files"))


def test_sqlite_obeys_the_model(served: tuple[Switchboard, str], files: Databases) -> None:
    """On SQLite every face, every batch and every cursor is what the rules of writing say."""
    drive(served, files)


def test_postgres_obeys_the_model(served: tuple[Switchboard, str], databases: Databases | str) -> None:
    """The same on PostgreSQL."""
    if isinstance(databases, str):
        missing("postgres", databases)
    drive(served, databases, steps=STEPS // 2)


WRONG = {
    "takes away what others have seen": Wrong(
        reconciles=lambda own: (
            lambda record, stream, window, bit, reach: own.reconciles(record, stream, window, -1, 0)
        )
    ),
    "has authority whatever was left out": Wrong(
        coverage=lambda own: (
            lambda claim, scope, manifest, end, gaps: own.coverage(claim, scope, manifest, end, ())
        )
    ),
    "takes equal keys of two paths for one record": Wrong(
        record_id=lambda own: (
            lambda connection, path, stream, key, logical: own.record_id(connection, 0, stream, key, logical)
        )
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_host_is_found(what: str, served: tuple[Switchboard, str], files: Databases) -> None:
    """A host that is wrong in one decision is told apart within the short budget."""
    with pytest.raises((AssertionError, Flaky)):
        drive(served, files, WRONG[what], 400)
