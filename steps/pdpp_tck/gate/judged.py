"""One scenario on one subject as a gate sees it, whether it was just judged or stands in a report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pdpp_tck.execution import Result
from pdpp_tck.features import requirement_of
from pdpp_tck.subject import Host, Kind
from pdpp_tck.verdict import ClauseVerdict, Verdict, scenario_verdict

Key = tuple[str, Kind, str]
"""(scenario id, subject kind, subject name)"""


@dataclass(frozen=True, slots=True)
class Judged:
    """A scenario's clauses on one subject; `derived` tells whose scenario it is, None for the spec's."""

    id: str
    kind: Kind
    subject: str
    claims: tuple[str, ...]
    derived: str | None
    clauses: tuple[ClauseVerdict, ...]

    @property
    def key(self) -> Key:
        """By what it is told from all others of a run."""
        return self.id, self.kind, self.subject

    @property
    def requirement(self) -> str:
        """The id of its requirement."""
        return requirement_of(self.id)

    @property
    def verdict(self) -> Verdict:
        """What its clauses make of it."""
        return scenario_verdict(self.clauses)


def of_result(result: Result, host: Host) -> Judged:
    """A result of this run."""
    scenario, connector = result.cell.scenario, result.cell.connector
    name = host.storage_name if scenario.kind == "storage" else (connector or host).name
    claims = host.storage_claims if scenario.kind == "storage" else (connector or host).claims
    return Judged(scenario.id, scenario.kind, name, tuple(sorted(claims)), scenario.derived, result.clauses)


def of_report(entry: Mapping[str, Any]) -> Judged:
    """A scenario of a report that its schema accepts."""
    clauses = tuple(
        ClauseVerdict(c["id"], c["level"], Verdict(c["verdict"]), c.get("reason")) for c in entry["clauses"]
    )
    subject = entry["subject"]
    claims = tuple(sorted(subject["claims"]))
    return Judged(entry["id"], subject["kind"], subject["name"], claims, entry.get("derivation"), clauses)
