"""Whether a report adds up: everything due is in it once, and its end follows from its verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pdpp_tck.gate.deciding import Rules, decide
from pdpp_tck.gate.demands import Demands
from pdpp_tck.gate.judged import of_report
from pdpp_tck.gate.lock import Compared, name_of
from pdpp_tck.gate.waivers import Waiver, Weighed
from pdpp_tck.ledger import Ledger
from pdpp_tck.ledger import Scenario as Entry
from pdpp_tck.reports.sealing import label
from pdpp_tck.verdict import Verdict, requirement_verdict

_NAMELESS = Waiver("", "", "", "", "", "", None)


def counted(report: Mapping[str, Any], ledger: Ledger) -> Iterator[str]:
    """Results that are due by the ledger and missing, or there more than once."""
    given = Counter((e["id"], e["subject"]["kind"], e["subject"]["name"]) for e in report["scenarios"])
    due = set(_due(report, ledger))
    yield from (f"{' '.join(key)}: is due and not in the report" for key in sorted(due - given.keys()))
    yield from (f"{' '.join(key)}: is in the report {n} times" for key, n in given.items() if n > 1)
    if "miscounted" in report:
        yield f"the run itself did not add up: {report['miscounted'][0]}"


def decided(report: Mapping[str, Any]) -> Iterator[str]:
    """Verdicts, counts and the end, where they do not follow from the clauses."""
    judged = [of_report(entry) for entry in report["scenarios"]]
    for entry, one in zip(report["scenarios"], judged, strict=True):
        if one.verdict != entry["verdict"]:
            yield f"{label(entry)}: {entry['verdict']}, but its clauses make it {one.verdict}"
    verdicts = Counter(entry["verdict"] for entry in report["scenarios"])
    for verdict, said in report["summary"].items():
        if said != verdicts[verdict]:
            yield f"summary/{verdict}: the report says {said}, its scenarios make {verdicts[verdict]}"
    for entry in report["requirements"]:
        mine = [Verdict(e["verdict"]) for e in report["scenarios"] if e["requirement"] == entry["id"]]
        if requirement_verdict(mine) != entry["verdict"]:
            yield f"{entry['id']}: {entry['verdict']}, but its scenarios make it {requirement_verdict(mine)}"
    yield from _excused(report)
    end = decide(judged, "miscounted" not in report, "selection" in report, _rules(report))
    if (end.status, end.conformant) != (report["exit_status"], report["conformant"]):
        told = f"{report['exit_status']} and conformant {report['conformant']}"
        yield f"exit_status: the report says {told}; its verdicts make {end.status} and {end.conformant}"


def _due(report: Mapping[str, Any], ledger: Ledger) -> Iterator[tuple[str, str, str]]:
    """What the ledger obliges these subjects to, by the selection and advice of the report."""
    selection, advice = set(report.get("selection", ())), report["advice"]
    for requirement in ledger.headings:
        for scenario in (*requirement.scenarios, *requirement.derived):
            chosen = not selection or bool(selection & {scenario.id, requirement.id})
            unasked = scenario.long or (scenario.derived == "advice" and not advice)
            if chosen and (not unasked or scenario.id in selection):
                yield from _on_each(scenario, report)


def _on_each(scenario: Entry, report: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for subject in report["subjects"]:
        if scenario.obliged(subject["kind"]):
            yield scenario.id, subject["kind"], subject["name"]


def _excused(report: Mapping[str, Any]) -> Iterator[str]:
    """Flags that no waiver and no lock stands behind."""
    used = [waiver for waiver in report["waivers"] if waiver["state"] == "used"]
    new = set(report["lock"]["new"]) if report["lock"] else set()
    for entry in report["scenarios"]:
        if entry.get("new") and name_of(entry["id"], entry["subject"]["kind"]) not in new:
            yield f"{label(entry)}: new since the lock, though the lock does not say so"
        for clause in (clause for clause in entry["clauses"] if clause.get("waived")):
            name = entry["subject"]["name"]
            if not any(w["subject"] == name and clause["id"] in w["covers"] for w in used):
                yield f"{label(entry)}: {clause['id']} is waived by no waiver of the report"


def _rules(report: Mapping[str, Any]) -> Rules:
    """The rules as the report holds them."""
    covers = frozenset(
        (of_report(entry).key, clause["id"])
        for entry in report["scenarios"]
        for clause in entry["clauses"]
        if clause.get("waived")
    )
    states = [Weighed(_NAMELESS, waiver["state"], "") for waiver in report["waivers"]]
    held = {name: tuple(v) if isinstance(v, list) else v for name, v in report["gate"]["demands"].items()}
    demands: Any = held
    waivers = (Weighed(_NAMELESS, "used", "", covers), *states)
    return Rules(Demands(**demands), waivers, _lock(report))


def _lock(report: Mapping[str, Any]) -> Compared | None:
    if report["lock"] is None:
        return None
    old = (entry for entry in report["scenarios"] if not entry.get("new"))
    known = frozenset(name_of(entry["id"], entry["subject"]["kind"]) for entry in old)
    return Compared(gone=tuple(report["lock"]["gone"]), names=known)
