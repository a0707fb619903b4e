"""A run that is interrupted while it judges judges nothing more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pdpp_tck import pytest_plugin
from pdpp_tck.assembly import assemble
from pdpp_tck.execution import Execution
from pdpp_tck.options import Options
from pdpp_tck.plan import Plan
from pdpp_tck.run import carry_out


def carried_out(folder: Path, workers: int) -> None:
    """A small run in a folder of its own."""
    folder.mkdir()
    plan = assemble(Options(selection=frozenset({"PR-03.2", "PR-03.3"}), folder=folder, workers=workers))
    try:
        carry_out(plan)
    finally:
        plan.close()


@pytest.mark.parametrize(
    ("workers", "owner", "where"),
    [(1, Execution, "begin"), (2, pytest_plugin, "side_by_side")],
    ids=["in a step", "while workers judge"],
)
def test_an_interrupted_run_leaves_the_contract_unjudged(
    workers: int, owner: Any, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage's contract comes last and takes long; it is judged, but not once the end was asked for."""
    judged: list[Plan] = []
    monkeypatch.setattr(pytest_plugin, "judge_contract", judged.append)
    carried_out(tmp_path / "whole", workers)
    assert len(judged) == 1

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, where, interrupted)
    with pytest.raises(KeyboardInterrupt):
        carried_out(tmp_path / "interrupted", workers)
    assert len(judged) == 1
