"""`spec check`: what it prints, in every form, and how it ends."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from pdpp_tck.cli import app
from pdpp_tck.ledger import read_ledger

PR = "changes/partitioned-streams-and-resource-scopes/specs/polyfill-runtime/spec.md"


@pytest.fixture
def copy(spec_dir: Path, tmp_path: Path) -> Path:
    """A copy of the specification that a test may edit."""
    return Path(shutil.copytree(spec_dir, tmp_path / "spec"))


def _check(folder: Path, *arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["spec", "check", str(folder), *arguments])
    return ran.exit_code, ran.output


def _document(folder: Path) -> tuple[int, dict[str, Any]]:
    status, out = _check(folder, "--format", "json")
    return status, json.loads(out)


def test_the_specification_is_covered(spec_dir: Path) -> None:
    """13 requirements, 28 scenarios, 90 clauses, nothing found, exit 0, in every form."""
    whole = "13 requirements, 28 scenarios, 90 clauses: all covered, none stale"
    assert _check(spec_dir) == (0, f"{whole}\n")
    assert _document(spec_dir) == (0, {"requirements": 13, "scenarios": 28, "clauses": 90, "findings": []})
    status, told = _check(spec_dir, "--format", "markdown")
    assert status == 0
    assert whole in told


def _line(file: Path, pattern: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if re.search(pattern, line))


def _changed(copy: Path, pattern: str, new: str) -> Path:
    """Edit the first place that a pattern matches, in whichever file it stands."""
    for file in sorted(copy.glob("changes/*/specs/*/spec.md")):
        text, times = re.subn(pattern, new, file.read_text(encoding="utf-8"), count=1)
        if times:
            file.write_text(text, encoding="utf-8")
            return file
    raise AssertionError(f"nothing matches {pattern!r}")


@pytest.mark.parametrize(
    ("pattern", "new", "kind", "id", "at"),
    [
        (r"(?<=- \*\*THEN\*\* )the", "each", "stale", "T1", r"\*\*THEN\*\* each"),
        (r"(?<=\n\n)(?=When )", "Only ", "stale", "R1", "^Only When"),
        ("### Requirement: ", "### Requirement: Anew: ", "renamed", "", "Requirement: Anew"),
        ("#### Scenario: ", "#### Scenario: Anew: ", "renamed", r"\.1", "Scenario: Anew"),
        (
            r"(?=\n#### Scenario: )",
            "\n#### Scenario: Another\n\n- **WHEN** x\n- **THEN** y\n",
            "uncovered",
            "Another",
            "Scenario: Another",
        ),
    ],
)
def test_one_edit_is_one_finding(copy: Path, pattern: str, new: str, kind: str, id: str, at: str) -> None:
    """One word, one title, one scenario more: named once, by id, file and line, and exit 1."""
    file = _changed(copy, pattern, new)
    status, told = _document(copy)
    (finding,) = told["findings"]
    assert status == 1
    assert (finding["kind"], finding["file"], finding["line"]) == (kind, str(file), _line(file, at))
    assert re.search(f"{id}$", finding["id"])
    assert (told["requirements"], told["clauses"]) == (13, 91 if kind == "uncovered" else 90)


def test_a_deleted_scenario_is_orphaned(copy: Path, ledger_file: Path) -> None:
    """Its rows are named where they stand in the ledger."""
    pattern = r"#### Scenario: Invalid or empty resource shape\n(?s:.*?)(?=\n#|\Z)"
    _changed(copy, pattern, "")
    status, told = _document(copy)
    (finding,) = told["findings"]
    assert (status, finding["kind"], finding["id"]) == (1, "orphaned", "PR-03.3")
    assert finding["file"] == str(ledger_file)
    assert ledger_file.read_text(encoding="utf-8").splitlines()[finding["line"] - 1] == 'id = "PR-03.3"'
    assert told["scenarios"] == 27


def test_another_shape_of_the_same_text_is_no_finding(copy: Path) -> None:
    """Reflowed, indented, with other bullets, line ends and spellings of headings it is the same."""
    for file in sorted(copy.glob("changes/*/specs/*/spec.md")):
        text = file.read_text(encoding="utf-8")
        text = re.sub(r"^- \*\*", "  * **", text, flags=re.MULTILINE)
        text = re.sub(r"^(  \* .{40}\S*) ", r"\1\n       ", text, flags=re.MULTILINE)
        text = re.sub(r"^(\w.{60}\S*) ", r"\1\n", text, flags=re.MULTILINE)
        text = text.replace("### Requirement: ", "###requirement:").replace("\n", "\r\n")
        file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert _document(copy) == (0, {"requirements": 13, "scenarios": 28, "clauses": 90, "findings": []})


def test_the_comment_is_a_work_queue(copy: Path) -> None:
    """As Markdown every finding is a task with its line, and nothing of the spec's text is markup."""
    _changed(copy, r"(?<=- \*\*THEN\*\* )the", "<b>[the](x)</b> *each*")
    status, told = _check(copy, "--format", "markdown")
    html = MarkdownIt().render(told)
    assert status == 1
    assert "- [ ] line " in told
    assert "&lt;b&gt;[the](x)&lt;/b&gt; *each*" in html
    assert "<em>" not in html


def test_what_cannot_be_read_ends_2(copy: Path, tmp_path: Path) -> None:
    """A folder without a specification, a file that is no text, and a ledger that is none."""
    assert _check(tmp_path / "nowhere")[0] == 2
    (tmp_path / "requirements.toml").write_text("ledger_version = 1\n", encoding="utf-8")
    status, told = _check(copy, "--features", str(tmp_path))
    assert (status, "requirements.toml" in told) == (2, True)
    (copy / PR).write_bytes(b"\xff")
    status, told = _check(copy)
    assert status == 2
    assert "spec.md: cannot be read" in told


def test_the_ledger_is_left_alone(spec_dir: Path, ledger_file: Path) -> None:
    """Checking writes nothing."""
    before = ledger_file.read_bytes()
    _check(spec_dir)
    assert ledger_file.read_bytes() == before
    assert read_ledger(ledger_file)


def test_the_commands_stand_where_they_are_looked_for() -> None:
    """In --help `spec` comes after `replay` and before `steps`, and has its four."""
    told = CliRunner().invoke(app, ["--help"]).output
    names = re.findall(r"^│ ([a-z]+) ", told, flags=re.MULTILINE)
    assert names[names.index("replay") :][:3] == ["replay", "spec", "steps"]
    told = CliRunner().invoke(app, ["spec", "--help"]).output
    assert re.findall(r"^│ ([a-z]+) ", told, flags=re.MULTILINE) == ["check", "scaffold", "coverage", "ack"]
