"""`folder` over sources that are not what they should be: no crash, no silent loss, no content told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from folder_runs import CANARY, Folder, message

BAD_LINES = {
    "not json": f"{CANARY}".encode(),
    "cut": b'{"id":"m9","at":"2026-01-01T00:00:00Z","author":"ann","text":"' + CANARY.encode(),
    "array": b'["m9"]',
    "number": b"12",
    "null": b"null",
    "required field missing": b'{"id":"m9","at":"2026-01-01T00:00:00Z","author":"' + CANARY.encode() + b'"}',
    "wrong type": json.dumps(message(9, text=[CANARY])).encode(),
    "number as id": json.dumps({**message(9), "id": 9}).encode(),
    "empty id": json.dumps({**message(9), "id": ""}).encode(),
    "optional of a wrong type": json.dumps(message(9, reply_to=7)).encode(),
    "raw NUL": json.dumps(message(9)).encode().replace(b"ann", b"a\0n"),
    "latin-1": json.dumps(message(9)).encode().replace(b"ann", "é".encode("latin-1")),
    "encoded surrogate": json.dumps(message(9)).encode().replace(b"ann", b"\xed\xa0\xbd"),
    "utf-16": json.dumps(message(9)).encode("utf-16-le"),
    "nested too deep": b"[" * 200_000,
    "number too long": b'{"id":' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_malformed_line(folder: Folder, line: bytes) -> None:
    """A line that holds no record is counted by channel and number; the lines around it are collected."""
    file = folder.add("a", message(1))
    file.write_bytes(file.read_bytes() + line + b"\n" + json.dumps(message(2)).encode() + b"\n")
    run = folder.run()
    assert run.keys() == ["a/m1", "a/m2"]
    assert run.skips().keys() == {"source_lines_malformed"}
    assert run.skips()["source_lines_malformed"]["diagnostics"] == {
        "partitions": [{"partition": "a", "count": 1, "lines": [2]}],
        "count": 1,
        "partition_count": 1,
        "truncated": False,
    }


def test_passed_over_lines_are_remembered(folder: Folder) -> None:
    """Lines that were passed over are reported by later runs too, until the file is mended."""
    file = folder.add("a", message(1))
    whole = file.read_bytes()
    file.write_bytes(whole + b"oops\n\n")
    run = folder.run(folder.run().state)
    folder.add("a", message(2))
    file.write_bytes(file.read_bytes() + b"oops\n")
    run = folder.run(run.state)
    assert run.keys() == ["a/m2"]
    shown = run.skips()["source_lines_malformed"]["diagnostics"]["partitions"]
    assert shown == [{"partition": "a", "count": 2, "lines": [2, 5]}]
    file.write_bytes(whole)
    run = folder.run(run.state)
    assert run.skips().keys() == {"source_rewritten"}
    assert folder.run(run.state).skips() == {}


def test_many_malformed_lines_are_one_bounded_line(folder: Folder) -> None:
    """Of many channels with many bad lines 20 and 20 are named, with the true counts and the mark."""
    for n in range(40):
        folder.add(f"{n:02d}-" + "ü\x01" * 84).write_bytes(b"oops\n" * 30)
    diagnostics = folder.run().skips()["source_lines_malformed"]["diagnostics"]
    assert len(diagnostics["partitions"]) == 20
    assert all(len(shown["lines"]) == 20 and shown["count"] == 30 for shown in diagnostics["partitions"])
    assert diagnostics["count"] == 1200
    assert diagnostics["partition_count"] == 40
    assert diagnostics["truncated"] is True


def test_complete_but_malformed_last_line(folder: Folder) -> None:
    """A last line without LF that parses and is no record is not being written: it is reported, once."""
    folder.add("a", {"id": "m1"}, end="")
    run = folder.run()
    assert run.skips()["source_lines_malformed"]["diagnostics"]["count"] == 1
    assert folder.run(run.state).skips()["source_lines_malformed"]["diagnostics"]["count"] == 1


@pytest.mark.parametrize("text", ["a\ud83d", "\udc00b", "n\0l"], ids=ascii)
def test_text_that_is_no_text(folder: Folder, text: str) -> None:
    """A lone surrogate or a NUL becomes U+FFFD; a whole emoji stays."""
    folder.add("a", message(1, text=text + "\U0001f600", reply_to=text))
    data = folder.run().said("RECORD")[0]["data"]
    expected = "".join("\ufffd" if c in "\0\ud83d\udc00" else c for c in text)
    assert data["text"] == expected + "\U0001f600"
    assert data["reply_to"] == expected


def test_liberties_of_lines(folder: Folder) -> None:
    """CR LF, blank lines, a byte order mark, null for absent and fields of its own are all taken."""
    lines = [message(1, reply_to=None, extra={"deep": [1.5]}), message(2)]
    text = "\r\n\r\n  \n".join(map(json.dumps, lines))
    folder.add("a").write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n\n")
    run = folder.run()
    assert run.keys() == ["a/m1", "a/m2"]
    assert run.skips() == {}
    assert run.said("RECORD")[0]["data"] == {"channel": "a", **message(1)}


def test_line_beyond_the_limit(folder: Folder) -> None:
    """A line of more than 8 MiB is passed over and reported; the next line is collected, and only once."""
    file = folder.add("a", message(1), message(2, text="x" * (9 * 1024 * 1024)), message(3))
    run = folder.run()
    assert run.keys() == ["a/m1", "a/m3"]
    assert run.skips()["source_lines_too_long"]["diagnostics"]["partitions"] == [
        {"partition": "a", "count": 1, "lines": [2]}
    ]
    assert run.state["messages"]["partitions"]["a"]["offset"] == file.stat().st_size
    assert folder.run(run.state).keys() == []


def test_line_beyond_the_limit_that_has_not_ended(folder: Folder) -> None:
    """Such a line at the end of a file is reported, and left until it ends."""
    folder.add("a", message(1))
    folder.add("a", message(2, text="x" * (9 * 1024 * 1024)), end="")
    first = folder.run()
    second = folder.run(first.state)
    for run in (first, second):
        assert run.skips()["source_lines_too_long"]["diagnostics"]["count"] == 1
    file = folder.add("a")
    file.write_bytes(file.read_bytes() + b"\n" + json.dumps(message(3)).encode() + b"\n")
    third = folder.run(second.state)
    assert third.keys() == ["a/m3"]
    assert third.skips()["source_lines_too_long"]["diagnostics"]["count"] == 1


@pytest.mark.parametrize("kind", ["directory", "fifo", "socket"])
def test_unreadable_file(folder: Folder, kind: str) -> None:
    """What cannot be read as a file is reported by channel, and its cursor stays where it was."""
    file = folder.add("a", message(1))
    folder.add("b", message(1))
    first = folder.run()
    kept = first.state["messages"]["partitions"]["a"]
    file.rename(folder.root.parent / "kept")
    _put(kind, file)
    second = folder.run(first.state)
    assert second.skips().keys() == {"source_unreadable"}
    diagnostics = second.skips()["source_unreadable"]["diagnostics"]
    assert diagnostics == {"partitions": ["a"], "count": 1, "truncated": False}
    assert second.state["messages"]["partitions"]["a"] == kept
    (file.rmdir if kind == "directory" else file.unlink)()
    (folder.root.parent / "kept").rename(file)
    folder.add("a", message(2))
    assert folder.run(second.state).keys() == ["a/m2"]


def test_unreadable_from_the_first(folder: Folder) -> None:
    """A channel that could not be read counts as observed, and is read whole once it can be."""
    folder.add("a").mkdir()
    first = folder.run()
    assert first.skips().keys() == {"source_unreadable"}
    folder.add("a").rmdir()
    folder.add("a", message(1))
    assert folder.run(first.state).keys() == ["a/m1"]


def test_links(folder: Folder, tmp_path: Path) -> None:
    """Links that stay inside the root are followed; those that lead out are reported and never read."""
    outside = Folder(tmp_path / "outside")
    stray = outside.add("x", message("stray"))
    folder.add("a", message(1))
    folder.add(".archive/old", message(2))
    folder.add("b")
    (folder.root / "b" / "messages.jsonl").symlink_to(stray)
    (folder.root / "b" / "reactions.jsonl").symlink_to(folder.root / "nowhere")
    (folder.root / "c").symlink_to(outside.root / "x")
    (folder.root / "d").symlink_to(folder.root / ".archive" / "old")
    (folder.root / "e").symlink_to(folder.root / "e")
    (folder.root / "f").symlink_to(folder.root / "nowhere")
    (folder.root / "g").symlink_to(folder.root)
    folder.add("h")
    (folder.root / "h" / "messages.jsonl").symlink_to(folder.root / "a" / "messages.jsonl")
    run = folder.run()
    assert run.keys() == ["a/m1", "d/m2", "h/m1"]
    assert run.skips().keys() == {"source_link_outside"}
    assert run.skips()["source_link_outside"]["diagnostics"]["partitions"] == ["b", "c", "g"]
    assert run.skips("reactions")["source_link_outside"]["diagnostics"]["partitions"] == ["c", "g"]


def test_other_entries_of_the_root(folder: Folder) -> None:
    """Files and names that begin with a dot are no channels."""
    folder.add(".git", message(1))
    (folder.root / "README").write_text("hello")
    run = folder.run()
    assert run.keys() == []
    assert run.skips() == {}
    assert run.state["messages"] == {"partitions": {}}


def test_names_that_are_not_utf8(folder: Folder) -> None:
    """A directory whose name is not UTF-8 is reported, escaped, and the others are collected."""
    os.mkdir(os.fsencode(folder.root) + b"/caf\xe9")
    folder.add("a\nb", message(1))
    run = folder.run()
    assert run.keys() == ["a\nb/m1"]
    assert run.skips()["source_name_not_utf8"]["diagnostics"]["partitions"] == ["caf\\xe9"]
    assert folder.run(messages={"resources": ["a\nb"]}).skips() == {}


def test_surrogates_in_a_cursor(folder: Folder) -> None:
    """A partition name that no encoder takes is carried and reported as it came."""
    high: dict[str, Any] = {"offset": 1, "digest": "", "newest": None}
    run = folder.run({"messages": {"partitions": {"x\ud83d": high}}})
    assert run.missing() == ["x\ud83d"]
    assert run.state["messages"]["partitions"] == {"x\ud83d": high}


def test_time_that_is_none_stays_out_of_the_cursor(folder: Folder) -> None:
    """A record whose time is no time is collected, and its text does not reach the cursor."""
    folder.add("a", message(1, CANARY))
    run = folder.run()
    assert run.keys() == ["a/m1"]
    assert run.state["messages"]["partitions"]["a"]["newest"] is None


def _put(kind: str, file: Path) -> None:
    if kind == "directory":
        file.mkdir()
    elif kind == "fifo":
        os.mkfifo(file)
    else:
        os.mknod(file, 0o140600)
