"""docs/summaries.md shows the table of rules, the hints and the actions that the code goes by."""

from __future__ import annotations

from typing import get_args

from pages import codes, page, sections, table

from pdpp_host.domain import messages
from pdpp_host.summaries import RULES
from pdpp_host.summaries.actions import BY_HINT, NOT_BY_WAITING
from pdpp_host.summaries.shapes import Action

PARTS = sections(page("summaries.md"), 2)


def test_the_rules_row_for_row() -> None:
    """Same rules, same order, same state, label, tone and action."""
    shown = [
        (row["rule"], row["state"], row["label"], row["tone"], row["next action"])
        for row in table(PARTS["Health"])
    ]
    assert shown == [
        (f"`{r.name}`", f"`{r.state}`", r.label, f"`{r.tone}`", f"`{r.action}`" if r.action else "the gap's")
        for r in RULES
    ]


def test_hints() -> None:
    """Every recovery action of the wire has its next action, on the page as in the code."""
    shown = {row["hint"]: row["next action"] for row in table(PARTS["Next action"])}
    assert shown == {f"`{hint}`": f"`{action}`" for hint, action in BY_HINT.items()}
    assert BY_HINT.keys() == set(get_args(messages.Action))


def test_actions() -> None:
    """Every action is explained, and each is one that something leads to."""
    text = PARTS["Next action"]
    shown = [row["next action"] for row in table(text[text.index("| next action | asks for") :])]
    assert shown == [f"`{action}`" for action in get_args(Action)]
    reached = {rule.action for rule in RULES} | set(BY_HINT.values()) | {"wait", "review_gaps"}
    assert reached - {None} == set(get_args(Action))


def test_rules_that_do_not_wait() -> None:
    """The rows that no run helps are named, and are rows."""
    paragraph = PARTS["Next action"].split("\n\n")[0]
    assert set(NOT_BY_WAITING) == set(codes(paragraph)) - {"wait"}
    assert {rule.name for rule in RULES} >= NOT_BY_WAITING
