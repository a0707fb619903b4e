"""The table `[gate]`: what a project demands beyond conformance. It can only tighten."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pdpp_tck.gate.judged import Judged
from pdpp_tck.settings import Table, find_settings
from pdpp_tck.subject import CLAIMS
from pdpp_tck.verdict import Verdict

_FIELDS = ("advice", "may", "claims", "requires", "subjects", "waived_at_most", "waivers", "lock")
_HINT = "a gate only tightens, what may fail for a time goes into a waiver"


@dataclass(frozen=True, slots=True)
class Demands:
    """What must hold beside the clauses; the empty one demands nothing.

    `advice`: a stranger is judged on advice too. `may`: permissions must have been seen. `claims`: every
    connector claims these. `requires`: each of these requirements and scenarios applied and was judged.
    `subjects`: each of these was judged. `waived_at_most`: no more clauses are waived. `waivers` and `lock`
    are the files where the command line names none.
    """

    advice: bool = False
    may: bool = False
    claims: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    waived_at_most: int | None = None
    waivers: Path | None = None
    lock: Path | None = None


def find_demands(folder: Path) -> Demands:
    """The demands of a folder's pdpp-tck.toml, none where it has none; raises SettingsError."""
    settings = find_settings(None, folder)
    return read_demands(settings.gate) if settings and settings.gate else Demands()


def read_demands(table: Table) -> Demands:
    """The demands of a table; raises SettingsError for what is no demand or would loosen the gate."""
    for field in table.values:
        if field not in _FIELDS:
            table.refuse(field, f"unknown; known are {', '.join(_FIELDS)}; {_HINT}")
    for claim in table.texts("claims"):
        if claim not in CLAIMS["connector"]:
            table.refuse(
                "claims", f"{claim!r} is unknown; known are {', '.join(sorted(CLAIMS['connector']))}"
            )
    return Demands(
        advice=_on(table, "advice"),
        may=_on(table, "may"),
        claims=table.texts("claims"),
        requires=table.texts("requires"),
        subjects=table.texts("subjects"),
        waived_at_most=_count(table, "waived_at_most"),
        waivers=table.path_to("waivers"),
        lock=table.path_to("lock"),
    )


def unmet(demands: Demands, judged: tuple[Judged, ...], waived: int) -> tuple[list[str], list[str]]:
    """(what was not seen though demanded, what went too far), each in a sentence."""
    unseen = [
        f"[gate] claims: the connector {name!r} does not claim {claim}"
        for name, claims in sorted({(j.subject, j.claims) for j in judged if j.kind == "connector"})
        for claim in demands.claims
        if claim not in claims
    ]
    names, applied = {j.subject for j in judged}, _applied(judged)
    unseen += [f"[gate] subjects: {name!r} was not judged" for name in demands.subjects if name not in names]
    unseen += [
        f"[gate] requires: nothing of {name} applied to what was judged"
        for name in demands.requires
        if name not in applied
    ]
    most = demands.waived_at_most
    far = (
        [f"[gate] waived_at_most = {most}: {waived} are waived"] if most is not None and waived > most else []
    )
    return unseen, far


def _applied(judged: tuple[Judged, ...]) -> set[str]:
    """The ids of scenarios and requirements that applied to a subject."""
    applied = [j for j in judged if j.verdict is not Verdict.NOT_APPLICABLE]
    return {j.id for j in applied} | {j.requirement for j in applied}


def _on(table: Table, field: str) -> bool:
    if field in table.values and table.values[field] is not True:
        table.refuse(field, f"a gate only tightens: write {field} = true, or leave it out")
    return field in table.values


def _count(table: Table, field: str) -> int | None:
    value = table.values.get(field)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
        table.refuse(field, f"{value!r} is no whole number from 0 on")
    return value
