"""`imap` over several mailboxes: what is there, what is gone, what cannot be read."""

from __future__ import annotations

import shutil

from imap_runs import Imap
from mail_runs import mail


def test_levels_and_letters(imap: Imap) -> None:
    """A mailbox is called by its path with `/`, decoded; what only holds others is none; INBOX is INBOX."""
    imap.append("Arbeit.Grün & Co.日本語", mail(1))
    imap.append("100%", mail(2))
    imap.append("INBOX", mail(3))
    run = imap.run()
    assert run.keys() == ["100%/m2@x", "Arbeit/Grün & Co/日本語/m1@x", "INBOX/m3@x"]
    assert list(run.state["messages"]["partitions"]) == ["100%", "Arbeit/Grün & Co/日本語", "INBOX"]
    assert run.said("SKIP_RESULT") == []


def test_a_deleted_mailbox_is_missing(imap: Imap) -> None:
    """A mailbox that was observed and is gone is named in every run, and goes on when it is back."""
    imap.append("a", mail(1))
    imap.append("b")
    first = imap.run()
    with imap.account.client() as client:
        client.delete_folder("b")
    second = imap.run(first.state)
    assert second.missing() == ["b"]
    assert second.done["status"] == "succeeded"
    assert imap.run(second.state).missing() == ["b"]
    imap.append("b", mail(2))
    third = imap.run(second.state)
    assert third.missing() == []
    assert third.keys() == ["b/m2@x"]


def test_a_mailbox_that_only_holds_others_now_is_missing(imap: Imap) -> None:
    """What may no longer be opened is no mailbox any more."""
    imap.append("a", mail(1))
    imap.append("a.b", mail(2))
    first = imap.run()
    with imap.account.client() as client:
        client.delete_folder("a")
        assert b"\\Noselect" in next(flags for flags, _, name in client.list_folders() if name == "a")
    assert imap.run(first.state).missing() == ["a"]


def test_a_mailbox_that_does_not_open(imap: Imap) -> None:
    """A mailbox that the server cannot open is named, keeps its cursor, and stops no other."""
    imap.append("a", mail(1))
    imap.append("b", mail(2))
    first = imap.run()
    imap.append("b", mail(3))
    cur = imap.account.maildir / "a" / "cur"
    shutil.rmtree(cur)
    cur.write_bytes(b"")
    run = imap.run(first.state)
    assert run.keys() == ["b/m3@x"]
    assert run.skips()["source_unreadable"]["diagnostics"]["partitions"] == ["a"]
    assert run.missing() == []
    kept, before = run.state["messages"]["partitions"], first.state["messages"]["partitions"]
    assert kept["a"] == before["a"]
    assert kept["b"] != before["b"]


def test_a_message_that_cannot_be_fetched(imap: Imap) -> None:
    """Where one message cannot be read its mailbox is unreadable, and read from the same place next time."""
    imap.append("a", mail(1))
    first = imap.run()
    imap.append("a", mail(2), mail(3))
    files = [file for file in (imap.account.maildir / "a").glob("*/*.*") if file.is_file()]
    newest = next(file for file in files if b"m3@x" in file.read_bytes())
    held = newest.read_bytes()
    newest.unlink()
    newest.symlink_to(newest.name)
    imap.append("b", mail(4))
    run = imap.run(first.state)
    assert run.skips()["source_unreadable"]["diagnostics"]["partitions"] == ["a"]
    assert run.keys()[-1] == "b/m4@x"
    assert run.state["messages"]["partitions"]["a"] == first.state["messages"]["partitions"]["a"]
    newest.unlink()
    newest.write_bytes(held)
    assert imap.run(run.state).keys() == ["a/m2@x", "a/m3@x"]


def test_an_account_that_cannot_be_listed(imap: Imap) -> None:
    """Without a list nothing is missing, and the run fails."""
    imap.append("a", mail(1))
    first = imap.run()
    shutil.rmtree(imap.account.maildir)
    imap.account.maildir.write_bytes(b"")
    run = imap.run(first.state)
    assert run.done["status"] == "failed"
    assert run.done["error"]["retryable"]
    assert run.done["error"]["code"] == "source_unavailable"
    assert len(run.lines) == 1


def test_resources(imap: Imap) -> None:
    """Only the mailboxes that were asked for are read, by name or by key; no cursor, nothing is missing."""
    imap.append("a", mail(1), mail(2))
    imap.append("b.c", mail(3))
    assert imap.run(messages={"resources": ["b/c", "gone"]}).keys() == ["b/c/m3@x"]
    run = imap.run(messages={"resources": ['["a","m2@x"]'], "fields": ["subject"]})
    assert [m["data"] for m in run.said("RECORD")] == [{"mailbox": "a", "id": "m2@x", "subject": None}]
    assert run.said("STATE") == run.said("SKIP_RESULT") == []
