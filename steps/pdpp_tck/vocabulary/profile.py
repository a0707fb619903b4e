"""Sentences about the Collection Profile: what the monitor finds in the transcripts of runs."""

from __future__ import annotations

from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then
from pdpp_tck.vocabulary.sources import partitions

CLAIMED = {"an INTERACTION": "interaction"}
DECLARED = {"a record of an append-only stream": "append_only"}


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
    watched = evidence.watched()
    if rule == "CP-03":
        judge.note(watched.extensions)
    broken = [found for found in watched.found if found.breach.rule == rule]
    for found in broken:
        judge(False, expected=f"no line that breaks {rule}", seen=str(found), line=found.line)
    if not broken:
        judge(True, expected=f"no line that breaks {rule}", seen=f"{watched.runs} runs that keep it")


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
    judge(watched.seen[thing] > 0, expected=thing, seen=f"{thing} in none of {watched.runs} runs")
