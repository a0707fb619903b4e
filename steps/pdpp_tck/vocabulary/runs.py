"""Sentences about runs as such."""

from __future__ import annotations

from typing import Any

from pdpp_tck.asking import Asking
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, then, when
from pdpp_tck.vocabulary.sources import names


@given("a finished run")
def finished_run(scene: Scene) -> None:
    """A run that is over, its state committed, before anything is judged."""
    scene.finished_run()


@given("a finished run with records")
def finished_run_with_records(scene: Scene) -> None:
    """The same of a source that has not been read before: it must have given a record.

    Where it gave none, nothing shows that the connector read this source at all, and nothing is judged.
    """
    scene.finished_run(with_records=True)


@given("a run is over")
def run_over(scene: Scene) -> None:
    """A run that is over in whatever way a connector may end it."""
    scene.run_over()


@given('a run of "{partition}" alone whose cursor the host keeps')
def kept(scene: Scene, partition: str) -> None:
    """A narrowed run under a host that commits its STATE all the same, as not every host withholds it."""
    scene.scoped_run_kept(partition)


@given('it leaves the cursor "{mark}" behind in a run')
def leaves(scene: Scene, mark: str) -> None:
    """A finished run of the kit's own connector that says STATE."""
    scene.play("first", [state_line(scene.streams[0], mark)])
    scene.finished_run()


@given('it leaves the cursor "{mark}" behind in a run of the resource "{resource}" alone')
def leaves_scoped(scene: Scene, mark: str, resource: str) -> None:
    """The same in a narrowed run, whose STATE is to be withheld."""
    stream = scene.streams[0]
    scene.play("first", [state_line(stream, mark)])
    scene.run_over({"resources": {stream: [resource]}})


def state_line(stream: str, mark: str) -> dict[str, Any]:
    """A STATE whose cursor is a mark to know it by."""
    return {"type": "STATE", "stream": stream, "cursor": {"mark": mark}}


@then('the run "{label}" starts from the cursor "{mark}"')
def starts_from(evidence: Evidence, judge: Judge, label: str, mark: str) -> None:
    """START carries that cursor for the stream; `none` is no state at all."""
    state = evidence.run(label).start.get("state")
    wanted = None if mark == "none" else {"messages": {"mark": mark}}
    judge(state == wanted, expected=f"the cursor {mark!r} in START.state of run {label!r}", seen=state)


@given("START is held back while the connector may speak")
def held(scene: Scene) -> None:
    """A second, in which a connector that does not wait has long spoken."""
    scene.hold_start(1.0)


@when("the owner starts a run of the fewest fields")
def narrowest(ask: Asking) -> None:
    """A run narrowed to the fields that the stream's schema requires."""
    ask.narrowest_run()


@when('the owner starts a run of the stream of "{partition}" from "{since}" to "{until}"')
def window(ask: Asking, partition: str, since: str, until: str) -> None:
    """A run narrowed to a window of time: what is at its beginning is in it, what is at its end is not."""
    ask.window_run(partition, {"since": since, "until": until})


@when("the owner starts a run")
def starts(ask: Asking) -> None:
    """An unnarrowed run, followed to its end."""
    ask.run()


@when('the owner starts a run of "{partitions}" alone')
def starts_alone(ask: Asking, partitions: str) -> None:
    """A run narrowed to the resources of these partitions."""
    ask.partition_run(names(partitions))


@when('the owner starts a run of "{partition}" alone and then a whole run')
def starts_both(ask: Asking, partition: str) -> None:
    """A narrowed run, told by the partition's name, and one that is not narrowed."""
    ask.partition_run([partition], label=partition)
    ask.run()
