"""Sentences about the Collection Profile: what the monitor finds in the transcripts of runs."""

from __future__ import annotations

from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then
from pdpp_tck.vocabulary.sources import partitions


@given("the runs of its other scenarios, or two of its own where there were none")
def runs(scene: Scene) -> None:
    """What the monitor reads; where nothing else was judged the connector is run twice."""
    if not scene.refer():
        partitions(scene, "alpha, beta")
        scene.run_over()
        scene.run_over()


@then('nothing that crossed the connector\'s pipes breaks the rule "{rule}"')
def keeps(evidence: Evidence, judge: Judge, rule: str) -> None:
    """Each breach of the rule is told with its line; the first one decides."""
    watched = evidence.watched()
    if rule == "CP-03":
        judge.note(watched.extensions)
    broken = [found for found in watched.found if found.breach.rule == rule]
    for found in broken:
        judge(False, expected=f"no line that breaks {rule}", seen=str(found), line=found.line)
    if not broken:
        judge(True, expected=f"no line that breaks {rule}", seen=f"{watched.runs} runs that keep it")


@then("a run that ended well was among them")
def ended_well(evidence: Evidence, judge: Judge) -> None:
    """A connector that does nothing breaks nothing, and has shown nothing."""
    watched = evidence.watched()
    seen = f"none of {watched.runs} runs said DONE succeeded and exited with 0"
    judge(watched.ended_well > 0, expected="a run that ended well", seen=seen)
