"""What a cursor remembers of the window that it was read under, in `folder` and in `mailbox`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from connector_runs import Source
from folder_runs import Folder, message
from mail_runs import Mail, mail

MARCH = {"time_range": {"since": "2026-03-01T00:00:00Z"}}
EARLIER = {"time_range": {"since": "2026-03-01T00:30:00+01:00"}}
SAME = {"time_range": {"since": "2026-03-01T01:00:00+01:00"}}
NOT_MAY = {"time_range": {"until": "2026-05-01T00:00:00Z"}}
NOT_JUNE = {"time_range": {"until": "2026-06-01T00:00:00Z"}}


@pytest.fixture(params=["folder", "mailbox", "maildir"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    """A partition `a` with a message of February, one of April and one of May."""
    if request.param == "folder":
        folder = Folder(tmp_path)
        folder.add("a", *(message(month, at=f"2026-0{month}-03T10:00:00Z") for month in (2, 4, 5)))
        return folder
    mail_source = Mail(tmp_path)
    messages = [
        mail(n, date=f"3 {name} 2026 10:00 +0000") for n, name in ((2, "Feb"), (4, "Apr"), (5, "May"))
    ]
    if request.param == "mailbox":
        mail_source.append("a.mbox", *messages)
    else:
        for number, raw in enumerate(messages):
            mail_source.deliver("a", f"cur/{number}", raw)
    return mail_source


def short(keys: list[str]) -> str:
    """Which months the keys are of."""
    return "".join(sorted(key.removesuffix("@x")[-1] for key in keys))


@pytest.mark.parametrize(
    ("first", "later", "again"),
    [
        (MARCH, MARCH, ""),
        (MARCH, SAME, ""),
        (MARCH, {}, "245"),
        (MARCH, EARLIER, "45"),
        (MARCH, NOT_MAY, "24"),
        (NOT_MAY, NOT_MAY, ""),
        (NOT_MAY, {}, "245"),
        (NOT_MAY, NOT_JUNE, "245"),
        (NOT_JUNE, NOT_MAY, ""),
        ({}, MARCH, ""),
    ],
)
def test_what_a_narrower_window_passed_over(source: Source, first: Any, later: Any, again: str) -> None:
    """A run whose window reaches beyond that of its cursor begins again; any other goes on."""
    before = source.run(messages=first)
    after = source.run(before.state, messages=later)
    assert short(after.keys()) == again
    assert source.run(after.state, messages=later).keys() == []


def test_a_wider_window_forgets_no_partition(source: Source) -> None:
    """A partition that was observed under another window and is gone is missing all the same."""
    state = source.run(messages=MARCH).state
    held = next(source.root.iterdir())
    shutil.rmtree(held) if held.is_dir() else held.unlink()
    assert source.run(state, messages={}).missing() == ["a"]
