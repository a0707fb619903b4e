"""Markdown for the summary of a CI job."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.reports.writer import ReportWriter

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~!&+])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SIGN = {
    "passed": "✅",
    "failed": "❌",
    "error": "💥",
    "stale": "❌",
    "not_observable": "⚠️",
    "not_run": "⚠️",
    "not_applicable": "➖",
}
_WORDS = {True: "Conformant", False: "Not conformant", None: "A selection was judged"}


class Markdown:
    """The verdict, the requirements, what did not pass, and every scenario."""

    name = "markdown"
    file = "summary.md"

    def write(self, report: Mapping[str, Any], folder: Path) -> str:
        """The whole report; nothing that a subject said is read as markup."""
        return "\n".join(
            [
                *_head(report),
                *_requirements(report),
                *_trouble(report),
                *_ruled(report),
                *_scenarios(report),
            ]
        )


def _head(report: Mapping[str, Any]) -> Iterator[str]:
    excused = report["conformant"] is False and report["exit_status"] == 0
    sign = "✅" if report["exit_status"] == 0 and not excused else "⚠️" if excused else "❌"
    yield f"# {sign} {_WORDS[report['conformant']]}{', but excused' if excused else ''}"
    yield ""
    counts = ", ".join(f"{count} {_words(verdict)}" for verdict, count in report["summary"].items() if count)
    took, status = f"{report['duration_s']:.1f} s", report["exit_status"]
    yield f"{counts or 'nothing was judged'} in {took}, exit status {status}."
    subjects = (f"{s['kind']} {_text(s['name'])} {_text(s['version'])}" for s in report["subjects"])
    yield f"Judged: {', '.join(subjects)}. Seed {report['seed']}, pdpp-tck {report['kit']['version']}."
    for line in report.get("miscounted", ()):
        yield f"\n**Accounting:** {_text(line)}"
    yield ""


def _requirements(report: Mapping[str, Any]) -> Iterator[str]:
    yield from ("| requirement | verdict | title |", "|---|---|---|")
    for entry in report["requirements"]:
        yield f"| {entry['id']} | {_verdict(entry)} | {_text(entry['title'])} |"
    yield ""


def _trouble(report: Mapping[str, Any]) -> Iterator[str]:
    for entry in report["scenarios"]:
        bad = [c for c in entry["clauses"] if c["verdict"] not in ("passed", "not_applicable")]
        if not bad:
            continue
        yield f"### {entry['id']} for {_text(entry['subject']['name'])}: {_verdict(entry)}"
        yield ""
        for clause in bad:
            waived = ", waived" if clause.get("waived") else ""
            said = _text(clause.get("sentence", clause["says"]))
            told = f"**{_words(clause['verdict'])}** ({clause['level']}{waived}). {said}"
            yield f"* `{clause['id']}` {told}"
            yield from _seen(clause)
        if entry["evidence"]:
            yield from ("", *_fenced(f"pdpp-tck replay {entry['evidence']}"))
        yield ""


def _seen(clause: Mapping[str, Any]) -> Iterator[str]:
    if "expected" not in clause:
        yield f"  * {_text(clause.get('reason', ''))}"
        return
    yield f"  * expected {_text(clause['expected'])}"
    yield f"  * seen {_text(clause.get('seen', ''))}"
    if line := clause.get("line"):
        yield f"  * line {line['n']} of run {_text(line['run'])}: {_text(line['text'][:300])}"


def _ruled(report: Mapping[str, Any]) -> Iterator[str]:
    lines = [
        f"waiver {_text(w['where'])} {_text(w['id'] or 'without id')}: {w['state']}: {_text(w['said'])}"
        for w in report["waivers"]
    ]
    lines += [_text(line) for line in report["gate"]["unmet"]]
    if report["lock"] and report["lock"]["new"]:
        lines.append(f"new since lock, not gating: {_text(', '.join(report['lock']['new']))}")
    if report["matrix"] is None:
        lines.append("kill matrix: absent")
    else:
        counted = report["matrix"]["counted"]
        told = ", ".join(f"{count} {_words(name)}" for name, count in sorted(counted.items()))
        lines.append(f"kill matrix: {told or 'empty'}")
    yield from (f"* {line}" for line in lines)
    yield ""


def _scenarios(report: Mapping[str, Any]) -> Iterator[str]:
    yield from ("<details><summary>Every scenario</summary>", "")
    yield from ("| scenario | kind | subject | verdict | time | title |", "|---|---|---|---|---:|---|")
    for entry in report["scenarios"]:
        subject = entry["subject"]
        cells = (entry["id"], subject["kind"], _text(subject["name"]), _verdict(entry))
        yield f"| {' | '.join(cells)} | {entry['duration_s']:.2f} s | {_text(entry['title'])} |"
    yield from ("", "</details>", "")


def _verdict(entry: Mapping[str, Any]) -> str:
    notes = [name for name, flag in (("waived", "waived"), ("new since lock", "new")) if entry.get(flag)]
    return ", ".join([f"{_SIGN[entry['verdict']]} {_words(entry['verdict'])}", *notes])


def _words(name: str) -> str:
    return name.replace("_", " ")


def _fenced(text: str) -> tuple[str, str, str]:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return fence, _CONTROL.sub("\ufffd", text), fence


def _text(said: str) -> str:
    """A text in which nothing is markup, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(_CONTROL.sub("\ufffd", said).split()))


@hookimpl
def register_report_writers() -> Sequence[ReportWriter]:
    """Markdown as `summary.md`."""
    return [Markdown()]
