"""Sentences about runs as such."""

from __future__ import annotations

from pdpp_tck.asking import Asking
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, when


@given("a finished run")
def finished_run(scene: Scene) -> None:
    """A run that is over, its state committed, before anything is judged."""
    scene.finished_run()


@when("the owner starts a run")
def starts(ask: Asking) -> None:
    """An unnarrowed run, followed to its end."""
    ask.run()


@when('the owner starts a run of "{partition}" alone')
def starts_alone(ask: Asking, partition: str) -> None:
    """A run narrowed to one partition's resource."""
    ask.partition_run(partition)
