"""`mailbox` over Maildir folders: names that last, flags that do not, and a cursor that stays small."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from mail_runs import Mail, mail


def test_flags_and_moves(mail_source: Mail) -> None:
    """A message that is read, flagged and moved to `cur` is not emitted again; a new one is."""
    file = mail_source.deliver("inbox", "new/1.a.host", mail(1))
    mail_source.deliver("inbox", "tmp/9.z.host", mail(9))
    first = mail_source.run()
    assert first.keys() == ["inbox/m1@x"]
    for name in ("1.a.host:2,", "1.a.host:2,S", "1.a.host;2,RS"):
        file = file.rename(mail_source.root / "inbox" / "cur" / name)
        assert mail_source.run(first.state).keys() == []
    mail_source.deliver("inbox", "cur/2.b.host:2,S", mail(2))
    second = mail_source.run(first.state)
    assert second.keys() == ["inbox/m2@x"]
    assert mail_source.run(second.state).keys() == []


def test_expunged_and_returned(mail_source: Mail) -> None:
    """A deleted message leaves the cursor; back under another name it comes out under the same key."""
    mail_source.deliver("a", "cur/1:2,S", mail(1))
    file = mail_source.deliver("a", "cur/2:2,S", mail(2))
    first = mail_source.run()
    file.unlink()
    second = mail_source.run(first.state)
    assert second.keys() == []
    assert len(json.dumps(second.state)) < len(json.dumps(first.state))
    mail_source.deliver("a", "cur/3", mail(2))
    assert mail_source.run(second.state).keys() == ["a/m2@x"]


def test_missing_and_empty_folders(mail_source: Mail) -> None:
    """A folder observed empty counts, and one that loses `cur` is no folder any more."""
    mail_source.deliver("a", "cur/1")
    mail_source.deliver("b", "cur/1", mail(1))
    first = mail_source.run()
    (mail_source.root / "a").rename(mail_source.root.parent / "a")
    (mail_source.root / "b" / "cur").rename(mail_source.root.parent / "cur")
    second = mail_source.run(first.state)
    assert second.missing() == ["a", "b"]
    (mail_source.root.parent / "cur").rename(mail_source.root / "b" / "cur")
    assert mail_source.run(second.state).keys() == []


def test_messages_that_are_none(mail_source: Mail, tmp_path: Path) -> None:
    """An empty file, a link out and what is no file are counted; the others are collected, and once."""
    mail_source.deliver("a", "cur/1", mail(1))
    mail_source.deliver("a", "cur/2", b"")
    mail_source.deliver("a", "cur/sub").mkdir()
    outside = tmp_path / "outside"
    outside.write_bytes(mail(3))
    mail_source.deliver("a", "cur/3").symlink_to(outside)
    state = None
    for keys in (["a/m1@x"], []):
        run = mail_source.run(state)
        assert run.keys() == keys
        counts = {reason: skip["diagnostics"]["count"] for reason, skip in run.skips().items()}
        assert counts == {"source_messages_malformed": 1, "source_messages_unreadable": 1}
        state = run.state
    mail_source.deliver("a", "cur/3").unlink()
    mail_source.deliver("a", "cur/3", mail(3))
    assert mail_source.run(state).keys() == ["a/m3@x"]


def test_a_folder_becomes_a_file(mail_source: Mail) -> None:
    """A mailbox that is kept in another way from now on is read again, under the same keys."""
    mail_source.deliver("a", "cur/1", mail(1))
    first = mail_source.run()
    (mail_source.root / "a").rename(mail_source.root.parent / "a")
    mail_source.append("a.mbox", mail(1), mail(2))
    second = mail_source.run(first.state)
    assert second.keys() == ["a/m1@x", "a/m2@x"]
    assert second.skips() == {}
    (mail_source.root / "a.mbox").unlink()
    (mail_source.root.parent / "a").rename(mail_source.root / "a")
    assert mail_source.run(second.state).keys() == ["a/m1@x"]


def test_cursor_of_a_large_folder(mail_source: Mail) -> None:
    """Each message costs 20 characters of the cursor, whatever its name."""
    for number in range(2000):
        mail_source.deliver("a", f"cur/{number:060d}:2,S", mail(number))
    state = mail_source.run().state
    assert len(state["messages"]["partitions"]["a"]["messages"]) == 40_000
    assert mail_source.run(state).keys() == []


@pytest.mark.parametrize(
    "cursor", [{"messages": 7}, {"messages": "AAA="}, {"messages": "~"}, {"last_at": "x"}]
)
def test_foreign_cursor(mail_source: Mail, cursor: object) -> None:
    """A cursor that is not ours is not guessed at: the run fails and emits nothing."""
    mail_source.deliver("a", "cur/1", mail(1))
    for raw in ({"partitions": {"a": cursor}}, cursor, [cursor]):
        run = mail_source.run({"messages": raw})
        assert [m["type"] for m in run.lines] == ["DONE"]
        assert run.done["error"]["code"] == "cursor_not_understood"
