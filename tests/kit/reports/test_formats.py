"""One run in every form: parsed back, all forms say the same, to the last scenario."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from kit_runs import ROOT, Ran
from markdown_it import MarkdownIt

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.plugins import PluginError, load_plugins
from pdpp_tck.reports.document import ReportError, hold
from pdpp_tck.reports.writing import report_writers, told, write_all

from .conftest import HOSTILE, made

Row = tuple[str, str, str, str]


def in_json(folder: Path) -> list[Row]:
    """(id, kind, subject, verdict) of each scenario, as the JSON has them."""
    report = json.loads((folder / "report.json").read_text())
    return [(s["id"], s["subject"]["kind"], s["subject"]["name"], s["verdict"]) for s in report["scenarios"]]


def cases(folder: Path) -> list[tuple[Any, dict[str, str]]]:
    """Each test case as junitparser reads it, with its properties."""
    found = []
    for suite in JUnitXml.fromfile(str(folder / "junit.xml")):
        assert {"spec", "seed", "exit_status"} <= {one.name for one in suite.properties()}
        for case in suite:
            held = {p.get("name"): p.get("value") for p in case._elem.iter("property")}
            found.append((case, held))
    return found


def in_junit(folder: Path) -> list[Row]:
    """The same from the properties of each test case."""
    return [(held["id"], held["kind"], held["subject"], held["verdict"]) for _, held in cases(folder)]


def in_markdown(folder: Path) -> list[Row]:
    """The same from the last table."""
    tokens = MarkdownIt().enable("table").parse((folder / "summary.md").read_text())
    starts = [at for at, token in enumerate(tokens) if token.type == "tbody_open"]
    cells = ["".join(c.content for c in t.children or ()) for t in tokens[starts[-1] :] if t.type == "inline"]
    rows = [cells[at : at + 6] for at in range(0, len(cells), 6)]
    return [(r[0], r[1], r[2], re.sub(r"^\W+", "", r[3].partition(",")[0]).replace(" ", "_")) for r in rows]


class Results(HTMLParser):
    """Collects the results on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if "data-scenario" in held:
            told = [held[f"data-{name}"] for name in ("scenario", "kind", "subject", "verdict")]
            self.rows.append((told[0], told[1], told[2], told[3]))


def in_html(folder: Path) -> list[Row]:
    """The same from the attributes of each result."""
    parser = Results()
    parser.feed((folder / "index.html").read_text())
    return parser.rows


def test_all_forms_agree(folder: Path) -> None:
    """JSON, JUnit, Markdown and the page hold the same results, each once, whatever was said in them."""
    rows = in_json(folder)
    assert len({row[3] for row in rows}) == 7
    for read in (in_junit, in_markdown, in_html):
        assert Counter(read(folder)) == Counter(rows), read.__name__


def test_a_real_run_is_told_the_same(whole: Ran, tmp_path: Path) -> None:
    """So do they for a run as it was, and its schema accepts it."""
    hold(whole.report, ROOT / "features")
    write_all(whole.report, tmp_path, report_writers(load_plugins()))
    for read in (in_junit, in_markdown, in_html):
        assert Counter(read(tmp_path)) == Counter(in_json(tmp_path)), read.__name__


def test_junit_shows_red_what_is_not_green(folder: Path) -> None:
    """A failure, an error and what was not seen are no pass and are not skipped, unless excused."""
    known = {"passed": None, "failed": Failure, "stale": Failure, "not_applicable": Skipped}
    for case, held in cases(folder):
        excused = held.get("new") or (held.get("waived") and len(case.result[0].text.splitlines()) == 1)
        wanted = Skipped if excused and held["verdict"] != "passed" else known.get(held["verdict"], Error)
        given = [type(one) for one in case.result]
        if not held.get("waived"):
            assert given == ([wanted] if wanted else []), held


def test_junit_counts(folder: Path) -> None:
    """The counts of the whole and of each suite are those of its cases."""
    whole = JUnitXml.fromfile(str(folder / "junit.xml"))
    before = [(s.name, s.tests, s.failures, s.errors, s.skipped) for s in whole]
    whole.update_statistics()
    assert before == [(s.name, s.tests, s.failures, s.errors, s.skipped) for s in whole]


def test_nothing_that_is_said_becomes_markup(folder: Path) -> None:
    """Neither the page nor the summary has an element or a link that a subject brought."""
    page = (folder / "index.html").read_text()
    assert page.count("<script") == 1
    assert "<b>&amp;amp;" not in page
    assert "&lt;script&gt;alert(1)" in page
    rendered = (
        MarkdownIt("commonmark", {"html": True}).enable("table").render((folder / "summary.md").read_text())
    )
    assert "<script" not in rendered
    assert "<img" not in rendered
    assert "alert(1)" in rendered


def test_the_matrix_is_told_or_said_to_be_absent(folder: Path, whole: Ran, tmp_path: Path) -> None:
    """Both the page and the summary tell how many mutants were caught, or that nobody knows."""
    assert "1 killed, 1 survived" in (folder / "summary.md").read_text()
    assert "m2" in (folder / "index.html").read_text()
    writers = report_writers(load_plugins())
    without = whole.report | {"matrix": None}
    assert "kill matrix: absent" in told(writers["markdown"], without, tmp_path)
    assert "There is no kill matrix" in told(writers["html"], without, tmp_path)


def test_a_thousand_scenarios_take_seconds(whole: Ran, tmp_path: Path) -> None:
    """Every form of a report of a thousand results is written in less than five seconds."""
    report = made(whole.report, 1000)
    began = time.process_time()
    write_all(report, tmp_path, report_writers(load_plugins()))
    assert time.process_time() - began < 5
    assert len(in_html(tmp_path)) == len(report["scenarios"]) > 1000


class Broken:
    """A writer that cannot."""

    name = "broken"
    file = "broken.txt"

    def write(self, report: Any, folder: Path) -> str:
        raise KeyError("nothing")


class Taken(Broken):
    """A writer of a file that another one writes."""

    file = "junit.xml"

    @hookimpl
    def register_report_writers(self) -> list[Broken]:
        return [self]


def test_a_writer_that_breaks_is_named(whole: Ran, tmp_path: Path) -> None:
    """By its name, with what happened."""
    with pytest.raises(ReportError, match="'broken': KeyError"):
        told(Broken(), whole.report, tmp_path)


def test_two_writers_of_one_file_are_refused() -> None:
    """Before anything is written."""
    manager = load_plugins()
    manager.register(Taken())
    with pytest.raises(PluginError, match="writes 'junit.xml': that name or that file is taken"):
        report_writers(manager)


def test_the_words_are_hostile() -> None:
    """The report of these tests holds what each form would trip over."""
    for sign in ("<script", "|", "]]>", "`", "\x00", "\ud83d", "!["):
        assert sign in HOSTILE
