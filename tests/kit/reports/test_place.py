"""A report's folder: replaced in one instant or not at all, and never anybody else's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kit_runs import KIT, Kit

from pdpp_tck.options import UsageError
from pdpp_tck.reports import swapping
from pdpp_tck.reports.place import Place, cut_off, place_at

FILES = ("index.html",)
HELD = """
import sys, time
from pathlib import Path
from pdpp_tck.reports.place import place_at
place = place_at(Path(sys.argv[1]), ())
(place.building / "evidence").mkdir()
print("held", flush=True)
time.sleep(60)
"""


def filled(place: Place, text: str) -> Place:
    """Something to publish."""
    (place.building / "report.json").write_text(text)
    return place


def test_a_report_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    """The folder is there with the old one until it is there with the new one; nothing else is left."""
    filled(place_at(tmp_path / "out", FILES), "one").publish()
    place = filled(place_at(tmp_path / "out", FILES), "two")
    assert (tmp_path / "out" / "report.json").read_text() == "one"
    place.publish()
    place.abandon()
    assert (tmp_path / "out" / "report.json").read_text() == "two"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["report.json"]


def test_where_names_cannot_be_exchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two renames do, and leave nothing either."""
    monkeypatch.setattr(swapping, "_exchanged", lambda new, old: False)
    test_a_report_takes_the_place_of_the_one_before(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="not run: asks Linux for its own way")
def test_names_are_exchanged_here(tmp_path: Path) -> None:
    """This system does it in one call."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert swapping.swap(tmp_path / "a", tmp_path / "b") == tmp_path / "a"
    assert (tmp_path / "b" / "a").exists()
    assert (tmp_path / "a" / "b").exists()


def test_an_abandoned_run_leaves_what_was_there(tmp_path: Path) -> None:
    """A refusal, or Ctrl-C."""
    filled(place_at(tmp_path / "out", FILES), "one").publish()
    filled(place_at(tmp_path / "out", FILES), "two").abandon()
    assert (tmp_path / "out" / "report.json").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_killed_run_is_told_of_and_a_living_one_is_not(tmp_path: Path) -> None:
    """Whoever comes next removes what a killed run left and says so; a run beside it is left alone."""
    out = tmp_path / "out"
    filled(place_at(out, FILES), "one").publish()
    command = [sys.executable, "-c", HELD, str(out)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        assert cut_off(out) == []
        beside = place_at(out, FILES)
        assert beside.cut == ()
        beside.abandon()
        other.kill()
    assert len(cut_off(out)) == 1
    place = place_at(out, FILES)
    assert "still holds the report of a run before it; its remains are removed" in place.cut[0]
    assert (out / "report.json").read_text() == "one"
    place.abandon()
    assert cut_off(out) == []


@pytest.mark.parametrize(("name", "told"), [("", "the folder you are in"), ("..", "the folder you are in")])
def test_the_folder_one_is_in_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    """Nor one around it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=told):
        place_at(Path(name), FILES)


def test_what_is_no_report_is_not_replaced(tmp_path: Path) -> None:
    """A folder with anything else in it, a file, a mount point, and what cannot be written."""
    (tmp_path / "notes.txt").touch()
    for path, told in (
        (tmp_path, "holds 'notes.txt', which is no part of a report"),
        (tmp_path / "notes.txt", "is a file"),
        (Path("/proc"), "is a mount point"),
        (tmp_path / "notes.txt" / "out", "cannot write"),
    ):
        with pytest.raises(UsageError, match=told):
            place_at(path, FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("number", "status"), [pytest.param(signal.SIGKILL, -9, marks=pytest.mark.long), (signal.SIGTERM, 130)]
)
def test_a_run_that_ends_in_the_middle(kit: Kit, tmp_path: Path, number: int, status: int) -> None:
    """Killed or asked to end: no half report, the one before stays, and the next run is as ever."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.json").write_text("the one before")
    command = [str(KIT), "run", "--select", "PR-01", "--report", "out"]
    with subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as run:
        end = time.monotonic() + 60
        while not list(tmp_path.glob("out.running-*/evidence/*/*.jsonl")) and time.monotonic() < end:
            time.sleep(0.02)
        os.kill(run.pid, number)
        _, said = run.communicate(timeout=60)
    assert run.returncode == status
    assert (out / "report.json").read_text() == "the one before"
    assert [path.name for path in out.iterdir()] == ["report.json"]
    if number == signal.SIGTERM:
        assert "interrupted; " in said
        assert "still holds the report of a run before it" in said
        assert [path.name for path in tmp_path.iterdir()] == ["out"]
        return
    after = kit("run", "--select", "PR-03.3", "--report", "out")
    assert after.status == 0, after.err
    assert "was cut off; out still holds the report of a run before it" in after.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    assert {"index.html", "junit.xml", "report.json"} <= {path.name for path in out.iterdir()}
