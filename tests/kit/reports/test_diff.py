"""Two reports side by side: what became worse is a regression and ends 1."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kit_runs import Ran
from typer.testing import CliRunner

from pdpp_tck.cli import app
from pdpp_tck.comparing.changes import changes
from pdpp_tck.comparing.telling import as_json, as_markdown, as_text

from .conftest import made

Change = Callable[[dict[str, Any]], object]


def first(report: dict[str, Any], verdict: str, level: str = "SHALL") -> None:
    """Give the first clause of that level another verdict."""
    entry, clause = next((e, c) for e in report["scenarios"] for c in e["clauses"] if c["level"] == level)
    clause["verdict"] = entry["verdict"] = verdict
    clause["reason"] = entry["reason"] = "so"


def waiver(**more: Any) -> dict[str, Any]:
    """A waiver as a report has it."""
    told = {"where": "w:1", "id": "PR-01.1", "subject": "x", "reason": "r", "issue": "i", "owner": "o"}
    return told | {"expires": "2027-01-01", "state": "used", "said": "", "covers": []} | more


CASES: list[tuple[str, Change, str, int]] = [
    ("failed", lambda r: first(r, "failed"), "regression", 1),
    ("unseen", lambda r: first(r, "not_observable"), "regression", 1),
    ("declined", lambda r: first(r, "not_applicable"), "regression", 1),
    ("dropped", lambda r: r["scenarios"].pop(), "regression", 1),
    ("permission", lambda r: first(r, "not_observable", "MAY"), "verdict changed", 0),
    ("permission broken", lambda r: first(r, "failed", "MAY"), "regression", 1),
    ("new", lambda r: r["scenarios"].append(r["scenarios"][0] | {"id": "PR-09.1"}), "new scenario", 0),
    ("spec", lambda r: r["spec"].update(digest="0" * 64), "spec changed", 0),
    ("text", lambda r: r["scenarios"][0].update(digest="0" * 64), "text changed", 0),
    ("claims", lambda r: r["subjects"][0].update(claims=["fields"]), "claim changed", 0),
    ("waiver", lambda r: r["waivers"].append(waiver()), "waiver changed", 0),
]


@pytest.mark.parametrize(("change", "what", "status"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_each_change_is_told(whole: Ran, tmp_path: Path, change: Change, what: str, status: int) -> None:
    """By its kind, in each format, and with the status that it deserves."""
    other = whole.report
    change(other)
    found = changes(whole.report, other)
    assert {one.what for one in found} == {what}
    for format in (as_text, as_json, as_markdown):
        assert what in format(found)
    assert (1 if any(one.what == "regression" for one in found) else 0) == status


def test_what_was_mended_is_fixed(whole: Ran) -> None:
    """The other way round it is no regression."""
    broken = whole.report
    first(broken, "failed")
    assert {one.what for one in changes(broken, whole.report)} == {"fixed"}


def test_a_changed_waiver_tells_both(whole: Ran) -> None:
    """As it was, and as it is."""
    before, after = whole.report, whole.report
    before["waivers"], after["waivers"] = [waiver()], [waiver(expires="2028-01-01")]
    (one,) = changes(before, after)
    assert "2027-01-01" in one.before
    assert "2028-01-01" in one.after


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_the_command(whole: Ran, tmp_path: Path, format: str) -> None:
    """Folders or files; 0 for the same, 1 for a regression, 2 for what is no report."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    for folder in (good, bad):
        folder.mkdir()
    (good / "report.json").write_text(whole.out)
    broken = whole.report
    first(broken, "failed")
    (bad / "report.json").write_text(json.dumps(broken))

    def ended(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["diff", *map(str, arguments), "--format", format])
        return done.exit_code, done.output

    assert ended(good, good / "report.json")[0] == 0
    status, told = ended(good, bad)
    assert (status, "regression" in told) == (1, True)
    assert ended(bad, good)[0] == 0
    assert ended(good, tmp_path / "nowhere")[0] == 2


def test_a_thousand_scenarios_are_compared_in_seconds(whole: Ran) -> None:
    """Both the comparison and its text."""
    before, after = made(whole.report, 1000), made(whole.report, 1000)
    after["scenarios"] = after["scenarios"][7:]
    began = time.process_time()
    found = changes(before, after)
    assert as_markdown(found)
    assert time.process_time() - began < 2
    assert sum(one.what == "regression" for one in found) == 7
