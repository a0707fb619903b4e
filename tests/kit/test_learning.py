"""`pdpp-tck explain` and `pdpp-tck steps`: what a report's ids and a feature's sentences mean."""

from __future__ import annotations

import re

import pytest
from kit_runs import ROOT, Kit

from pdpp_tck.explain import explain
from pdpp_tck.features import read_features
from pdpp_tck.ledger import read_ledger
from pdpp_tck.lint.sentences import sentences

LEDGER = read_ledger(ROOT / "features" / "requirements.toml")


@pytest.mark.parametrize("scenario", LEDGER.judged, ids=lambda scenario: scenario.id)
def test_every_scenario_is_explained(scenario: object) -> None:
    """What it says, what is sent, which claims it needs, where it is seen, how a stranger may differ."""
    entry = LEDGER.scenario(scenario.id)  # type: ignore[attr-defined]
    told = " ".join(explain(entry.id, None).split())
    for text in (entry.title, entry.sends, entry.freedom, "claims needed:", "written", "seen"):
        assert " ".join(text.split()) in told
    for clause in entry.clauses:
        assert f"{clause.id} {clause.level}, obliges the" in told
        assert " ".join(clause.says.split()) in told


def test_a_clause_alone_and_a_requirement_whole() -> None:
    """A clause of a body, with the clause whose verdict it shares, and a requirement with its scenarios."""
    assert "same as  PR-01.1/T3" in explain("PR-01/R1", None)
    assert re.search(r"killed +[^\n]*\bforgets-missing\b", explain("PR-01.1/T1", None))
    assert re.search(r"variants +[^\n]*\bfolder\b", explain("PR-02.2/T1", None))
    told = explain("PR-01", None)
    assert "PR-01/R2" in told
    assert "PR-01.2  Prior partition remains present" in told


@pytest.mark.parametrize(
    ("typed", "meant"), [("PR-01.3", "PR-01"), ("cp-03", "CP-03"), ("nonsense", "known are")]
)
def test_a_mistyped_id_ends_2(kit: Kit, typed: str, meant: str) -> None:
    """One sentence with the nearest right name."""
    ran = kit("explain", typed)
    assert ran.status == 2
    assert f"{typed}: unknown; " in ran.err
    assert meant in ran.err


def test_every_sentence_is_listed_with_its_uses(kit: Kit) -> None:
    """Kind, text, docstring and the scenarios in which it stands."""
    ran = kit("steps")
    assert ran.status == 0
    scenarios = read_features(ROOT / "features")
    for context in sentences():
        assert f"{(context.type or '').title():5} {context.parser.name}\n      " in ran.out
    block = ran.out.partition("Given a finished run\n")[2].partition("\n\n")[0]
    used = re.search(r"used in (.*)", block)
    assert used is not None
    assert set(used[1].split(", ")) == {
        s.id for s in scenarios if any(step.text == "a finished run" for step in s.steps)
    }
