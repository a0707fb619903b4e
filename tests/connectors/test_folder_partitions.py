"""`folder` and its partitions: own cursors, missing ones named, older cursors understood (PR-01, PR-02)."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import Any

import pytest
from folder_runs import Folder, message, reaction


def test_first_run_reads_everything(folder: Folder) -> None:
    """A first run emits every record of every channel, with its channel and its two-part key."""
    folder.add("general", message(1), message(2, reply_to="m1"))
    folder.add("general", reaction(1), stream="reactions")
    folder.add("random", message(1))
    run = folder.run()
    assert run.keys() == ["general/m1", "general/m2", "random/m1"]
    assert run.keys("reactions") == ["general/r1"]
    assert run.said("RECORD")[1]["data"] == {"channel": "general", **message(2, reply_to="m1")}
    assert run.skips() == {}
    assert run.done == {"type": "DONE", "status": "succeeded", "records_emitted": 4}


def test_cursor_has_a_high_water_per_partition(folder: Folder) -> None:
    """The cursor holds, per channel, the bytes read, their hash and the latest time among them."""
    file = folder.add("general", message(1, "2026-01-02T00:00:00+02:00"), message(2, "2026-01-01T23:00:00Z"))
    folder.add("empty")
    data = file.read_bytes()
    cursor = folder.run().state["messages"]
    assert cursor == {
        "partitions": {
            "empty": {"offset": 0, "digest": hashlib.sha256(b"").hexdigest(), "newest": None},
            "general": {
                "offset": len(data),
                "digest": hashlib.sha256(data).hexdigest(),
                "newest": "2026-01-01T23:00:00Z",
            },
        }
    }


def test_next_run_reads_what_is_new(folder: Folder) -> None:
    """A second run emits nothing but the lines that were added, and then nothing at all."""
    folder.add("general", message(1))
    first = folder.run()
    folder.add("general", message(2))
    second = folder.run(first.state)
    assert second.keys() == ["general/m2"]
    assert folder.run(second.state).keys() == []


def test_another_partition_does_not_decide(folder: Folder) -> None:
    """PR-02.1: a late record older than another channel's newest is emitted."""
    folder.add("a", message(1, "2026-01-01T00:00:00Z"))
    folder.add("b", message(1, "2026-06-01T00:00:00Z"))
    first = folder.run()
    folder.add("a", message(2, "2026-02-01T00:00:00Z"))
    assert folder.run(first.state).keys() == ["a/m2"]


def test_missing_partition_is_reported_until_it_returns(folder: Folder) -> None:
    """PR-01.1: a vanished channel is named in each later run, and resumes from its own cursor on return."""
    folder.add("a", message(1))
    folder.add("b", message(1))
    run = folder.run()
    (folder.root / "a").rename(folder.root.parent / "away")
    for _ in range(3):
        run = folder.run(run.state)
        assert run.missing() == run.missing("reactions") == ["a"]
        assert run.done["status"] == "succeeded"
    skip = run.skips()["source_partition_missing"]
    assert skip["stream"] == "messages"
    assert skip["diagnostics"] == {"missing_partitions": ["a"], "missing_count": 1, "truncated": False}
    assert skip["recovery_hint"] == "manual_action_required"
    (folder.root.parent / "away").rename(folder.root / "a")
    folder.add("a", message(2))
    run = folder.run(run.state)
    assert run.missing() == []
    assert run.keys() == ["a/m2"]


def test_present_partitions_are_not_reported(folder: Folder) -> None:
    """PR-01.2: nothing is reported missing while every observed channel is there, with or without news."""
    folder.add("a", message(1))
    folder.add("b")
    first = folder.run()
    folder.add("c", message(1))
    assert folder.run(first.state).skips() == {}


def test_partition_observed_empty_counts(folder: Folder) -> None:
    """A channel that was observed without a file is reported when it goes."""
    folder.add("a")
    first = folder.run()
    (folder.root / "a").rmdir()
    assert folder.run(first.state).missing() == ["a"]


def test_replaced_by_a_file(folder: Folder) -> None:
    """A channel whose place a file has taken is missing."""
    folder.add("a", message(1))
    first = folder.run()
    shutil.rmtree(folder.root / "a")
    (folder.root / "a").write_text("")
    assert folder.run(first.state).missing() == ["a"]


def test_vanished_file_of_a_present_channel(folder: Folder) -> None:
    """A stream whose file goes after records of it were read misses that channel; the other one does not."""
    file = folder.add("a", message(1))
    first = folder.run()
    file.unlink()
    second = folder.run(first.state)
    assert second.missing() == ["a"]
    assert second.missing("reactions") == []
    folder.add("a", message(1), message(2))
    assert folder.run(second.state).keys() == ["a/m2"]


def test_existing_empty_root(folder: Folder) -> None:
    """An existing root without channels is an empty inventory: all that was observed is missing."""
    folder.add("a", message(1))
    first = folder.run()
    shutil.rmtree(folder.root / "a")
    assert folder.run(first.state).missing() == ["a"]


@pytest.mark.parametrize("kind", ["absent", "file", "loop"])
def test_no_inventory(folder: Folder, kind: str) -> None:
    """A root that cannot be listed is no inventory: nothing is missing, and the run fails, retryable."""
    folder.add("a", message(1))
    first = folder.run()
    shutil.rmtree(folder.root)
    if kind == "file":
        folder.root.write_text("")
    if kind == "loop":
        folder.root.symlink_to(folder.root)
    run = folder.run(first.state)
    assert [m["type"] for m in run.lines] == ["DONE"]
    assert run.exit == 1
    assert run.done["status"] == "failed"
    assert run.done["error"].keys() == {"message", "retryable", "code", "recovery_hint"}
    assert run.done["error"]["code"] == "source_root_unreadable"
    assert run.done["error"]["retryable"] is True


@pytest.mark.parametrize("missing", [20, 21, 2000])
def test_missing_line_is_bounded(folder: Folder, missing: int) -> None:
    """Up to 20 missing channels are all named, beyond that 20 with the true count and the mark; 64 KiB."""
    names = [f"{n:05d}-" + "ü\x01" * 83 for n in range(missing)]
    high = {"offset": 1, "digest": "0" * 64, "newest": None}
    run = folder.run({"messages": {"partitions": dict.fromkeys(names, high)}})
    diagnostics = run.skips()["source_partition_missing"]["diagnostics"]
    assert diagnostics["missing_partitions"] == names[:20]
    assert diagnostics["missing_count"] == missing
    assert diagnostics["truncated"] is (missing > 20)
    assert (
        max(size for m, size in zip(run.lines, run.sizes, strict=True) if m["type"] != "STATE") <= 64 * 1024
    )
    assert run.state["messages"]["partitions"].keys() == set(names)


def test_absurd_names_stay_bounded(folder: Folder) -> None:
    """Names longer than any file system has are counted, and named as far as the bound reaches."""
    high = {"offset": 1, "digest": "0" * 64, "newest": None}
    names = ["short", *(str(n) * 40_000 for n in range(5))]
    run = folder.run({"messages": {"partitions": dict.fromkeys(names, high)}})
    diagnostics = run.skips()["source_partition_missing"]["diagnostics"]
    assert "short" in diagnostics["missing_partitions"]
    assert diagnostics["missing_count"] == 6
    assert diagnostics["truncated"] is True


def test_legacy_cursor_is_a_fallback_once(folder: Folder) -> None:
    """PR-02.2: records before the old global time are passed over, equal ones and later ones come."""
    folder.add("a", message(1, "2026-01-01T00:59:59.9Z"), message(2, "2026-01-01T02:00:00+01:00"))
    folder.add("b", message(1, "2026-01-01T00:00:00Z"), message(2, "no time"))
    run = folder.run({"messages": {"last_at": "2026-01-01T01:00:00Z"}})
    assert run.keys() == ["a/m2", "b/m2"]
    assert run.state["messages"].keys() == {"partitions"}
    assert run.state["messages"]["partitions"].keys() == {"a", "b"}
    folder.add("b", message(3, "2025-01-01T00:00:00Z"))
    folder.add("c", message(1, "2025-01-01T00:00:00Z"))
    assert folder.run(run.state).keys() == ["b/m3", "c/m1"]


def test_own_cursor_outranks_the_legacy_one(folder: Folder) -> None:
    """Where a cursor has both, the global time speaks only for channels without a high-water of their own."""
    folder.add("a", message(1))
    cursor = folder.run().state["messages"]
    folder.add("a", message(2, "2020-01-01T00:00:00Z"))
    folder.add("b", message(1, "2020-01-01T00:00:00Z"))
    assert folder.run({"messages": {**cursor, "last_at": "2025-01-01T00:00:00Z"}}).keys() == ["a/m2"]


HIGH: dict[str, Any] = {"offset": 1, "digest": "", "newest": None}


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        [],
        7,
        {"last_at": None},
        {"last_at": "yesterday"},
        {"uid": 3},
        {"partitions": []},
        {"partitions": {"a": 1}},
        {"partitions": {"a": {}}},
        {"partitions": {"a": {**HIGH, "offset": -1}}},
        {"partitions": {"a": {**HIGH, "offset": True}}},
        {"partitions": {"a": {**HIGH, "digest": None}}},
        {"partitions": {"a": {**HIGH, "newest": "soon"}}},
        {"partitions": {"a": {**HIGH, "passed_over": []}}},
        {"partitions": {"a": {**HIGH, "passed_over": {"source_lines_malformed": {"count": "1"}}}}},
        {"partitions": {"a": {**HIGH, "passed_over": {"source_lines_malformed": {"count": 1}}}}},
        {"partitions": {"a": {**HIGH, "passed_over": {"other": {"count": 1, "lines": []}}}}},
    ],
    ids=json.dumps,
)
def test_foreign_cursor(folder: Folder, cursor: Any) -> None:
    """A cursor that is not ours is not guessed at: the run fails, names the stream and emits nothing."""
    folder.add("a", message(1))
    run = folder.run({"messages": {"partitions": {}}, "reactions": cursor})
    assert [m["type"] for m in run.lines] == ["DONE"]
    assert run.done["error"]["code"] == "cursor_not_understood"
    assert "'reactions'" in run.done["error"]["message"]


@pytest.mark.parametrize("state", [None, {}, {"messages": None}, {"messages": {}}], ids=json.dumps)
def test_no_cursor(folder: Folder, state: Any) -> None:
    """No state, no cursor and an empty cursor all mean that nothing was observed."""
    folder.add("a", message(1))
    assert folder.run(state).keys() == ["a/m1"]


@pytest.mark.parametrize("change", ["edit", "shrink", "empty"])
def test_rewritten_file(folder: Folder, change: str) -> None:
    """A file that changed in the part already read is read whole again, and the run is not clean, once."""
    file = folder.add("a", message(1), message(2))
    folder.add("b", message(1))
    first = folder.run()
    lines = {"edit": [message(1, text="other"), message(2), message(3)], "shrink": [message(3)], "empty": []}
    file.write_text("".join(json.dumps(line) + "\n" for line in lines[change]))
    second = folder.run(first.state)
    assert second.keys() == [f"a/{line['id']}" for line in lines[change]]
    assert second.skips()["source_rewritten"]["diagnostics"] == {
        "partitions": ["a"],
        "count": 1,
        "truncated": False,
    }
    third = folder.run(second.state)
    assert third.skips() == {}
    assert third.keys() == []


def test_last_line_without_line_feed(folder: Folder) -> None:
    """A last line without LF counts once it parses, and is not emitted again when its LF comes."""
    folder.add("a", message(1), end="")
    first = folder.run()
    assert first.keys() == ["a/m1"]
    file = folder.add("a")
    file.write_bytes(file.read_bytes() + b"\n" + json.dumps(message(2)).encode() + b"\n")
    second = folder.run(first.state)
    assert second.keys() == ["a/m2"]
    assert second.skips() == {}


def test_line_that_is_being_written(folder: Folder) -> None:
    """A last line that neither parses nor ends is left, without a word, to the run that finds it whole."""
    folder.add("a", message(1))
    file = folder.add("a", message(2), end="")
    whole = file.read_bytes()
    file.write_bytes(whole[:-5])
    first = folder.run()
    assert first.keys() == ["a/m1"]
    assert first.skips() == {}
    file.write_bytes(whole)
    assert folder.run(first.state).keys() == ["a/m2"]
