"""Waivers: what they excuse, and what makes one bad."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from kit_runs import ROOT, WRONG, Kit

from pdpp_tck.gate.deciding import Rules, decide
from pdpp_tck.gate.judged import Judged
from pdpp_tck.gate.waivers import Waiver, Weighed, read_waivers, weigh
from pdpp_tck.ledger import read_ledger
from pdpp_tck.tables import TableError
from pdpp_tck.verdict import ClauseVerdict, Verdict

LEDGER = read_ledger(ROOT / "features" / "requirements.toml")
TODAY = date(2026, 6, 1)
COMMAND = ("--manifest", str(WRONG / "manifest.json"), "--source-driver", "folder", "--", "python3")
GOOD = """
[[waiver]]
id = "PR-03.1"
subject = "honest-folder"
reason = "filtering comes with the next release"
issue = "https://example.org/issues/7"
owner = "ana"
expires = 2999-12-31
"""


def judged(*verdicts: str, subject: str = "mine") -> Judged:
    """PR-03.1 on a subject, a clause for each verdict."""
    clauses = tuple(
        ClauseVerdict(f"PR-03.1/T{n}", "SHALL", Verdict(verdict), "so")
        for n, verdict in enumerate(verdicts, 1)
    )
    return Judged("PR-03.1", "connector", subject, (), None, clauses)


def waiver(**more: object) -> Waiver:
    """A good one for PR-03.1, or another."""
    fields = {"id": "PR-03.1", "subject": "mine", "reason": "r", "issue": "i", "owner": "o"}
    return Waiver("w.toml:1", **{**fields, "expires": date(2026, 6, 1), **more})  # type: ignore[arg-type]


def weighed(one: Waiver, *results: Judged, selected: bool = True) -> Weighed:
    """What becomes of a waiver."""
    (found,) = weigh([one], results, LEDGER, TODAY, lambda _: selected)
    return found


def test_a_scenario_is_waived_and_its_verdicts_stay() -> None:
    """All that failed or was not seen is covered, on that subject only, on its last day too."""
    mine, other = judged("passed", "failed", "not_run"), judged("failed", subject="theirs")
    found = weighed(waiver(), mine, other)
    assert found.state == "used"
    assert {(key[2], clause) for key, clause in found.covers} == {
        ("mine", "PR-03.1/T2"),
        ("mine", "PR-03.1/T3"),
    }
    assert decide([mine], True, False, Rules(waivers=(found,))).status == 0
    assert decide([mine, other], True, False, Rules(waivers=(found,))).status == 1


def test_a_clause_is_waived_alone() -> None:
    """The clause, or one of a body that is seen as it."""
    mine = judged("failed", "failed")
    assert {clause for _, clause in weighed(waiver(id="PR-03.1/T2"), mine).covers} == {"PR-03.1/T2"}
    twin = next(c for c in LEDGER.clauses if c.same_as == "PR-03.1/T1")
    assert {clause for _, clause in weighed(waiver(id=twin.id), mine).covers} == {"PR-03.1/T1"}


@pytest.mark.parametrize(
    ("one", "state", "told"),
    [
        (waiver(id="PR-03.9"), "unmatched", "did you mean PR-03"),
        (waiver(id="PR-03"), "unmatched", "is no scenario or clause"),
        (waiver(subject="mien"), "unmatched", "did you mean mine?"),
        (waiver(expires=date(2026, 5, 31)), "expired", "2026-05-31"),
        (waiver(reason=None), "incomplete", "lacks reason"),
        (waiver(issue=None, owner=None), "incomplete", "lacks issue, owner"),
        (waiver(expires=None), "incomplete", "lacks expires"),
        (waiver(id="PR-03.1/T1"), "stale", "remove the waiver"),
    ],
)
def test_a_bad_waiver_covers_nothing_and_ends_1(one: Waiver, state: str, told: str) -> None:
    """Unmatched, expired, incomplete, stale; the nearest id is named."""
    found = weighed(one, judged("passed", "passed"))
    assert (found.state, found.covers) == (state, frozenset())
    assert told in found.said
    assert decide([judged("passed")], True, False, Rules(waivers=(found,))).status == 1


def test_the_kits_own_fault_is_not_waived() -> None:
    """An error says nothing about a subject, so nobody can excuse it."""
    mine = judged("error")
    found = weighed(waiver(), mine)
    assert (found.state, found.covers) == ("used", frozenset())
    assert decide([mine], True, False, Rules(waivers=(found,))).status == 3


def test_what_is_not_selected_makes_no_waiver_bad() -> None:
    """A part is judged with the waivers of the whole."""
    assert weighed(waiver(), selected=False).state == "unselected"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[waiver]]\nid = "PR-01.1"\nrason = "x"\n', r"w\.toml:3: \[waiver\[1\]\] rason = 'x': is no field"),
        ("[[waiver]]\nexpires = 2026-01-01T10:00:00\n", r"w\.toml:2: .*give a date without quotes"),
        ('[[waiver]]\nid = "a"\n\n[[waiver]]\nid = 7\n', r"w\.toml:5: .*give a text"),
        ("[waiver]\n", r"w\.toml:1: .*each below \[\[waiver\]\]"),
        ("[[waiver]\n", r"w\.toml:1: is no TOML"),
        ("[waivers]\n", r"w\.toml:1: .*known are waiver"),
    ],
)
def test_what_is_no_waiver_is_refused_by_its_line(tmp_path: Path, text: str, told: str) -> None:
    """File, line, field and what to do."""
    file = tmp_path / "w.toml"
    file.write_text(text)
    with pytest.raises(TableError, match=told):
        read_waivers(file)


def test_a_run_with_a_waiver(kit: Kit, tmp_path: Path) -> None:
    """It runs, fails, ends 0, and says everywhere that it is waived and conforms to nothing."""
    (tmp_path / "w.toml").write_text(GOOD)
    wrong = str(WRONG / "ignores_resources.py")
    options = ("--select", "PR-03.1", "--waivers", "w.toml", "--report", "out")
    ran = kit("run", *options, *COMMAND, wrong)
    assert ran.status == 0, ran.out
    assert "failed" in ran.out
    assert "(waived)" in ran.out
    assert "waiver w.toml:2 PR-03.1 for honest-folder: used: until 2999-12-31" in ran.out
    assert kit("verify", "out").status == 0
    assert "failed, waived" in (tmp_path / "out" / "index.html").read_text()
