"""The changes from one report to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pdpp_tck.reports.sealing import label

What = Literal[
    "regression", "fixed", "verdict changed", "new scenario", "spec changed", "text changed", "claim changed",
    "waiver changed",
]  # fmt: skip
ORDER: tuple[What, ...] = (
    "regression", "fixed", "verdict changed", "new scenario", "spec changed", "text changed", "claim changed",
    "waiver changed",
)  # fmt: skip
Report = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One change: of what kind, where, and how it was before and is after."""

    what: What
    where: str
    before: str
    after: str
    reason: str = ""


def changes(before: Report, after: Report) -> list[Change]:
    """Every change, the regressions first."""
    found = [*_results(before, after), *_made_with(before, after), *_claims(before, after)]
    found += _waivers(before, after)
    return sorted(found, key=lambda change: (ORDER.index(change.what), change.where))


def _results(before: Report, after: Report) -> Iterator[Change]:
    """Scenario by scenario and clause by clause; what is no longer judged is a regression too."""
    old, new = _by_label(before), _by_label(after)
    for name in old.keys() | new.keys():
        if name not in new:
            yield Change("regression", name, old[name]["verdict"], "not judged any more")
        elif name not in old:
            reason = str(new[name].get("reason", ""))
            yield Change("new scenario", name, "not judged", new[name]["verdict"], reason)
        else:
            yield from _clauses(name, old[name], new[name])


def _clauses(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if old["digest"] != new["digest"]:
        yield Change("text changed", name, _short(old["digest"]), _short(new["digest"]))
    was, now = ({clause["id"]: clause for clause in entry["clauses"]} for entry in (old, new))
    subject = f"for {new['subject']['name']}"
    for clause in was.keys() - now.keys():
        yield Change("regression", f"{clause} {subject}", was[clause]["verdict"], "not judged any more")
    for clause in now.keys() - was.keys():
        yield Change("new scenario", f"{clause} {subject}", "not judged", now[clause]["verdict"])
    for clause in was.keys() & now.keys():
        one, other = was[clause]["verdict"], now[clause]["verdict"]
        if one != other:
            what = _direction(now[clause]["level"], one, other)
            yield Change(what, f"{clause} {subject}", one, other, str(now[clause].get("reason", "")))


def _direction(level: str, before: str, after: str) -> What:
    """Whether a clause that passed does so no more, or the other way round."""
    # A permission that was not seen this time is no loss.
    counts = level != "MAY" or "failed" in (before, after) or "error" in (before, after)
    if counts and before in ("passed", "not_applicable") and after not in ("passed", "not_applicable"):
        return "regression"
    # What passed and no longer applies is judged no more.
    if counts and before == "passed":
        return "regression"
    return "fixed" if counts and after == "passed" else "verdict changed"


def _made_with(before: Report, after: Report) -> Iterator[Change]:
    if before["spec"]["digest"] != after["spec"]["digest"]:
        digests = (_short(report["spec"]["digest"]) for report in (before, after))
        yield Change("spec changed", "spec", *digests)


def _claims(before: Report, after: Report) -> Iterator[Change]:
    old, new = (
        {f"{s['kind']} {s['name']}": sorted(s["claims"]) for s in report["subjects"]}
        for report in (before, after)
    )
    for name in old.keys() & new.keys():
        if old[name] != new[name]:
            yield Change("claim changed", name, ", ".join(old[name]), ", ".join(new[name]))


def _waivers(before: Report, after: Report) -> Iterator[Change]:
    old, new = ({(w["id"], w["subject"]): _waiver(w) for w in r["waivers"]} for r in (before, after))
    for key in old.keys() | new.keys():
        one, other = old.get(key, "none"), new.get(key, "none")
        if one != other:
            yield Change("waiver changed", f"{key[0]} for {key[1]}", one, other)


def _waiver(waiver: Mapping[str, Any]) -> str:
    who = f"{waiver['owner']}, {waiver['issue']}"
    return f"{waiver['state']} until {waiver['expires']}: {waiver['reason']} ({who})"


def _by_label(report: Report) -> dict[str, Mapping[str, Any]]:
    return {label(entry): entry for entry in report["scenarios"]}


def _short(digest: str | None) -> str:
    return digest[:12] if digest else "none"
