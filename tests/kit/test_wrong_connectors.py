"""Wrong connectors fail exactly what they break, by a reason that names what is wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kit_runs import Ran

# What a connector that never mentions a missing partition fails besides PR-01.1.
UNSAID = {"PR-01/still-missing", "PR-01/empty-partition", "PR-01/many-missing"}


def test_an_honest_connector_conforms(judged: Callable[[str], Ran]) -> None:
    """The connector that the wrong ones are made from passes everything that applies to it."""
    ran = judged("honest")
    assert ran.status == 0
    assert set(ran.verdicts("connector").values()) == {"passed"}
    assert {"PR-01.1", "PR-01.2", "PR-02.1", "PR-02.2", "PR-03.1"} < ran.verdicts("connector").keys()
    assert ran.report["conformant"] is True


@pytest.mark.parametrize(
    ("program", "broken", "named"),
    [
        ("drops_missing", {"PR-01.1", *UNSAID}, ["'messages'"]),
        ("global_high_water", {"PR-02.1", "PR-02.2", "PR-02/return-and-resume"}, ["'messages'"]),
        ("ignores_resources", {"PR-03.1"}, ["'messages'", "alphabet-1"]),
        ("reports_present", {"PR-01.2"}, ["'team-2'", "'messages'"]),
    ],
)
def test_a_wrong_connector_fails_what_it_breaks(
    judged: Callable[[str], Ran], program: str, broken: set[str], named: list[str]
) -> None:
    """Each wrong connector fails its own scenarios and no other, and is itself the one to blame."""
    ran = judged(program)
    assert ran.status == 1
    assert ran.failed() == broken
    assert {scenario["subject"]["kind"] for scenario in ran.report["scenarios"]} == {"connector"}
    for scenario in broken - {"PR-01/many-missing"}:
        assert all(name in ran.reason(scenario) for name in named), ran.reason(scenario)
