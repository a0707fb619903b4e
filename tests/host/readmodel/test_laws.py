"""Whatever happened, what is maintained is what is there; and a host that is wrong in one thing is noticed.

`PDPP_STEPS` is the number of steps in all (`make campaign` takes ten thousand).
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from parts import missing

from pdpp_plugins.storage import records, writing

from .laws import Laws

STEPS = int(os.environ.get("PDPP_STEPS", "120"))
IN_ONE_GO = 40


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def test_the_laws_hold(kind: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any history maintained evidence is rebuilt evidence, and every read says the same."""
    if kind == "postgres":
        databases = request.getfixturevalue("databases")
        if isinstance(databases, str):
            missing("postgres", databases)
        monkeypatch.setattr(Laws, "server", databases)
    drive(tuple(Phase))


def forgets(name: str) -> Any:
    """A method of a unit that leaves no mark on what it has changed."""
    right = getattr(writing.Unit, name)

    def wrong(self: writing.Unit, *given: Any) -> Any:
        before = set(self._dirty)
        told = right(self, *given)
        self._dirty = before
        return told

    return wrong


def keeps_anything(self: writing.Unit, connection_id: str, fold: Any, version: int, failed: Any) -> bool:
    """Keep a fold, however late."""
    rows = writing.schema.evidence
    asked = writing.update(rows).where(rows.c.connection_id == connection_id)
    text = writing.json_text(fold)
    self._do(asked.values(fold=text, folded=rows.c.version, failed=failed), {})
    return True


@pytest.mark.long
@pytest.mark.parametrize("name", ["put_schedule", "put_surface", "update_connection"])
def test_a_forgotten_mark_is_noticed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change that leaves evidence as it was is told apart, whichever it is."""
    monkeypatch.setattr(writing.Unit, name, forgets(name))
    with pytest.raises(AssertionError, match="is not what is"):
        drive((Phase.generate,), times=8)


@pytest.mark.long
def test_a_wrong_size_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever counts characters for bytes is told apart."""
    monkeypatch.setattr(records, "_size", lambda data: len(data or ""))
    with pytest.raises(AssertionError, match="what is retained is not what is there"):
        drive((Phase.generate,), times=2)


@pytest.mark.long
def test_a_late_fold_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever keeps what was folded before something changed is told apart."""
    monkeypatch.setattr(writing.Unit, "keep_fold", keeps_anything)
    with pytest.raises(AssertionError, match="is not what is"):
        drive((Phase.generate,), times=8)


def drive(phases: tuple[Phase, ...], times: int = 1) -> None:
    """Take the steps, the same ones each time."""
    run_state_machine_as_test(
        Laws,
        settings=settings(
            max_examples=max(1, times * STEPS // IN_ONE_GO),
            stateful_step_count=IN_ONE_GO,
            deadline=None,
            derandomize=True,
            phases=phases,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
