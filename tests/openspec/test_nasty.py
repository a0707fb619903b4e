"""Findings of texts that OpenSpec's own tool accepts, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdpp_tck.openspec import read_openspec

NASTY = Path(__file__).parent / "nasty"
_MAIN = """\
## Requirements

### Requirement: Bread

Bread SHALL rest.

#### Scenario: Rest

- **THEN** it rests
"""

SILENT = [
    (3, "outside-section", "mend: Too early"),
    (7, "outside-section", "mend: Nobody reads this"),
    (13, "unread", "mend"),
    (19, "empty-scenario", "mend: Bread: Nothing at all"),
    (21, "no-then", "mend: Bread: No outcome"),
    (30, "duplicate-scenario", "mend: Bread: Twice"),
    (34, "case-duplicate", "mend: Bread: twice"),
    (40, "stray-text", "mend: Bread: Stray"),
    (42, "first-step", "mend: Bread: Stray"),
    (43, "stray-text", "mend: Bread: Stray"),
    (44, "empty-step", "mend: Bread: Stray"),
    (46, "stray-text", "mend: Bread: Stray"),
    (48, "case-duplicate", "mend: bread"),
    (48, "no-scenario", "mend: bread"),
    (52, "unread", "mend: Salt"),
    (56, "unread", "mend: Lost with it"),
    (60, "depth", "mend: Sugar"),
    (64, "depth", "mend: Sugar: Sweetness"),
    (70, "unread", "mend: Sugar"),
    (74, "outside-section", "mend: Too late"),
]
NAMES = [
    (3, "unknown-name", "mend: Brad"),
    (11, "unknown-name", "mend: bread"),
    (21, "unknown-name", "mend: Butter"),
    (23, "unknown-name", "mend: Honey"),
    (27, "unknown-name", "mend: Jam"),
    (29, "half-rename", "mend"),
    (30, "half-rename", "mend"),
    (32, "unread", "mend: Not so"),
    (34, "outside-section", "mend: Requirements"),
    (36, "outside-section", "mend: Not in a change"),
]


def _spec(folder: Path, name: str) -> Path:
    file = folder / "changes" / "mend" / "specs" / "bakery" / "spec.md"
    main = folder / "specs" / "bakery" / "spec.md"
    for path, text in ((file, (NASTY / name).read_text(encoding="utf-8")), (main, _MAIN)):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("silent.md", [*SILENT, (15, "duplicate-requirement", "mend: Bread")]),
        ("names.md", NAMES),
        ("unended.md", [(3, "duplicate-requirement", "mend: Bread"), (11, "unended", "mend")]),
    ],
)
def test_each_finding_has_its_line(tmp_path: Path, name: str, found: list[tuple[int, str, str]]) -> None:
    """All that is said without effect is found where it stands, and nothing beside it."""
    file = _spec(tmp_path, name)
    findings = read_openspec(tmp_path).findings
    assert [(f.line, f.kind, f.id) for f in findings] == sorted(
        found, key=lambda each: (each[0], each[2], each[1])
    )
    assert {finding.file for finding in findings} == {file}


def test_a_finding_says_where_and_what_to_do(tmp_path: Path) -> None:
    """It prints as file, line, kind, id and a sentence with a remedy."""
    file = _spec(tmp_path, "unended.md")
    told = str(read_openspec(tmp_path).findings[-1])
    assert told.startswith(f"{file}:11: unended: mend: code or a comment begins here and never ends; nothing")


def test_without_main_specs_no_name_is_unknown(tmp_path: Path) -> None:
    """A folder of changes alone cannot say which requirements there were."""
    file = _spec(tmp_path, "names.md")
    (tmp_path / "specs" / "bakery" / "spec.md").unlink()
    findings = read_openspec(tmp_path).findings
    assert {finding.kind for finding in findings} == {kind for _, kind, _ in NAMES} - {"unknown-name"}
    assert {finding.file for finding in findings} == {file}
