"""`imap` under a window: what lies inside, and what a cursor remembers of it."""

from __future__ import annotations

from typing import Any

import pytest
from imap_runs import Imap
from mail_runs import Mail, mail

MESSAGES = [
    mail(1, date="Sat, 28 Feb 2026 23:59:59 +0000"),
    mail(2, date="Sun, 01 Mar 2026 00:00:00 +0000"),
    mail(3, date="Sun, 01 Mar 2026 05:00:00 +1400"),
    mail(4, date="Sat, 28 Feb 2026 14:00:00 -1000"),
    mail(5, date="no date at all"),
    mail(6, date="Mon, 02 Mar 2026 00:00:00 +0000"),
    mail(7).replace(b"Date:", b"X-Date:"),
]
MARCH = {"time_range": {"since": "2026-03-01T00:00:00Z"}}
FEBRUARY = {"time_range": {"since": "2026-02-01T00:00:00Z"}}


@pytest.mark.parametrize("until", [None, "2026-03-02T01:00:00+01:00"])
def test_edges(imap: Imap, mail_source: Mail, until: str | None) -> None:
    """The first instant is inside, the last is not, offsets count; no date is outside; as in `mailbox`."""
    imap.append("a", *MESSAGES)
    mail_source.append("a.mbox", *MESSAGES)
    scope = {"time_range": {**MARCH["time_range"], "until": until}}
    run = imap.run(messages=scope)
    assert run.keys() == ["a/m2@x", "a/m4@x"] + ([] if until else ["a/m6@x"])
    assert run.keys() == mail_source.run(messages=scope).keys()
    assert "messages" in run.state


def test_a_standing_window_goes_on(imap: Imap) -> None:
    """Under the same window a run emits what came since, whatever was passed over before."""
    imap.append("a", *MESSAGES)
    first = imap.run(messages=MARCH)
    assert imap.run(first.state, messages=MARCH).keys() == []
    imap.append("a", mail(8, date="Sat, 28 Feb 2026 23:59:59 +0000"), mail(9, date="2 Mar 2026 00:00 +0000"))
    assert imap.run(first.state, messages=MARCH).keys() == ["a/m9@x"]


@pytest.mark.parametrize("later", [{}, FEBRUARY])
def test_a_wider_window_begins_again(imap: Imap, later: Any) -> None:
    """What a narrower window passed over is collected once a run asks for it, and nothing twice then."""
    imap.append("a", *MESSAGES)
    first = imap.run(messages=MARCH)
    second = imap.run(first.state, messages=later)
    assert second.keys()[0] == "a/m1@x"
    assert imap.run(second.state, messages=later).keys() == []
    assert imap.run(second.state, messages=MARCH).keys() == []


def test_a_wider_window_forgets_no_mailbox(imap: Imap) -> None:
    """A mailbox that was observed under another window and is gone is missing all the same."""
    imap.append("a", *MESSAGES)
    first = imap.run(messages=MARCH)
    with imap.account.client() as client:
        client.delete_folder("a")
    assert imap.run(first.state).missing() == ["a"]
