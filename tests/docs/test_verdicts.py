"""docs/verdicts.md is the algebra: its tables, read as rules, give what the code gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pages import page, sections, table

from pdpp_tck.gate.deciding import Rules, decide
from pdpp_tck.gate.demands import Demands
from pdpp_tck.gate.judged import Judged
from pdpp_tck.gate.lock import Compared
from pdpp_tck.gate.waivers import BAD, State, Waiver, Weighed
from pdpp_tck.verdict import ClauseVerdict, Verdict, requirement_verdict, scenario_verdict

PAGE = sections(page("verdicts.md"), 2)
LEVELS = st.sampled_from(["SHALL", "SHALL NOT", "MAY"])
VERDICTS = st.sampled_from(list(Verdict))
CLAUSES = st.lists(st.tuples(LEVELS, VERDICTS), max_size=3).map(
    lambda made: tuple(ClauseVerdict(f"X/T{n}", *each) for n, each in enumerate(made, 1))
)
SCENARIOS = st.lists(
    st.builds(
        Judged,
        id=st.sampled_from(["PR-01.1", "PR-01.2", "PR-02.1", "PR-02/ours"]),
        kind=st.sampled_from(["connector", "host"]),
        subject=st.sampled_from(["a", "b"]),
        claims=st.sampled_from([(), ("fields",)]),
        derived=st.sampled_from([None, "body", "advice", "profile", "contract"]),
        clauses=CLAUSES,
    ),
    max_size=6,
    unique_by=lambda judged: judged.key,
)
STATES: list[State] = ["used", "unselected", "stale", "unmatched", "expired", "incomplete"]
WAIVER = Waiver("w.toml:1", "X", "a", "why", "https://x", "ana", None)


@st.composite
def rules(draw: st.DrawFn, judged: Sequence[Judged]) -> Rules:
    """Demands, waivers and a lock for these scenarios."""
    pairs = [(j.key, clause.id) for j in judged for clause in j.clauses if clause.verdict != Verdict.ERROR]
    covered = draw(st.frozensets(st.sampled_from(pairs))) if pairs else frozenset()
    weighed = [Weighed(WAIVER, "used", "", covered)] if covered else []
    weighed += [Weighed(WAIVER, state, "") for state in draw(st.lists(st.sampled_from(STATES), max_size=2))]
    known = (
        draw(st.frozensets(st.sampled_from([f"{j.id} {j.kind}" for j in judged]))) if judged else frozenset()
    )
    gone = draw(st.sampled_from([(), (), ("CI-01.1 host",)]))
    lock = draw(st.sampled_from([None, Compared(gone=gone, names=known)]))
    demands = Demands(
        may=draw(st.booleans()),
        claims=draw(st.sampled_from([(), (), ("fields",)])),
        requires=draw(st.sampled_from([(), (), ("PR-02",)])),
        subjects=draw(st.sampled_from([(), (), ("b",)])),
        waived_at_most=draw(st.sampled_from([None, None, 0, 1])),
    )
    return Rules(demands, tuple(weighed), lock)


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Judged], bool, bool, Rules]:
    """A run: what was judged, whether it adds up, whether it was selected, and its rules."""
    judged = draw(SCENARIOS)
    return judged, draw(st.booleans()), draw(st.booleans()), draw(rules(judged))


def gates(clause: ClauseVerdict, may: bool = False) -> bool:
    """As the page says it."""
    return clause.level != "MAY" or may or clause.verdict in ("failed", "error", "stale")


def first(title: str, result: str, holds: Callable[[str], bool]) -> str:
    """What the first row of a section's table decides."""
    return next(row[result] for row in table(PAGE[title]) if row["if"] == "otherwise" or holds(row["if"]))


def worst(title: str, result: str, noun: str, every: Sequence[Verdict], gating: Sequence[Verdict]) -> str:
    """The decision of one of the first two tables."""

    def holds(condition: str) -> bool:
        if condition == f"there is no {noun}":
            return not every
        if found := re.fullmatch(rf"every {noun} is (\w+)", condition):
            return {verdict.value for verdict in every} == {found.group(1)}
        found = re.fullmatch(rf"a (?:gating )?{noun} is (\w+)", condition)
        assert found, condition
        return found.group(1) in gating

    return first(title, result, holds)


@settings(deadline=None)
@given(CLAUSES)
def test_a_scenario_is_what_the_page_says(clauses: tuple[ClauseVerdict, ...]) -> None:
    """The first table, on any clauses."""
    told = worst(
        "Clauses make a scenario",
        "the scenario is",
        "clause",
        [clause.verdict for clause in clauses],
        [clause.verdict for clause in clauses if gates(clause)],
    )
    assert scenario_verdict(clauses) == told


@settings(deadline=None)
@given(st.lists(VERDICTS, max_size=5))
def test_a_requirement_is_what_the_page_says(given_verdicts: list[Verdict]) -> None:
    """The second table, on any scenarios."""
    title = "Scenarios make a requirement"
    told = worst(title, "the requirement is", "scenario", given_verdicts, given_verdicts)
    assert requirement_verdict(given_verdicts) == told


def conditions(judged: list[Judged], accounted: bool, selected: bool, kept: Rules) -> dict[str, bool]:
    """Each condition of the third table that is no clause's verdict, worked out from the page's words."""
    new = {j.key for j in judged if kept.lock and f"{j.id} {j.kind}" not in kept.lock.names}
    new -= {j.key for j in judged if j.derived == "contract"}
    ours = (None, "body", "contract")
    held = {
        (j.kind, j.subject)
        for j in judged
        if j.key not in new
        and any(c.verdict != "not_applicable" for c in j.clauses) | (not j.clauses)
        and (selected or j.derived in ours)
    }
    applied = [j for j in judged if scenario_verdict(j.clauses) != "not_applicable"]
    demands, waived = kept.demands, {pair for w in kept.waivers for pair in w.covers}
    unseen = [
        any(set(demands.claims) - set(j.claims) for j in judged if j.kind == "connector"),
        any(not any(j.id.startswith(name) for j in applied) for name in demands.requires),
        bool(set(demands.subjects) - {j.subject for j in judged}),
    ]
    return {
        "a waiver is bad": any(
            w.state in ("stale", "unmatched", "expired", "incomplete") for w in kept.waivers
        ),
        "more is waived than demanded": demands.waived_at_most is not None
        and len(waived) > demands.waived_at_most,
        "a subject has no scenario that applies and is not new": not judged
        or held != {(j.kind, j.subject) for j in judged},
        "what is demanded was not seen": any(unseen),
        "a locked scenario is gone": bool(kept.lock and kept.lock.gone),
        "the accounting does not add up": not accounted,
    }


@settings(deadline=None)
@given(runs())
def test_a_status_is_what_the_page_says(run: tuple[list[Judged], bool, bool, Rules]) -> None:
    """The third table, on any run with any waivers, demands and lock."""
    judged, accounted, selected, kept = run
    decision = decide(judged, accounted, selected, kept)
    known = conditions(judged, accounted, selected, kept)
    excused = {pair for w in kept.waivers for pair in w.covers}
    counted = [
        (c.verdict, (j.key, c.id) in excused or j.key in decision.new)
        for j in judged
        for c in j.clauses
        if gates(c, kept.demands.may)
    ]

    def holds(condition: str) -> bool:
        if condition in known:
            return known[condition]
        if condition == "a clause is error":
            return any(c.verdict == "error" for j in judged for c in j.clauses)
        found = re.fullmatch(r"a gating clause is (\w+) and not excused", condition)
        assert found, condition
        return (found.group(1), False) in counted

    assert str(decision.status) == first("A run's exit status", "exit status", holds)


@settings(deadline=None)
@given(runs())
def test_nothing_is_green_by_accident(run: tuple[list[Judged], bool, bool, Rules]) -> None:
    """0 means that each SHALL that applies passed, or that a waiver or the lock excuses it by name."""
    judged, accounted, selected, kept = run
    decision = decide(judged, accounted, selected, kept)
    bad = [
        (j.key, c.id)
        for j in judged
        for c in j.clauses
        if c.level != "MAY" and c.verdict not in ("passed", "not_applicable")
    ]
    if decision.status == 0:
        assert accounted
        assert judged
        assert all(pair in decision.waived or pair[0] in decision.new for pair in bad)
        assert not [w for w in kept.waivers if w.state in BAD]
    if decision.conformant:
        assert not bad
        assert not selected


@settings(deadline=None)
@given(runs(), st.data())
def test_taking_something_away_makes_nothing_better(
    run: tuple[list[Judged], bool, bool, Rules], data: st.DataObject
) -> None:
    """Waivers and the lock only ever excuse what they name: without them no run ends better than with."""
    judged, accounted, selected, kept = run
    plain = decide(judged, accounted, selected)
    if decide(judged, accounted, selected, replace(kept, waivers=(), lock=None)).status == 0:
        assert plain.status == 0
    if judged and plain.status != 0:
        one = data.draw(st.sampled_from(judged))
        # What was due and is not reported breaks the accounting, whatever is left.
        left = [j for j in judged if j is not one]
        assert decide(left, False, selected, kept).status != 0


def test_a_demand_may_not_be_worse_than_the_order_of_statuses() -> None:
    """An error outranks a bad waiver, and that outranks what was not seen."""
    clause = ClauseVerdict("PR-01.1/T1", "SHALL", Verdict.ERROR)
    judged = [Judged("PR-01.1", "connector", "a", (), None, (clause,))]
    bad = Rules(waivers=(Weighed(WAIVER, "stale", ""),))
    assert decide(judged, False, False, bad).status == 3
    seen = [replace(judged[0], clauses=(replace(clause, verdict=Verdict.NOT_RUN),))]
    assert decide(seen, False, False, bad).status == 1
    assert decide(seen, True, False).status == 4


def test_every_verdict_is_told() -> None:
    """The page's list of verdicts is the kit's."""
    assert [row["verdict"] for row in table(page("verdicts.md"))] == [
        verdict.value
        for verdict in (
            Verdict.PASSED,
            Verdict.FAILED,
            Verdict.ERROR,
            Verdict.NOT_APPLICABLE,
            Verdict.NOT_OBSERVABLE,
            Verdict.NOT_RUN,
            Verdict.STALE,
        )
    ]


@pytest.mark.parametrize("verdict", ["failed", "stale", "not_run", "not_observable"])
def test_a_waived_clause_does_not_make_a_run_conformant(verdict: str) -> None:
    """A gate lets it pass; nobody is told that it conforms."""
    clause = ClauseVerdict("PR-01.1/T1", "SHALL", Verdict(verdict), "why")
    judged = [Judged("PR-01.1", "connector", "a", (), None, (clause,))]
    covers = frozenset({(judged[0].key, clause.id)})
    decision = decide(judged, True, False, Rules(waivers=(Weighed(WAIVER, "used", "", covers),)))
    assert (decision.status, decision.conformant) == (0, False)
