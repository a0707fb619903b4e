"""What a lazy host or connector would get away with, if the kit let it."""

from __future__ import annotations

import pytest
from kit_runs import WRONG, Kit

ALL = ("run", "--format", "json", "--host", "reference", "--plugin", "traps", "--select")


@pytest.mark.parametrize(
    ("trap", "scenarios", "verdicts"),
    [
        ("canned_list", "CS-06.2,CS-07.1", {"failed"}),
        pytest.param(
            "empty_list",
            "CS-06.1,CS-06.2,CS-07.1,CS-04.1,CS-03.1,CS-01.1",
            {"failed"},
            marks=pytest.mark.long,
        ),
        ("deaf_search", "CI-03.4", {"failed"}),
        pytest.param(
            "refusals", "PR-03.1,PR-03.2,PR-03.3", {"failed", "not_observable"}, marks=pytest.mark.long
        ),
        pytest.param("loose_trace", "CS-03.1,CS-06.1", {"failed"}, marks=pytest.mark.long),
        pytest.param("broken_stage", "CS-06.2,CS-07.1,CI-02.2", {"failed"}, marks=pytest.mark.long),
    ],
)
def test_a_host_that_only_looks_right_is_caught(
    trap: str, scenarios: str, verdicts: set[str], kit: Kit
) -> None:
    """No scenario that such a host should fail is passed by it."""
    ran = kit(*ALL, scenarios, env={"PYTHONPATH": str(WRONG), "PDPP_TRAP": trap})
    told = {s["id"]: s["verdict"] for s in ran.report["scenarios"] if s["subject"]["kind"] == "host"}
    assert told.keys() == set(scenarios.split(","))
    assert set(told.values()) <= verdicts, {s["id"]: s.get("reason") for s in ran.report["scenarios"]}
