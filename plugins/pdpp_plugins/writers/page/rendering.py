"""From a report to the page."""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pdpp_plugins.writers.page.transcript import Excerpt, excerpt

TONES = {
    "passed": "good",
    "failed": "bad",
    "error": "bad",
    "stale": "bad",
    "not_observable": "warning",
    "not_run": "warning",
    "not_applicable": "neutral",
    "killed": "good",
    "wrong_reason": "warning",
    "survived": "bad",
}
_FINE = ("passed", "not_applicable")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Trouble:
    """A scenario that did not pass, its clauses that are the reason, and what its evidence shows."""

    entry: Mapping[str, Any]
    clauses: list[Mapping[str, Any]]
    excerpt: Excerpt
    replay: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """One scenario of a requirement with every subject that it was judged on, and its clauses' rows."""

    first: Mapping[str, Any]
    entries: list[Mapping[str, Any]]
    rows: list[tuple[Mapping[str, Any], list[Mapping[str, Any] | None]]]


def rendered(report: Mapping[str, Any], folder: Path) -> str:
    """The page as one text."""
    script = _asset("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return str(
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            troubles=list(_troubles(report, folder)),
            groups=_groups(report),
            style=Markup(_asset("page.css")),
            script=Markup(script),
            script_digest=digest,
            conclusion=_conclusion(report),
        )
    )


def _conclusion(report: Mapping[str, Any]) -> tuple[str, str, str]:
    """(tone, what is said, what it means)"""
    status, conformant = report["exit_status"], report["conformant"]
    if conformant:
        return "good", "Conformant", "Every obligation that applies was seen to hold."
    if status == 0 and conformant is None:
        return "good", "What was selected passed", "A selection makes nothing conformant."
    if status == 0:
        return "warning", "Not conformant, but excused", "What fails is waived, or new since the lock."
    means = {
        1: "A clause failed or is stale, or a waiver is bad.",
        3: "The kit itself is at fault; this says nothing about the subject.",
        4: "Something that matters was not seen, or the accounting does not add up.",
    }
    return "bad", "Not conformant" if conformant is False else "What was selected did not pass", means[status]


def _troubles(report: Mapping[str, Any], folder: Path) -> Iterator[Trouble]:
    for entry in report["scenarios"]:
        bad = [clause for clause in entry["clauses"] if clause["verdict"] not in _FINE]
        if bad:
            where = entry["evidence"]
            replay = f"pdpp-tck replay {shlex.quote(where)}" if where else None
            yield Trouble(entry, bad, excerpt(entry, folder), replay)


def _groups(report: Mapping[str, Any]) -> dict[str, list[Group]]:
    """The scenarios of each requirement, by its id."""
    found: dict[str, list[Group]] = {}
    scenarios = sorted(report["scenarios"], key=lambda entry: str(entry["requirement"]))
    for requirement, mine in groupby(scenarios, key=lambda entry: str(entry["requirement"])):
        by_id: dict[str, list[Mapping[str, Any]]] = {}
        for entry in mine:
            by_id.setdefault(entry["id"], []).append(entry)
        found[requirement] = [_group(entries) for entries in by_id.values()]
    return found


def _group(entries: list[Mapping[str, Any]]) -> Group:
    clauses = [{clause["id"]: clause for clause in entry["clauses"]} for entry in entries]
    ids = dict.fromkeys(clause for mine in clauses for clause in mine)
    rows = [[mine.get(name) for mine in clauses] for name in ids]
    firsts = (next(clause for clause in row if clause is not None) for row in rows)
    return Group(entries[0], entries, list(zip(firsts, rows, strict=True)))


def _anchor(entry: Mapping[str, Any]) -> str:
    """The place of a failure on the page."""
    named = f"{entry['id']}-{entry['subject']['kind']}-{entry['subject']['name']}"
    return "trouble-" + re.sub(r"[^A-Za-z0-9-]+", "-", named)


def _visible(text: object) -> str:
    """A text with what cannot be shown made visible."""
    return _UNSEEN.sub("\ufffd", str(text))


@cache
def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: value if isinstance(value, Markup) else _visible(value),
    )
    made.filters |= {
        "words": lambda name: str(name).replace("_", " "),
        "tone": lambda verdict: TONES[verdict],
        "anchor": _anchor,
    }
    return made
