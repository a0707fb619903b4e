"""What the page shows of a failure's evidence."""

from __future__ import annotations

import sys

from kit_runs import WRONG, Kit, Ran

from pdpp_plugins.writers.page.rendering import rendered
from pdpp_plugins.writers.page.transcript import AFTER, BEFORE, excerpt


def test_the_first_bad_line_is_marked(kit: Kit) -> None:
    """The transcript of the run that the clause failed in, the line as the report has it."""
    options = ["--manifest", str(WRONG / "manifest.json"), "--source-driver", "folder"]
    command = ["--", sys.executable, str(WRONG / "ignores_resources.py")]
    failing = "PR-03.1,PR-03/odd-names,CP-05"
    ran = kit("run", "--format", "json", "--select", failing, *options, *command)
    assert ran.failed() == set(failing.split(","))
    entry = next(s for s in ran.report["scenarios"] if s["id"] == "PR-03.1")
    line = next(clause["line"] for clause in entry["clauses"] if "line" in clause)
    shown = excerpt(entry, ran.evidence.parent)
    (bad,) = [one for one in shown.lines if one.bad]
    assert (bad.n, bad.text) == (line["n"], line["text"])
    assert len(shown.lines) <= BEFORE + AFTER + 1
    page = rendered(ran.report, ran.evidence.parent)
    assert page.count("<strong>first bad line</strong>") == 3
    assert f"pdpp-tck replay {entry['evidence']}" in page


def test_without_a_bad_line_the_exchanges_are_shown(whole: Ran) -> None:
    """Requests and answers, the last of them, with their statuses."""
    entry = next(s for s in whole.report["scenarios"] if s["id"] == "PR-03.3")
    shown = excerpt(entry, whole.evidence.parent)
    assert any("→ 400" in line.text for line in shown.lines)


def test_evidence_that_is_gone_is_said_to_be(whole: Ran) -> None:
    """The page of a report that was carried away alone says so."""
    entry = whole.report["scenarios"][0] | {"evidence": "evidence/nowhere.jsonl"}
    assert "cannot be read" in excerpt(entry, whole.evidence.parent).title
