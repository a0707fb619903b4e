"""A run that is interrupted while it judges judges nothing more."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit_runs import Kit

ASKED = ("run", "--select", "PR-03.2,PR-03.3")
INTERRUPTS = """
import pathlib

from pdpp_tck import execution, pytest_plugin
from pdpp_tck.hookspecs import hookimpl


def interrupted(*_):
    raise KeyboardInterrupt


def contract(plan):
    pathlib.Path("contract-judged").touch()


pytest_plugin.judge_contract = contract
{place} = {what}


@hookimpl
def report_parts():
    return ()
"""


@pytest.mark.parametrize(
    ("workers", "place"),
    [
        pytest.param("1", "execution.Execution.begin", id="in a step", marks=pytest.mark.long),
        pytest.param("2", "pytest_plugin.side_by_side", id="while workers judge"),
    ],
)
def test_an_interrupted_run_leaves_the_contract_unjudged(
    workers: str, place: str, kit: Kit, tmp_path: Path
) -> None:
    """The storage's contract comes last and takes long; it is judged, but not once the end was asked for."""
    ended = []
    for what in (place, "interrupted"):
        cwd = tmp_path / what
        cwd.mkdir()
        (cwd / "interrupts.py").write_text(INTERRUPTS.format(place=place, what=what))
        asked = (*ASKED, "--plugin", "interrupts", "--workers", workers)
        ran = kit(*asked, env={"PYTHONPATH": str(cwd)}, cwd=cwd)
        ended.append((ran.status, (cwd / "contract-judged").exists()))
    assert ended == [(0, True), (130, False)]
