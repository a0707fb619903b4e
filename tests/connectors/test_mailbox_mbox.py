"""`mailbox` over mbox files: where messages begin, which are new, and what rewriting does."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from connector_runs import CANARY, Run
from mail_runs import Mail, mail, mbox


def texts(run: Run) -> list[str | None]:
    """The text of each record."""
    return [m["data"]["text"] for m in run.said("RECORD")]


def test_next_run_reads_what_is_new(mail_source: Mail) -> None:
    """A second run emits what was appended and nothing else, then nothing at all."""
    mail_source.append("inbox.mbox", mail(1), mail(2))
    first = mail_source.run()
    assert first.keys() == ["inbox/m1@x", "inbox/m2@x"]
    assert mail_source.run(first.state).keys() == []
    mail_source.append("inbox.mbox", mail(3))
    second = mail_source.run(first.state)
    assert second.keys() == ["inbox/m3@x"]
    assert mail_source.run(second.state).keys() == []


def test_the_history_of_a_repository(mail_source: Mail, tmp_path: Path) -> None:
    """`git format-patch` gives as many records as there are commits; one message more, one record more."""
    repository = tmp_path / "repository"
    repository.mkdir()
    author = {"NAME": "Ann", "EMAIL": "ann@x", "DATE": "2026-01-01T00:00:00+0100"}
    named = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in author.items()}
    env = {**os.environ, **named, "GIT_CONFIG_GLOBAL": "/dev/null"}

    def git(*arguments: str) -> bytes:
        return subprocess.run(
            ["git", *arguments], cwd=repository, env=env, capture_output=True, check=True
        ).stdout

    git("init", "-q", "-b", "main")
    for number in range(30):
        (repository / "file").write_text(f"{number}\n\nFrom here on\n>From {number}\n")
        git("add", "file")
        git("commit", "-q", "-m", f"Größe {number}\n\nFrom me Thu Jan  1 00:00:00 2026\n\n>From you")
    git("commit", "-q", "--allow-empty", "-m", "empty")
    git("checkout", "-q", "-b", "side", "HEAD~3")
    git("commit", "-q", "--allow-empty", "-m", "side")
    git("merge", "-q", "--no-edit", "main")
    patches = git("format-patch", "--stdout", "--always", "--thread", "--pretty=mboxrd", "--root", "HEAD")
    file = mail_source.append("own.mbox")
    file.write_bytes(patches)
    run = mail_source.run()
    assert (
        len(set(run.keys()))
        == len(run.keys())
        == int(git("rev-list", "--no-merges", "--count", "HEAD"))
        == 32
    )
    assert run.skips() == {}
    data = run.said("RECORD")[1]["data"]
    assert data["subject"].endswith("Größe 1")
    assert data["date"] == "2026-01-01T00:00:00+01:00"
    assert data["references"] == [run.said("RECORD")[0]["data"]["id"]]
    assert data["text"].startswith("From me Thu Jan  1 00:00:00 2026\n\n>From you\n---\n")
    assert mail_source.run(run.state).keys() == []
    mail_source.append("own.mbox", mail(1))
    assert mail_source.run(run.state).keys() == ["own/m1@x"]


def test_postmarks(mail_source: Mail) -> None:
    """`From ` begins a message only after an empty line, and only where it looks like a postmark."""
    body = "a\nFrom ann@x Thu Jan  1 00:00:00 2026\nb\n\nFrom now on all is well\nc\n"
    mail_source.append("a.mbox", mail(1, body), mail(2))
    file = mail_source.append("b.mbox")
    marks = [
        "From - Thu Jan  1 00:00:00 2026",
        "From 1@xxx Thu Jan 01 00:00:00 +0000 2026",
        "From x@y Thu, 1 Jan 2026 00:00:00 +0000",
        "From MAILER DAEMON Thu Jan  1 00:00 2026",
    ]
    file.write_bytes(b"".join(f"{mark}\n".encode() + mail(n) + b"\n" for n, mark in enumerate(marks)))
    run = mail_source.run()
    assert run.keys() == ["a/m1@x", "a/m2@x", "b/m0@x", "b/m1@x", "b/m2@x", "b/m3@x"]
    assert texts(run)[0] == body.rstrip("\n")


def test_a_writer_without_postmarks(mail_source: Mail) -> None:
    """Where the first `From ` line has no date, none is asked of the others."""
    file = mail_source.append("a.mbox")
    file.write_bytes(b"From nobody\n" + mail(1) + b"\nFrom somebody\n" + mail(2) + b"\n")
    assert mail_source.run().keys() == ["a/m1@x", "a/m2@x"]


def test_quoting(mail_source: Mail) -> None:
    """One `>` comes off before `From `, however many there are, and nothing off other lines."""
    mail_source.append("a.mbox", mail(1, ">From a\n>>From b\n> From c\n>Fromage\n>\n"))
    assert texts(mail_source.run()) == ["From a\n>From b\n> From c\n>Fromage\n>"]


def test_content_length_is_not_believed(mail_source: Mail) -> None:
    """A Content-Length that lies changes nothing."""
    mail_source.append("a.mbox", mail(1, Content_Length="100000"), mail(2))
    assert mail_source.run().keys() == ["a/m1@x", "a/m2@x"]


def test_line_ends(mail_source: Mail) -> None:
    """A file with CR LF gives the very same records, under the same names."""
    unnamed = mail(None, "one\n\ntwo\n")
    mail_source.append("a.mbox", mail(1), unnamed)
    first = mail_source.run()
    file = mail_source.root / "a.mbox"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    second = mail_source.run()
    assert [m["data"] for m in second.said("RECORD")] == [m["data"] for m in first.said("RECORD")]


def test_end_without_empty_line(mail_source: Mail) -> None:
    """A last message without an empty line after it is whole, and does not come again when one follows."""
    file = mail_source.append("a.mbox")
    file.write_bytes(mbox(mail(1))[:-2])
    first = mail_source.run()
    assert first.keys() == ["a/m1@x"]
    file.write_bytes(mbox(mail(1), mail(2)))
    assert mail_source.run(first.state).keys() == ["a/m2@x"]
    file.write_bytes(mbox(mail(1)) + b"\n\r\n\n")
    assert mail_source.run(first.state).keys() == []


def test_message_that_was_being_written(mail_source: Mail) -> None:
    """A last message that has grown since is collected again, with all of its text."""
    file = mail_source.append("a.mbox", mail(1))
    whole = mbox(mail(1), mail(2, "one\ntwo\n"))
    file.write_bytes(whole[:-6])
    first = mail_source.run()
    assert texts(first)[1] == "one"
    file.write_bytes(whole + mbox(mail(3)))
    second = mail_source.run(first.state)
    assert second.keys()[1:] == ["a/m2@x", "a/m3@x"]
    assert texts(second)[1] == "one\ntwo"
    assert mail_source.run(second.state).keys() == []


@pytest.mark.parametrize("change", ["expunge", "flag", "shrink", "empty"])
def test_rewritten_file(mail_source: Mail, change: str) -> None:
    """A rewritten or compacted file is read again under the same keys, and the run is clean."""
    file = mail_source.append("a.mbox", mail(1), mail(None), mail(3))
    before = mail_source.run()
    contents = {
        "expunge": mbox(mail(None), mail(3), mail(4)),
        "flag": mbox(mail(1, Status="RO"), mail(None, X_Status="A"), mail(3), mail(4)),
        "shrink": mbox(mail(3)),
        "empty": b"",
    }
    file.write_bytes(contents[change])
    after = mail_source.run(before.state)
    assert set(after.keys()) - set(before.keys()) <= {"a/m4@x"}
    assert len(after.keys()) == contents[change].count(b"From ann@x")
    assert after.skips() == {}
    assert "1 of them again from the beginning" in after.said("PROGRESS")[0]["message"]
    assert mail_source.run(after.state).keys() == []


def test_stray_text_and_empty_messages(mail_source: Mail) -> None:
    """What belongs to no message and a message with nothing in it are counted by line, until mended."""
    file = mail_source.append("a.mbox")
    file.write_bytes(f"{CANARY}\nmore\n\n".encode() + mbox(mail(1), b"", mail(2)))
    mail_source.append("b.mbox").write_bytes(CANARY.encode())
    run = mail_source.run()
    assert run.keys() == ["a/m1@x", "a/m2@x"]
    assert run.skips()["source_messages_malformed"]["diagnostics"] == {
        "partitions": [
            {"partition": "a", "count": 2, "lines": [1, 11]},
            {"partition": "b", "count": 1, "lines": [1]},
        ],
        "count": 3,
        "partition_count": 2,
        "truncated": False,
    }
    mail_source.append("a.mbox", mail(3))
    again = mail_source.run(run.state)
    assert again.keys() == ["a/m3@x"]
    assert again.skips() == mail_source.run(again.state).skips() == run.skips()
    file.write_bytes(mbox(mail(1)))
    (mail_source.root / "b.mbox").unlink()
    assert mail_source.run(again.state).skips().keys() == {"source_partition_missing"}


def test_byte_order_mark(mail_source: Mail) -> None:
    """A byte order mark before the first postmark hides no message."""
    mail_source.append("a.mbox").write_bytes(b"\xef\xbb\xbf" + mbox(mail(1)))
    assert mail_source.run().keys() == ["a/m1@x"]


def test_missing_returning_and_empty(mail_source: Mail) -> None:
    """PR-01: a mailbox that goes is named in every run, an empty one too; one that returns goes on."""
    mail_source.append("a.mbox", mail(1))
    mail_source.append("b.mbox")
    mail_source.append("c", mail(1))
    run = mail_source.run()
    away = (mail_source.root / "a.mbox").rename(mail_source.root.parent / "away")
    (mail_source.root / "b.mbox").unlink()
    (mail_source.root / "c").write_bytes(b"")  # emptied, and still there
    for _ in range(2):
        run = mail_source.run(run.state)
        assert run.missing() == ["a", "b"]
        assert run.done["status"] == "succeeded"
    away.rename(mail_source.root / "a.mbox")
    mail_source.append("a.mbox", mail(2))
    run = mail_source.run(run.state)
    assert run.missing() == ["b"]
    assert run.keys() == ["a/m2@x"]
    shutil.rmtree(mail_source.root)
    failed = mail_source.run(run.state)
    assert [m["type"] for m in failed.lines] == ["DONE"]
    assert failed.done["error"]["code"] == "source_root_unreadable"
