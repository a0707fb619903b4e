"""`spec ack`: what it writes, what it leaves as it is, and what it refuses."""

from __future__ import annotations

import difflib
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest
from specifications import LEDGER, another_word, reworded
from typer.testing import CliRunner

from pdpp_tck.cli import app
from pdpp_tck.ledger import read_ledger

NEW = "\n\n#### Scenario: Told\n\n- **WHEN** a resource is gone\n- **THEN** it is told\n"
SCENARIO = "#### Scenario: Prior partition remains present"


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """A copy of the ledger that a test may have written."""
    (tmp_path / "features").mkdir()
    return Path(shutil.copy(LEDGER, tmp_path / "features")).parent


@pytest.fixture
def moved(spec_dir: Path, tmp_path: Path) -> Path:
    """A copy of the specification with one THEN, one sentence's level and one title changed."""
    copy = Path(shutil.copytree(spec_dir, tmp_path / "spec"))
    reworded(copy, "PR-01.1/T2", another_word)
    reworded(copy, "PR-01/R2", lambda text: text.replace(" SHALL ", " MAY "))
    (file,) = copy.glob("changes/partitioned-*/specs/*/spec.md")
    text = file.read_text(encoding="utf-8").replace(SCENARIO, f'{SCENARIO}, "still"')
    file.write_text(text, encoding="utf-8")
    return copy


def _run(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["spec", *arguments])
    return ran.exit_code, ran.output


def _ack(moved: Path, features: Path, *ids: str, reason: str = "They say the same.") -> tuple[int, str]:
    return _run("ack", *ids, "--spec", str(moved), "--features", str(features), "--reason", reason)


def test_what_was_accepted_is_found_no_more(moved: Path, features: Path) -> None:
    """Hash, level and title are written one by one, and after the last nothing is left to do."""
    statuses = []
    for id in ("PR-01.1/T2", "PR-01/R2", "PR-01.2"):
        statuses.append(_run("check", str(moved), "--features", str(features))[0])
        assert _ack(moved, features, id)[0] == 0
    assert statuses == [1, 1, 1]
    assert _run("check", str(moved), "--features", str(features))[0] == 0
    ledger = read_ledger(features / "requirements.toml")
    assert ledger.clause("PR-01/R2").level == "MAY"
    assert ledger.scenario("PR-01.2").title == 'Prior partition remains present, "still"'


def test_nothing_else_in_the_file_changes(moved: Path, features: Path) -> None:
    """Of the ledger's lines only the hash and the digest are others; comments and layout stay."""
    before = LEDGER.read_text(encoding="utf-8").splitlines()
    _ack(moved, features, "PR-01.1/T2")
    after = (features / "requirements.toml").read_text(encoding="utf-8").splitlines()
    changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
    assert sorted(line.partition("=")[0] for line in changed) == [
        "+ digest ",
        "+ hash ",
        "- digest ",
        "- hash ",
    ]


def test_the_reason_and_the_day_are_kept(moved: Path, features: Path) -> None:
    """Each change is an entry of a file beside the ledger, after those before it."""
    _ack(moved, features, "PR-01.1/T2", reason='It is "the same".')
    status, told = _ack(moved, features, "PR-01.2", reason="Renamed.")
    kept = tomllib.loads((features / "acknowledged.toml").read_text(encoding="utf-8"))["acknowledged"]
    assert (status, str(features / "acknowledged.toml") in told) == (0, True)
    assert [(each["id"], each["field"], each["reason"]) for each in kept] == [
        ("PR-01.1/T2", "hash", 'It is "the same".'),
        ("PR-01.2", "title", "Renamed."),
    ]
    assert kept[0]["was"] == read_ledger(LEDGER).clause("PR-01.1/T2").hash
    assert all(isinstance(each["date"], date) for each in kept)


@pytest.mark.parametrize(
    ("id", "reason", "told"),
    [
        ("PR-01.1/T9", "So.", "PR-01.1/T9: unknown; did you mean PR-01.1/T"),
        ("PR-02.1", "So.", "PR-02.1: nothing of its own has changed that could be accepted; see"),
        ("PR-01.1", "So.", "below it PR-01.1/T2 have"),
        ("PR-01.1/T2", "  ", "--reason is empty"),
    ],
)
def test_what_cannot_be_accepted_is_refused(
    moved: Path, features: Path, id: str, reason: str, told: str
) -> None:
    """An id without a change, or no reason: exit 2, and nothing is written."""
    status, out = _ack(moved, features, "PR-01.2", id, reason=reason)
    assert status == 2
    assert told in " ".join(out.split())
    assert (features / "requirements.toml").read_bytes() == LEDGER.read_bytes()
    assert not (features / "acknowledged.toml").exists()


def test_another_number_of_clauses_is_refused(spec_dir: Path, features: Path, tmp_path: Path) -> None:
    """Where a sentence with two modals has one now, rows have to be written by hand, and check says so."""
    copy = Path(shutil.copytree(spec_dir, tmp_path / "spec"))
    reworded(copy, "PR-02/R2a", lambda text: text.replace(" MAY ", " can "))
    assert _ack(copy, features, "PR-02/R2a")[0] == 2
    assert "which" not in _run("check", str(copy))[1]
    assert "write its rows anew" in _run("check", str(copy))[1]


def test_an_installed_ledger_is_not_written(
    moved: Path, features: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger of an installed kit is nobody's to edit: a copy is to be named."""
    monkeypatch.setattr("pdpp_tck.specifying.acknowledging.installed", lambda: features)
    status, told = _ack(moved, features, "PR-01.2")
    assert status == 2
    assert "copy that folder, edit the copy, and name it with --features" in " ".join(told.split())
    assert (features / "requirements.toml").read_bytes() == LEDGER.read_bytes()


def test_rows_of_an_authors_folder_are_written_there(spec_dir: Path, features: Path, tmp_path: Path) -> None:
    """What stands beside ours has its own file, without a digest, and its reasons beside it."""
    copy = Path(shutil.copytree(spec_dir, tmp_path / "spec"))
    (file,) = copy.glob("changes/partitioned-*/specs/*/spec.md")
    text = file.read_text(encoding="utf-8").rstrip() + NEW
    file.write_text(text, encoding="utf-8")
    folder = tmp_path / "mine"
    assert _run("scaffold", str(copy), "--into", str(folder))[0] == 0
    rows = folder / "requirements.toml"
    rows.write_text(rows.read_text(encoding="utf-8").replace("FILL IN: ", ""), encoding="utf-8")
    assert _run("check", str(copy), "--features", str(folder))[0] == 0
    file.write_text(text.replace("it is told", "it is said"), encoding="utf-8")
    assert _run("check", str(copy), "--features", str(folder))[0] == 1
    assert _ack(copy, folder, "PR-03.4/T1") == (0, _told(folder))
    assert _run("check", str(copy), "--features", str(folder))[0] == 0


def _told(folder: Path) -> str:
    kept = tomllib.loads((folder / "acknowledged.toml").read_text(encoding="utf-8"))["acknowledged"][0]
    where = folder / "acknowledged.toml"
    return f"PR-03.4/T1: hash is {kept['now']!r}, was {kept['was']!r}\nthe reason is kept in {where}\n"
