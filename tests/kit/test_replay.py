"""Evidence judged again: the same verdicts from the same bytes, and never a pass from edited ones."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kit_runs import ROOT, Kit, Ran

from pdpp_tck.evidence.notes import EvidenceError, Notes, read_notes


def told(ran: Ran) -> dict[tuple[str, str], Any]:
    """What a report says of each scenario that was run: verdict, reason, and the same of each clause."""
    return {
        (s["id"], s["subject"]["name"]): (s["verdict"], s.get("reason"), s["clauses"])
        for s in ran.report["scenarios"]
        if s["evidence"] is not None
    }


@pytest.fixture
def copied(refusals: Ran, tmp_path: Path) -> Path:
    """The evidence of PR-03.3, to do with what one likes."""
    return Path(shutil.copytree(refusals.evidence, tmp_path / "evidence"))


def test_a_replay_says_what_the_run_said(kit: Kit, whole: Ran) -> None:
    """Every evidence file of a good run gives the same verdicts and reasons again."""
    again = kit("replay", "--format", "json", str(whole.evidence))
    assert (again.status, told(again)) == (whole.status, told(whole))
    assert again.report["conformant"] is None


@pytest.mark.long
@pytest.mark.parametrize("program", ["drops_missing", "global_high_water"])
def test_a_replay_repeats_failures_and_their_reasons(
    judged: Callable[[str], Ran], kit: Kit, program: str
) -> None:
    """What failed or could not be seen is told again in the same words."""
    ran = judged(program)
    again = kit("replay", "--format", "json", str(ran.evidence))
    assert (again.status, told(again)) == (1, told(ran))


def test_an_edited_file_is_refused(called: Kit, copied: Path) -> None:
    """A changed byte ends 2 with the file's name, whatever the byte meant."""
    (file,) = copied.rglob("*.jsonl")
    content = file.read_bytes()
    file.write_bytes(content.replace(b'"status":400', b'"status":500', 1))
    ran = called("replay", str(file))
    assert ran.status == 2
    assert str(file) in ran.err
    assert "edited" in ran.err


def test_evidence_of_another_text_is_refused(called: Kit, copied: Path, tmp_path: Path) -> None:
    """A scenario whose text has changed since cannot be judged by old evidence."""
    features = Path(shutil.copytree(ROOT / "features", tmp_path / "features"))
    file = features / "polyfill_runtime" / "resource_scopes.feature"
    file.write_text(file.read_text().replace("| 7       ", "| 8       "))
    ran = called("replay", "--features", str(features), str(copied))
    assert ran.status == 2
    assert "another text of PR-03.3" in ran.err


def sealed(path: Path) -> bytes:
    """A small sealed evidence file."""
    notes = Notes(path, {"id": "X", "kind": "host", "digest": "d", "seed": 1, "subjects": {}})
    notes.add("http", 1.0, 2.0, body={"text": "ümlaut \ud83d", "n": 1})
    notes.close()
    return path.read_bytes()


def test_no_byte_can_change_unseen(tmp_path: Path) -> None:
    """Each byte in turn, set to another value: the file is refused."""
    content = sealed(tmp_path / "a.jsonl")
    chance = random.Random(7)
    for position in range(len(content)):
        other = bytearray(content)
        other[position] = chance.choice([value for value in range(256) if value != content[position]])
        file = tmp_path / "b.jsonl"
        file.write_bytes(bytes(other))
        with pytest.raises(EvidenceError):
            read_notes(file)


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    """Truncation at any byte is found."""
    content = sealed(tmp_path / "a.jsonl")
    for length in range(len(content)):
        file = tmp_path / "b.jsonl"
        file.write_bytes(content[:length])
        with pytest.raises(EvidenceError):
            read_notes(file)


def test_what_was_noted_is_what_is_read(tmp_path: Path) -> None:
    """Header and entries come back as they were, lone surrogates included."""
    sealed(tmp_path / "a.jsonl")
    header, entries = read_notes(tmp_path / "a.jsonl")
    assert header["id"] == "X"
    assert entries[0]["body"] == {"text": "ümlaut \ud83d", "n": 1}
    assert json.dumps(entries[0]["n"]) == "1"


@pytest.mark.parametrize("argument", ["nowhere.jsonl", "."])
def test_nothing_to_replay_ends_2(called: Kit, argument: str) -> None:
    """A file that is not there and a folder without evidence are named."""
    ran = called("replay", argument)
    assert ran.status == 2
    assert argument in ran.err


def test_a_rule_of_the_profile_wants_the_files_that_it_was_judged_by(
    kit: Kit, called: Kit, tmp_path: Path
) -> None:
    """The profile's evidence names other files by digest; without one of them nothing is judged again."""
    assert kit("run", "--select", "PR-01.1,CP-02", "--connector", "folder").status == 0
    rule = next(tmp_path.glob("reports/*/evidence/CP-02/*.jsonl"))
    other = next(tmp_path.glob("reports/*/evidence/PR-01.1/folder*.jsonl"))
    assert kit("replay", str(rule)).status == 0
    other.unlink()
    ran = called("replay", str(rule))
    assert ran.status == 2
    assert "another recording needs it" in ran.err
