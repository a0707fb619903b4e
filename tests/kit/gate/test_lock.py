"""The lock: what is new since it does not gate, what is gone breaks the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit_runs import ROOT, Kit
from typer.testing import CliRunner

from pdpp_tck.assembly import read_requirements
from pdpp_tck.cli import app
from pdpp_tck.gate.deciding import Rules, decide
from pdpp_tck.gate.judged import Judged
from pdpp_tck.gate.lock import Lock, compare, lock_of, read_lock, written
from pdpp_tck.tables import TableError
from pdpp_tck.verdict import ClauseVerdict, Verdict


@pytest.fixture(scope="module")
def now() -> Lock:
    """The lock of the features as they are."""
    _, scenarios, ledger = read_requirements(ROOT / "features")
    return lock_of(scenarios, ledger)


def without(lock: Lock, *names: str) -> Lock:
    """A lock from before these scenarios."""
    return Lock(lock.kit, lock.spec, {n: d for n, d in lock.scenarios.items() if n not in names})


def judged(identifier: str, verdict: str, derived: str | None = None) -> Judged:
    """A scenario of the host with one clause."""
    clause = ClauseVerdict(f"{identifier}/T1", "SHALL", Verdict(verdict), "so")
    return Judged(identifier, "host", "h", (), derived, (clause,))


def test_what_is_written_is_read(now: Lock, tmp_path: Path) -> None:
    """Every scenario of either kind, its digest, the kit and the spec."""
    file = tmp_path / "pdpp-tck.lock"
    file.write_text(written(now))
    assert read_lock(file) == now
    assert {"PR-01.1 connector", "PR-01.1 host"} <= now.scenarios.keys()
    assert compare(now, now) == compare(read_lock(file), now)


def test_what_is_new_does_not_gate(now: Lock) -> None:
    """It is judged and shown, the status looks past it, and nothing is called conformant."""
    rules = Rules(lock=compare(without(now, "PR-03.2 host"), now))
    results = [judged("PR-03.1", "passed"), judged("PR-03.2", "failed")]
    decision = decide(results, True, False, rules)
    assert (decision.status, decision.conformant) == (0, False)
    assert {key[0] for key in decision.new} == {"PR-03.2"}
    assert decide([judged("PR-03.2", "error"), results[0]], True, False, rules).status == 3


def test_only_new_ones_are_no_pass(now: Lock) -> None:
    """A lock that knows nothing of a subject's scenarios makes its run green by omission: 4."""
    rules = Rules(lock=compare(without(now, "PR-03.2 host"), now))
    assert decide([judged("PR-03.2", "passed")], True, False, rules).status == 4


def test_what_changed_gates_and_what_is_gone_breaks(now: Lock) -> None:
    """Another text is no new scenario; one that was locked and is no more was removed."""
    changed = Lock(now.kit, now.spec, {**now.scenarios, "PR-03.2 host": "0" * 64})
    compared = compare(changed, now)
    assert compared.changed == ("PR-03.2 host",)
    assert decide([judged("PR-03.2", "failed")], True, False, Rules(lock=compared)).status == 1
    gone = compare(now, without(now, "PR-03.2 host"))
    decision = decide([judged("PR-03.1", "passed")], True, False, Rules(lock=gone))
    assert decision.status == 4
    assert "PR-03.2 host is locked and no longer" in decision.unmet[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"PR-01.1 host" = "', '"PR-01.8 host" = "', ":5: set = .*lock --update"),
        ("lock_version = 1", "lock_version = 9", ":2: lock_version = 9"),
        ("spec = ", "spek = ", ":4: spek"),
        ("[scenario]", "[scenario", "is no TOML"),
    ],
)
def test_an_edited_lock_is_refused(now: Lock, tmp_path: Path, old: str, new: str, told: str) -> None:
    """A scenario taken out of it would no longer gate."""
    file = tmp_path / "pdpp-tck.lock"
    file.write_text(written(now).replace(old, new, 1))
    with pytest.raises(TableError, match=told):
        read_lock(file)


def test_the_command(now: Lock, tmp_path: Path) -> None:
    """Nothing to compare with, agreed, another since, agreed again."""
    file = tmp_path / "here.lock"

    def ended(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["lock", str(file), *arguments])
        return done.exit_code, done.output

    assert ended()[0] == 2
    assert ended("--update")[0] == 0
    file.write_text(written(without(now, "PR-03.2 host")))
    assert ended() == (1, "new since lock: PR-03.2 host\n")
    file.write_text("nonsense")
    assert ended("--update")[0] == 0
    assert ended() == (0, f"{file}: the scenarios are those of the lock\n")


def test_a_run_with_a_lock(kit: Kit, now: Lock, tmp_path: Path) -> None:
    """The lock of the folder is taken, new scenarios are named, and nothing old is lost."""
    (tmp_path / "pdpp-tck.lock").write_text(written(without(now, "PR-03/scoped-then-full host")))
    ran = kit("run", "--select", "PR-03.3,PR-03/scoped-then-full")
    assert ran.status == 0, ran.out
    assert "(new since lock)" in " ".join(ran.out.split())
    assert "new since lock, not gating: PR-03/scoped-then-full host" in ran.out
