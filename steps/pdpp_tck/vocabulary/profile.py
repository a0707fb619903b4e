"""Sentences about the Collection Profile: what the monitor finds in the transcripts of runs."""

from __future__ import annotations

from pdpp_tck.asking import JUDGED, Asking
from pdpp_tck.evidence.lone import Alone
from pdpp_tck.evidence.owing import Unfed
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then, when
from pdpp_tck.vocabulary.sources import partitions

CLAIMED = {"an INTERACTION": "interaction"}
DECLARED = {"a record of an append-only stream": "append_only"}


AGREEMENT = "CP-19"
RECORD = "a record"
SHOWN = {
    "incremental": "a cursor",
    "interaction": "an INTERACTION",
    "resources": "a record of a run of chosen resources",
    "fields": "a record of a run of chosen fields",
    "time_range": "a record of a run of a window of time",
}
"""What shows that a connector does what it claims."""

UNASKED = ("incremental", "interaction")
"""What a connector can do without having been asked for it."""


@given("the runs of its other scenarios, or two of its own where there were none")
def runs(scene: Scene) -> None:
    """What the monitor reads; where nothing else was judged the connector is run twice."""
    if not scene.referred:
        partitions(scene, "alpha, beta")
        scene.run_over()
        scene.run_over()


@then('nothing that crossed the connector\'s pipes breaks the rule "{rule}"')
def keeps(evidence: Evidence, judge: Judge, rule: str) -> None:
    """Each breach of the rule is told with its line, in these runs and in those of the other scenarios."""
    if rule == AGREEMENT:
        agrees(evidence, judge)
        return
    watched = evidence.watched()
    if rule == "CP-03":
        judge.note(watched.extensions)
    broken = [found for found in watched.found if found.breach.rule == rule]
    for found in broken:
        judge(False, expected=f"no line that breaks {rule}", seen=str(found), line=found.line)
    if not broken:
        judge(True, expected=f"no line that breaks {rule}", seen=f"{watched.runs} runs that keep it")


def agrees(evidence: Evidence, judge: Judge) -> None:
    """What was seen is claimed, and what is claimed was seen; of the latter nobody knows without a run."""
    watched = evidence.watched()
    judge(True, expected="claims that agree with what was seen", seen=f"{watched.runs} runs")
    for claim, thing in SHOWN.items():
        claimed, seen = evidence.claimed(claim), watched.seen[thing]
        if claimed and not seen:
            judge.unseen(f"it claims {claim}, and {thing} was not seen in {watched.runs} runs")
        elif seen and not claimed and claim in UNASKED:
            expected = f"the claim {claim}, in the manifest or by --claim, where {thing} is said"
            judge(False, expected=expected, seen=f"{thing} in {watched.runs} runs, and no such claim")


@then('where "{thing}" was seen, nothing breaks the rule "{rule}"')
def keeps_where(evidence: Evidence, judge: Judge, thing: str, rule: str) -> None:
    """The same of a rule about what a connector need not do: without it there is nothing to judge."""
    watched = evidence.watched()
    wanted = evidence.claimed(CLAIMED.get(thing)) or DECLARED.get(thing) in watched.semantics
    if watched.seen[thing] or any(found.breach.rule == rule for found in watched.found):
        keeps(evidence, judge, rule)
    elif wanted:
        judge.unseen(f"it claims or declares it, and {thing} was not seen in {watched.runs} runs")
    else:
        judge.inapplicable(f"not claimed, and {thing} was not seen in {watched.runs} runs")


@then('"{thing}" was seen')
def was_seen(evidence: Evidence, judge: Judge, thing: str) -> None:
    """A connector that does nothing breaks nothing, and has shown nothing."""
    watched = evidence.watched()
    if thing == RECORD and not watched.seen[thing]:
        raise Unfed(f"{thing} was emitted in none of {watched.runs} runs")
    judge(watched.seen[thing] > 0, expected=thing, seen=f"{thing} in none of {watched.runs} runs")


@when("the owner starts a run of a stream that only the host knows")
def unknown(ask: Asking) -> None:
    """The host has a manifest with one stream more; a run of that stream alone."""
    ask.unknown_stream()


@when("the kit starts it under each of these faults")
def rudely(ask: Asking, datatable: list[list[str]]) -> None:
    """Without any host, over a source of its own each time; what is random follows from the seed."""
    ask.rudely([row[0] for row in datatable[1:]])


@then('it ends by itself, "{how}"')
def ends(evidence: Evidence, judge: Judge, how: str) -> None:
    """With a DONE that says so; a breach of another rule is told by that rule."""
    if how == "whatever the fault":
        for start in evidence.alone():
            bears(judge, start)
        return
    cut = evidence.cut()
    if cut is not None:
        judge.unseen(cut)
        return
    run = evidence.run(JUDGED)
    said = [(line.message or {}).get("status") for line in run.said("DONE")]
    if how == "having succeeded":
        evidence.resumed(run)
        judge(said == ["succeeded"], expected="DONE succeeded from its own cursor", seen=run.said("DONE"))
    else:
        records = run.said("RECORD")
        line = records[0] if records else None
        judge(
            not records, expected="no record of a stream that it does not have", seen=len(records), line=line
        )
        judge(bool(said), expected="DONE, whatever it says", seen="nothing")


BEARS_WELL = ("START comes in pieces", "its output is read slowly")
ENDED_BY_FORCE = ("SIGTERM while it speaks",)


def bears(judge: Judge, start: Alone) -> None:
    """One fault: it ends in time, keeps the wire, says DONE; where nothing is amiss it succeeds."""
    if start.unarranged is not None:
        judge.unseen(f"{start.fault}: {start.unarranged}")
        return
    judge(start.ended, expected=f"an end in time when {start.fault}", seen="it was still running")
    if start.fault in ENDED_BY_FORCE or not start.ended:
        return
    for breach in start.breaches:
        line = next(line for line in start.transcript.lines if line.n == breach.n)
        expected = f"no breach of {breach.rule} when {start.fault}"
        judge(False, expected=expected, seen=breach.what, line=line)
    wanted = "DONE succeeded" if start.fault in BEARS_WELL else "DONE"
    ok = start.statuses == ["succeeded"] if start.fault in BEARS_WELL else bool(start.statuses)
    judge(ok, expected=f"{wanted} when {start.fault}", seen=start.statuses)
