"""JUnit XML: what CI servers show of test runs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.reports.writer import ReportWriter

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TROUBLE = {
    "failed": "failure",
    "stale": "failure",
    "error": "error",
    # A server takes what was skipped for green, and these are not.
    "not_run": "error",
    "not_observable": "error",
    "not_applicable": "skipped",
}


class JUnit:
    """One test suite for each requirement, one test case for each scenario on each subject."""

    name = "junit"
    file = "junit.xml"

    def write(self, report: Mapping[str, Any], folder: Path) -> str:
        """The whole report; ids, requirement and level are properties."""
        root = Element("testsuites", name="pdpp-tck")
        titles = {entry["id"]: entry["title"] for entry in report["requirements"]}
        for requirement, entries in groupby(report["scenarios"], key=lambda entry: str(entry["requirement"])):
            suite = SubElement(root, "testsuite", name=_text(f"{requirement} {titles.get(requirement, '')}"))
            suite.set("timestamp", report["started_at"])
            _properties(suite, _of_run(report))
            for entry in entries:
                _case(suite, entry)
            _count(suite, list(suite.iter("testcase")))
        _count(root, list(root.iter("testcase")))
        indent(root)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _case(suite: Element, entry: Mapping[str, Any]) -> None:
    subject = entry["subject"]
    case = SubElement(suite, "testcase", name=_text(f"{entry['id']} {entry['title']}"))
    case.set("classname", _text(f"{entry['requirement']}.{subject['kind']}.{subject['name']}"))
    case.set("time", f"{entry['duration_s']:.3f}")
    _properties(case, _of_scenario(entry))
    outcome = _outcome(entry)
    if outcome is not None:
        kind, why = outcome
        trouble = SubElement(case, kind, type=entry["verdict"], message=_text(why)[:1000])
        trouble.text = _text("\n".join(_told(clause) for clause in entry["clauses"]))
    if entry["evidence"]:
        SubElement(case, "system-out").text = _text(f"evidence: {entry['evidence']}")


def _outcome(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """The element for a verdict that is no pass, and its message; None for a pass."""
    if entry["verdict"] == "passed":
        return None
    why = entry.get("reason", "")
    kind = _TROUBLE[entry["verdict"]]
    if entry["verdict"] != "error" and (entry.get("new") or _all_waived(entry)):
        return "skipped", f"{'new since lock' if entry.get('new') else 'waived'}: {entry['verdict']}: {why}"
    return kind, why


def _all_waived(entry: Mapping[str, Any]) -> bool:
    bad = [c for c in entry["clauses"] if c["verdict"] not in ("passed", "not_applicable")]
    gating = [c for c in bad if c["level"] != "MAY" or c["verdict"] in ("failed", "error", "stale")]
    return bool(gating) and all(clause.get("waived") for clause in gating)


def _of_run(report: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kit": report["kit"]["version"],
        "spec": report["spec"]["digest"],
        "features": report["features"]["digest"],
        "host": f"{report['host']['name']} {report['host']['version']}",
        "storage": f"{report['storage']['name']} {report['storage']['version']}",
        "seed": report["seed"],
        "conformant": report["conformant"],
        "exit_status": report["exit_status"],
    }


def _of_scenario(entry: Mapping[str, Any]) -> dict[str, Any]:
    levels = dict.fromkeys(clause["level"] for clause in entry["clauses"])
    known = {
        "id": entry["id"],
        "requirement": entry["requirement"],
        "level": ", ".join(levels),
        "kind": entry["subject"]["kind"],
        "subject": entry["subject"]["name"],
        "verdict": entry["verdict"],
        "derivation": entry.get("derivation"),
        "waived": entry.get("waived"),
        "new": entry.get("new"),
    }
    return {name: value for name, value in known.items() if value is not None}


def _properties(parent: Element, values: Mapping[str, Any]) -> None:
    held = SubElement(parent, "properties")
    for name, value in values.items():
        told = str(value).lower() if isinstance(value, bool) or value is None else str(value)
        SubElement(held, "property", name=name, value=_text(told))


def _count(element: Element, cases: Sequence[Element]) -> None:
    given = Counter(child.tag for case in cases for child in case)
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(given[tag]))
    element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def _told(clause: Mapping[str, Any]) -> str:
    waived = ", waived" if clause.get("waived") else ""
    reason = f": {clause['reason']}" if clause.get("reason") else ""
    return f"{clause['id']} {clause['verdict']} ({clause['level']}{waived}){reason}"


def _text(said: str) -> str:
    """What XML can hold of a text."""
    return _NO_XML.sub("\ufffd", said)


@hookimpl
def register_report_writers() -> Sequence[ReportWriter]:
    """JUnit XML as `junit.xml`."""
    return [JUnit()]
