"""Sentences that bring batches of records in, by several paths."""

from __future__ import annotations

from pdpp_tck.asking import Asking
from pdpp_tck.scene import Scene
from pdpp_tck.sentence import given, when

ACQUISITIONS = "these acquisitions, one after the other"


def _rows(table: list[list[str]]) -> list[dict[str, str]]:
    head, *body = table
    return [dict(zip(head, row, strict=True)) for row in body]


@given("an identity rule by which {what}")
def rule(scene: Scene, what: str) -> None:
    """The stage installs it; `both` are ana's archive and ana's interface."""
    scene.acquiring.rule(what)


@given(ACQUISITIONS)
def acquired(scene: Scene, datatable: list[list[str]]) -> None:
    """Imports and runs of the kit's own connectors, each over before the next begins.

    `brings` names records: `a`, `a/words`, `a@time`, `a in drafts`; or what the rule or the owner brings.
    `how` may be a `full refresh`, `of February`, `of some fields` or `of some resources`, and tells how the
    run goes: `leaving something out`, `leaving a gap`, `without a cursor`, `failing`, `miscounting`,
    `ending badly`, `cancelled`, or `held open` until the next one is over.
    """
    for row in _rows(datatable):
        scene.acquiring.row(row)


@when(ACQUISITIONS)
def acquiring(ask: Asking, datatable: list[list[str]]) -> None:
    """The same, and then a look at everything that an owner can see."""
    ask.acquire(_rows(datatable))


@when('somebody with a grant for "{granted}" alone reads, and asks for what "{other}" has')
def reading(ask: Asking, granted: str, other: str) -> None:
    """List, look-up, search, counts and pages, without a selector; then with one that is not granted."""
    ask.read(granted, other)
