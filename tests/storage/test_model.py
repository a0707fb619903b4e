"""SQLite, PostgreSQL and a dictionary are driven by the same operations and must always say the same.

`PDPP_STEPS` is the number of steps in all (`make campaign` takes ten thousand). A difference is printed as
a program of operations that can be run as it stands.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from msgspec import structs

from pdpp_host.arguments import RecordBatch

from . import storages_machine
from .memory import MemoryStorage, Unit
from .storages_machine import Storages

STEPS = int(os.environ.get("PDPP_STEPS", "150"))
IN_ONE_GO = 50


@pytest.mark.parametrize("kinds", ["without postgres", pytest.param("with postgres", marks=pytest.mark.long)])
def test_all_storages_say_the_same(
    kinds: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is done to them, SQLite, PostgreSQL and the dictionary answer every question alike."""
    if kinds == "with postgres":
        request.getfixturevalue("postgres_url")
        monkeypatch.setattr(Storages, "server", request.getfixturevalue("server"))
    drive(Storages)


class Forgetful(Unit):
    """Takes what one path says is gone for gone, whoever else has seen it."""

    def write_records(self, batch: RecordBatch) -> Any:
        return super().write_records(structs.replace(batch, outright=True))


class NeverDirty(Unit):
    """Has evidence as it was, whatever becomes of a browser surface."""

    def put_surface(self, connection_id: str, surface: Any) -> None:
        dirty = set(self.dirty)
        super().put_surface(connection_id, surface)
        self.dirty = dirty


class TakesLateFolds(Unit):
    """Keeps whatever was folded, however late."""

    def keep_fold(self, connection_id: str, fold: Any, version: int, failed: str | None) -> bool:
        standing = self.state.folds.get(connection_id)
        now = version if standing is None else standing.version
        return super().keep_fold(connection_id, fold, now, failed)


@pytest.mark.long
@pytest.mark.parametrize("wrong", [Forgetful, NeverDirty, TakesLateFolds])
def test_a_difference_is_found(wrong: type[Unit], monkeypatch: pytest.MonkeyPatch) -> None:
    """A storage that is wrong in one thing is told apart within the short budget."""
    monkeypatch.setattr(storages_machine, "MemoryStorage", type("Wrong", (MemoryStorage,), {"unit": wrong}))
    with pytest.raises(AssertionError):
        drive(Storages, Phase.generate, times=10)


def drive(machine: type[Storages], *phases: Phase, times: int = 1) -> None:
    """Take the steps, the same ones each time; unless told otherwise make a difference small."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, times * STEPS // IN_ONE_GO),
            stateful_step_count=IN_ONE_GO,
            deadline=None,
            derandomize=True,
            phases=phases or tuple(Phase),
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
