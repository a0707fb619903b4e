"""Which mailboxes `mailbox` finds under a root, and what it calls them."""

from __future__ import annotations

import os
from pathlib import Path

from connector_runs import Run
from mail_runs import Mail, mail


def mailboxes(run: Run) -> list[str]:
    """The partitions of the cursor."""
    return list(run.state["messages"]["partitions"])


def test_names(mail_source: Mail) -> None:
    """A mailbox is called by its path without `.mbox`, whatever it is kept in and however deep."""
    mail_source.append("inbox.mbox", mail(1))
    mail_source.append("sent", mail(1))
    mail_source.append("old/2019/Ä b.MBOX", mail(1))
    mail_source.append("old.sbd/drafts", mail(1))
    mail_source.deliver("lists", "cur/1", mail(1))
    mail_source.deliver("lists/.dev", "cur/1", mail(1))
    mail_source.deliver("lists/sub", "cur/1", mail(1))
    mail_source.append("README").write_text("Hello\n")
    mail_source.append("notes.txt", mail(1))
    mail_source.append(".git/x.mbox", mail(1))
    mail_source.append(".hidden.mbox", mail(1))
    names = ["inbox", "lists", "lists/.dev", "lists/sub", "old.sbd/drafts", "old/2019/Ä b", "sent"]
    run = mail_source.run()
    assert mailboxes(run) == names
    assert len(run.keys()) == len(names)
    assert run.skips() == {}


def test_names_that_clash(mail_source: Mail) -> None:
    """A file keeps its `.mbox` where another mailbox has the name, so that none is hidden."""
    mail_source.append("a.mbox", mail(1))
    mail_source.append("a", mail(2))
    mail_source.append("b.mbox", mail(3))
    mail_source.append("b.mbox.mbox", mail(4))
    run = mail_source.run()
    assert run.keys() == ["a/m2@x", "a.mbox/m1@x", "b/m3@x", "b.mbox.mbox/m4@x"]


def test_the_root_is_a_maildir(mail_source: Mail) -> None:
    """A root that is a Maildir is INBOX, with its folders beside it."""
    mail_source.deliver(".", "cur/1", mail(1))
    mail_source.deliver(".Sent", "cur/1", mail(2))
    assert mail_source.run().keys() == [".Sent/m2@x", "INBOX/m1@x"]
    mail_source.append("INBOX", mail(3))
    assert mail_source.run().keys() == ["./m1@x", ".Sent/m2@x", "INBOX/m3@x"]


def test_links(mail_source: Mail, tmp_path: Path) -> None:
    """Links to mailboxes inside are followed, loops end, and what leads out is reported and never read."""
    mail_source.append("a.mbox", mail(1))
    mail_source.deliver("d/m", "cur/1", mail(2))
    outside = Mail(tmp_path / "outside")
    outside.append("x.mbox", mail("stray"))
    for name, target in {
        "b.mbox": mail_source.root / "a.mbox",
        "m": mail_source.root / "d" / "m",
        "d/loop": mail_source.root / "d",
        "self.mbox": mail_source.root / "self.mbox",
        "gone.mbox": mail_source.root / "gone",
        "out": outside.root,
        "out.mbox": outside.root / "x.mbox",
    }.items():
        (mail_source.root / name).symlink_to(target)
    run = mail_source.run()
    assert run.keys() == ["a/m1@x", "b/m1@x", "d/m/m2@x", "m/m2@x"]
    assert run.skips()["source_link_outside"]["diagnostics"]["partitions"] == ["out", "out.mbox"]


def test_names_that_are_not_utf8(mail_source: Mail) -> None:
    """A mailbox whose name is not UTF-8 is reported, escaped."""
    (Path(os.fsdecode(os.fsencode(mail_source.root) + b"/caf\xe9.mbox"))).write_bytes(b"")
    run = mail_source.run()
    assert run.skips()["source_name_not_utf8"]["diagnostics"]["partitions"] == ["caf\\xe9.mbox"]


def test_what_cannot_be_read(mail_source: Mail) -> None:
    """A mailbox that is no file is reported, and its cursor stays where it was."""
    file = mail_source.append("a.mbox", mail(1))
    first = mail_source.run()
    file.unlink()
    os.mkfifo(file)
    second = mail_source.run(first.state)
    assert second.skips().keys() == {"source_unreadable"}
    assert second.state == first.state


def test_too_deep_to_list(mail_source: Mail) -> None:
    """Of what lies deeper than can be listed nothing is known: it is reported, and nothing as missing."""
    deep = "/".join("d" * 40)
    mail_source.append(f"{deep}/a.mbox", mail(1))
    high = {"offset": 1, "digest": "", "newest": None}
    run = mail_source.run({"messages": {"partitions": {f"{deep}/a": high}}})
    assert run.skips().keys() == {"source_unreadable"}


def test_scopes(mail_source: Mail) -> None:
    """PR-03.1: resources by mailbox or key, fields, and a window in which no date is outside."""
    mail_source.append(
        "a.mbox", mail(1), mail(2, date="Fri, 02 Jan 2026 00:30:00 +0100"), mail(3, date="soon")
    )
    mail_source.append("b.mbox", mail(1))
    state = mail_source.run().state
    (mail_source.root / "b.mbox").unlink()
    assert mail_source.run(messages={"resources": ["a"]}).keys() == ["a/m1@x", "a/m2@x", "a/m3@x"]
    assert mail_source.run(messages={"resources": ['["a","m2@x"]']}).keys() == ["a/m2@x"]
    assert mail_source.run(state, messages={"resources": ["a"]}).skips() == {}
    assert mail_source.run(state, messages={"resources": ["a"]}).state == {}
    fields = mail_source.run(messages={"fields": ["subject"]}).said("RECORD")[0]["data"]
    assert fields == {"mailbox": "a", "id": "m1@x", "subject": None}
    window = {"since": "2026-01-01T12:00:00Z", "until": "2026-01-01T23:30:00Z"}
    assert mail_source.run(messages={"time_range": window}).keys() == []
    window["until"] = "2026-01-01T23:30:01Z"
    assert mail_source.run(messages={"time_range": window}).keys() == ["a/m2@x"]
