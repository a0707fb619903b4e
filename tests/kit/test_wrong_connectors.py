"""Wrong connectors fail exactly what they break, by a reason that names what is wrong."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable

import pytest
from kit_runs import WRONG, Kit, Ran

# What a connector that never mentions a missing partition fails besides PR-01.1.
UNSAID = {"PR-01/still-missing", "PR-01/empty-partition", "PR-01/many-missing"}

# What one high-water for all partitions hides besides.
LATE = {"PR-02/return-and-resume", "PR-02/late-partition"}


def test_a_breach_that_ends_the_runs_hides_what_they_would_have_shown(kit: Kit) -> None:
    """The rule fails by its name; the scenarios whose runs it ended are not seen, and name its line."""
    command = [sys.executable, str(WRONG / "miscounts.py")]
    options = ["--manifest", str(WRONG / "manifest.json"), "--source-driver", "folder"]
    only = ["--format", "json", "--select", "PR-01.1,PR-02.1,CP"]
    ran = kit("run", *only, *options, "--", *command)
    assert ran.status == 1
    assert ran.failed() == {"CP-11"}
    told = re.search(r"DONE counts (\d+) records, (\d+) RECORD lines were said", ran.reason("CP-11"))
    assert told is not None
    assert int(told.group(1)) == int(told.group(2)) + 1
    for scenario in ("PR-01.1", "PR-02.1"):
        assert ran.verdicts("connector")[scenario] == "not_observable"
        assert "CP-11, line " in ran.reason(scenario)
    assert ran.verdicts("connector")["CP-12"] == "passed"


@pytest.mark.parametrize(
    ("program", "rule", "told"),
    [
        ("speaks_first", "CP-01", "said before START came"),
        ("hangs", "CP-12", "said DONE and did not exit; its host ended it"),
    ],
)
def test_what_only_the_clock_shows(kit: Kit, program: str, rule: str, told: str) -> None:
    """Speaking before START comes, and staying after DONE, are breaches of the connector's."""
    options = ["--manifest", str(WRONG / "manifest.json"), "--source-driver", "folder"]
    command = ["--", sys.executable, str(WRONG / f"{program}.py")]
    ran = kit("run", "--format", "json", "--select", f"CP-01,{rule}", *options, *command)
    assert ran.status == 1
    assert ran.failed() == {rule}
    assert told in ran.reason(rule)


def test_known_extensions_are_noted_and_no_breach(kit: Kit) -> None:
    """What deployed connectors say besides is counted beside the rule that it does not break."""
    options = ["--select", "CP", "--manifest", str(WRONG / "manifest.json"), "--source-driver", "folder"]
    command = [*options, "--", sys.executable, str(WRONG / "asks_for_assistance.py")]
    ran = kit("run", "--report", "out", *command)
    assert ran.status == 0, ran.out
    report = json.loads((ran.folder / "out" / "report.json").read_text())
    assert {s["id"]: s.get("noted") for s in report["scenarios"]}["CP-03"] == {"ASSISTANCE": 6}
    assert "6 ASSISTANCE (known extensions, no breach)" in ran.out


def test_an_honest_connector_conforms(judged: Callable[[str], Ran]) -> None:
    """The connector that the wrong ones are made from passes everything that applies to it."""
    ran = judged("honest")
    assert ran.status == 0
    verdicts = ran.verdicts("connector")
    assert {verdicts.pop(rule) for rule in ("CP-08", "CP-09", "CP-14")} == {"not_applicable"}
    assert set(verdicts.values()) == {"passed"}
    assert {"PR-01.1", "PR-01.2", "PR-02.1", "PR-02.2", "PR-03.1"} < ran.verdicts("connector").keys()
    assert ran.report["conformant"] is True


@pytest.mark.long
@pytest.mark.parametrize(
    ("program", "broken", "named"),
    [
        ("drops_missing", {"PR-01.1", *UNSAID}, ["'messages'"]),
        ("global_high_water", {"PR-02.1", "PR-02.2", *LATE}, ["'messages'"]),
        ("ignores_resources", {"PR-03.1", "PR-03/odd-names", "CP-05"}, ["'messages'"]),
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
