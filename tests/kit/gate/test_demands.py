"""`[gate]`: it tightens, and whoever wants to loosen is told of waivers."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit_runs import Kit
from typer.testing import CliRunner

from pdpp_tck.cli import app
from pdpp_tck.gate.deciding import Rules, decide
from pdpp_tck.gate.demands import Demands, find_demands
from pdpp_tck.gate.judged import Judged
from pdpp_tck.options import UsageError
from pdpp_tck.verdict import ClauseVerdict, Verdict


def judged(verdict: str = "passed", level: str = "SHALL", claims: tuple[str, ...] = ()) -> Judged:
    """PR-01.1 on a connector."""
    clause = ClauseVerdict("PR-01.1/T1", level, Verdict(verdict), "so")
    also = ClauseVerdict("PR-01.1/T2", "SHALL", Verdict.PASSED)
    return Judged("PR-01.1", "connector", "mine", claims, None, (clause, also))


@pytest.mark.parametrize(
    ("demands", "one", "status", "told"),
    [
        (Demands(may=True), judged("not_observable", "MAY"), 4, None),
        (Demands(claims=("fields",)), judged(), 4, "'mine' does not claim fields"),
        (Demands(requires=("PR-02",)), judged(), 4, "nothing of PR-02 applied"),
        (Demands(subjects=("theirs",)), judged(), 4, "'theirs' was not judged"),
    ],
)
def test_a_demand_that_is_not_met(demands: Demands, one: Judged, status: int, told: str | None) -> None:
    """What would end 0 without it does not end 0 with it, and says why."""
    assert decide([one], True, False).status == 0
    decision = decide([one], True, False, Rules(demands))
    assert decision.status == status
    assert told is None or any(told in line for line in decision.unmet)


def test_a_demand_that_is_met() -> None:
    """Then nothing changes."""
    demands = Demands(claims=("fields",), requires=("PR-01", "PR-01.1"), subjects=("mine",), waived_at_most=0)
    assert decide([judged(claims=("fields",))], True, False, Rules(demands)).status == 0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("advice = false", "a gate only tightens"),
        ("not_observable = 'ignore'", "a gate only tightens, what may fail for a time goes into a waiver"),
        ("claims = ['everything']", "known are fields"),
        ("waived_at_most = -1", "no whole number"),
        ("may = 1", "a gate only tightens"),
        ("requires = 'PR-01'", "no list of texts"),
    ],
)
def test_what_loosens_or_means_nothing_is_refused_by_its_line(tmp_path: Path, line: str, told: str) -> None:
    """File, line and what to do."""
    (tmp_path / "pdpp-tck.toml").write_text(f"[gate]\n{line}\n")
    with pytest.raises(UsageError, match=told) as refused:
        find_demands(tmp_path)
    assert "pdpp-tck.toml:2:" in str(refused.value)


def test_files_are_named_beside_the_settings(tmp_path: Path) -> None:
    """Wherever the run was started."""
    (tmp_path / "pdpp-tck.toml").write_text("[gate]\nwaivers = 'w.toml'\nlock = 'other.lock'\n")
    demands = find_demands(tmp_path)
    assert (demands.waivers, demands.lock) == (tmp_path / "w.toml", tmp_path / "other.lock")


def test_a_run_with_a_gate(kit: Kit, tmp_path: Path) -> None:
    """The demand of the folder holds."""
    (tmp_path / "pdpp-tck.toml").write_text("[gate]\nsubjects = ['other']\n")
    ran = kit("run", "--select", "PR-03.3")
    assert ran.status == 4
    assert "[gate] subjects: 'other' was not judged" in ran.out


def test_a_demand_for_nothing_ends_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything runs, with the nearest id."""
    (tmp_path / "pdpp-tck.toml").write_text("[gate]\nrequires = ['PR-3']\n")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["run", "--select", "PR-03.3"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean PR-03?" in done.stderr
