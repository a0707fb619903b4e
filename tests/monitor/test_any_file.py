"""`check` on files of any kind: a verdict or one clear sentence, never a traceback."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from conversations import MANIFEST, Part, conversations
from hypothesis import given, settings
from hypothesis import strategies as st

from pdpp_tck.assembly import read_requirements
from pdpp_tck.checking import Checked, Unreadable, check_files
from pdpp_tck.checking.reading import _split
from pdpp_tck.verdict import Verdict

_, _, LEDGER = read_requirements(None)
UNSEEN = {"CP-01", "CP-13"}


def recorded(parts: list[Part]) -> bytes:
    """A transcript as the recorder writes it."""
    lines = []
    for n, part in enumerate(parts, start=1):
        try:
            content = {"line": part.bytes.decode()}
        except UnicodeDecodeError:
            content = {"b64": base64.b64encode(part.bytes).decode()}
        lines.append(json.dumps({"n": n, "t": 1.5, "dir": part.direction, **content}))
    return "".join(f"{line}\n" for line in lines).encode()


def captured(parts: list[Part], hosts: bool) -> bytes:
    """Stdout as it was, perhaps with the host's own lines among it."""
    wanted = ("in", "out") if hosts else ("out",)
    return b"".join(part.bytes + b"\n" for part in parts if part.direction in wanted)


def checked(content: bytes) -> Checked:
    """What becomes of a file with this content; raises Unreadable."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "any.jsonl"
        file.write_bytes(content)
        return check_files([file], MANIFEST)


def rules(found: Checked) -> set[str]:
    """The rules that were broken."""
    return set(found.counts)


@settings(deadline=None)
@given(conversations(), st.sampled_from(["recorded", "captured", "with hosts"]))
def test_a_good_conversation_breaks_nothing_in_any_form(parts: list[Part], form: str) -> None:
    """The same run as a transcript and as a capture, with the host's lines and without."""
    content = recorded(parts) if form == "recorded" else captured(parts, form == "with hosts")
    found = checked(content)
    assert rules(found) == set()
    assert {"CP-02", "CP-03", "CP-10", "CP-11"} <= found.seen
    assert ("CP-12" in found.seen) == (form == "recorded")
    assert found.status(LEDGER) == 0


@settings(deadline=None)
@given(conversations(), st.data(), st.booleans())
def test_a_file_cut_anywhere_has_a_verdict(parts: list[Part], data: st.DataObject, whole: bool) -> None:
    """What was said before the cut is judged; that nothing follows is nobody's breach but a lost DONE."""
    content = recorded(parts) if whole else captured(parts, True)
    cut = content[: data.draw(st.integers(0, len(content)))]
    found = checked(cut)
    allowed = set() if whole else {"CP-10"}
    assert rules(found) <= allowed
    if not cut.endswith(b"\n"):
        assert rules(found) == set()


@settings(deadline=None)
@given(conversations(), st.data())
def test_lines_swapped_or_said_twice_are_judged(parts: list[Part], data: st.DataObject) -> None:
    """A second RECORD, DONE or STATE is what it would be in a run."""
    at = data.draw(st.integers(1, len(parts) - 2))
    twice = rules(checked(recorded([*parts[:at], parts[at], *parts[at:]])))
    if parts[at].kind == "RECORD":
        assert twice == {"CP-11"}
    if parts[at].kind == "DONE":
        assert twice == {"CP-10"}
    other = data.draw(st.integers(1, len(parts) - 2))
    swapped = list(parts)
    swapped[at], swapped[other] = swapped[other], swapped[at]
    assert checked(recorded(swapped)).status(LEDGER) in (0, 1)


@settings(deadline=None)
@given(conversations(), st.sampled_from(["utf-16", "utf-32", "latin-1", "utf-8-sig"]))
def test_another_encoding_is_a_breach_and_no_riddle(parts: list[Part], encoding: str) -> None:
    """What is not UTF-8 breaks CP-02 at its line; a byte order mark is no JSON either."""
    text = '{"type": "PROGRESS", "message": "ü"}\n' + captured(parts, False).decode()
    found = checked(text.encode(encoding, "replace"))
    assert "CP-02" in rules(found)
    assert found.first("CP-02") is not None


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(content: bytes) -> None:
    """Whatever it is, it ends in a status or in a sentence that names the file."""
    try:
        status = checked(content).status(LEDGER)
    except Unreadable as error:
        status = 2 if "any.jsonl" in str(error) else 3
    assert status in (0, 1, 2, 4)


@settings(deadline=None)
@given(conversations(), st.data())
def test_a_spoilt_transcript_is_refused_with_its_line(parts: list[Part], data: st.DataObject) -> None:
    """A note in the middle that is none: file and line."""
    lines = recorded(parts).splitlines(keepends=True)
    at = data.draw(st.integers(1, len(lines) - 1))
    lines[at] = b'{"n": 1}\n'
    with pytest.raises(Unreadable, match=rf"any\.jsonl: line {at + 1} is no note"):
        checked(b"".join(lines))


def test_several_runs_in_one_file_and_in_several(tmp_path: Path) -> None:
    """Each START begins a run in a capture, each exit ends one in a transcript."""
    start = '{"type": "START", "run_id": "r", "scope": {"streams": [{"name": "tags"}]}}\n'
    done = '{"type": "DONE", "status": "succeeded", "records_emitted": 0}\n'
    (tmp_path / "a.jsonl").write_text((start + done) * 2)
    (tmp_path / "b.jsonl").write_text(done)
    found = check_files([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], None)
    assert (found.runs, rules(found)) == (3, set())


def test_what_a_manifest_would_tell_is_not_judged_without_it(tmp_path: Path) -> None:
    """A narrowed run's fields, window and resources depend on it."""
    scope = {
        "name": "s",
        "resources": ["x"],
        "fields": ["a"],
        "time_range": {"since": "2024-01-01T00:00:00Z"},
    }
    lines = [
        {"type": "START", "run_id": "r", "scope": {"streams": [scope]}},
        {"type": "RECORD", "stream": "s", "key": "1", "data": {"b": 1}, "emitted_at": "2026-01-01T00:00:00Z"},
        {"type": "DONE", "status": "succeeded", "records_emitted": 1},
    ]
    file = tmp_path / "a.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert rules(check_files([file], None)) == set()
    declared = {"streams": [{"name": "s", "schema": {}, "primary_key": ["id"]}]}
    found = check_files([file], declared)
    assert rules(found) == {"CP-05"}
    verdicts = {clause.id: verdict for clause, verdict, _, _ in found.verdicts(LEDGER)}
    assert verdicts["PR-03.1/T3"] == verdicts["CP-05/T1"] == Verdict.FAILED
    assert verdicts["PR-01.1/T1"] == Verdict.NOT_OBSERVABLE


def test_a_line_without_an_end_is_not_held(tmp_path: Path) -> None:
    """What is longer than the limit is told as that, and nothing of it is kept."""
    file = tmp_path / "a"
    file.write_bytes(b"x" * 1_000_000 + b"\nshort\n" + b"y" * 600_000)
    with file.open("rb") as opened:
        assert list(_split(opened, 1000)) == [
            (b"", False, True),
            (b"short", False, False),
            (b"", True, True),
        ]
