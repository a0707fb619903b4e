"""All that is checked of a report, and what was found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdpp_tck import __version__
from pdpp_tck.assembly import read_requirements
from pdpp_tck.features import Scenario
from pdpp_tck.gate.lock import set_digest, texts_of
from pdpp_tck.ledger import Ledger
from pdpp_tck.plugins import load_plugins
from pdpp_tck.reports.document import ReportError, hold
from pdpp_tck.reports.place import cut_off, told_of
from pdpp_tck.reports.sealing import broken, label
from pdpp_tck.reports.writing import read_report, report_writers, told
from pdpp_tck.verifying.counting import counted, decided
from pdpp_tck.verifying.evidence import judged_again, sound, strangers

NO_SIGNATURE = "verify finds edits; it is no signature: whoever can write a report can also make another"


@dataclass(frozen=True, slots=True)
class Against:
    """What a report is held against: these features and their ledger."""

    root: Path
    scenarios: dict[tuple[str, str], Scenario]
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Verified:
    """Each finding in a sentence, and what else is to be known."""

    findings: tuple[str, ...]
    notes: tuple[str, ...]


def verify(path: Path, features: Path | None) -> Verified:
    """Check a report, given as a file or its folder; raises UsageError for one that cannot be read."""
    report, folder = read_report(path)
    root, scenarios, ledger = read_requirements(features)
    against = Against(root, {(s.id, str(s.kind)): s for s in scenarios}, ledger)
    notes = [told_of(cut, folder.resolve()) for cut in cut_off(folder.resolve())]
    try:
        hold(report, root)
    except ReportError as error:
        return Verified((*_edited(report), str(error)), tuple(notes))
    findings = [*broken(report), *_digests(report, against)]
    findings += [*counted(report, ledger), *decided(report), *_without_evidence(report, against)]
    usable, unusable = sound(report, folder, against.scenarios)
    findings += [*unusable, *strangers(report, folder)]
    findings += judged_again(folder, usable, features, report["spec"].get("stale", {}))
    if report["kit"]["version"] == __version__:
        findings += _forms(report, folder)
    else:
        notes.append(f"made with pdpp-tck {report['kit']['version']}, verified with {__version__}")
    notes.append(f"{len(usable)} of {len(report['scenarios'])} results have evidence that was judged again")
    return Verified(tuple(dict.fromkeys(findings)), tuple(notes))


def _edited(report: dict[str, Any]) -> list[str]:
    """What differs from what was sealed, of a report that may have any shape."""
    try:
        return list(broken(report))
    except (AttributeError, KeyError, TypeError):
        return []


def _digests(report: Mapping[str, Any], against: Against) -> Iterator[str]:
    """What the report was made with, where that is not what is here."""
    if report["spec"]["digest"] != against.ledger.digest:
        yield "spec/digest: the report was made with other clauses than these features have, or was edited"
    texts = texts_of(against.scenarios.values())
    if report["features"]["digest"] != set_digest(texts):
        yield "features/digest: the report was made with other features than these, or was edited"
    for entry in report["scenarios"]:
        here = against.scenarios.get((entry["id"], entry["subject"]["kind"]))
        if entry.get("derivation") == "contract":
            continue
        if here is None:
            yield f"{label(entry)}: these features have no such scenario"
        elif here.digest != entry["digest"]:
            yield f"{label(entry)}: made with another text of {entry['id']} than these features have"


def _without_evidence(report: Mapping[str, Any], against: Against) -> Iterator[str]:
    """Verdicts that nothing stands behind."""
    for entry in report["scenarios"]:
        verdict, kind = entry["verdict"], entry["subject"]["kind"]
        if entry["evidence"] is not None or entry.get("derivation") == "contract":
            continue
        here = against.scenarios.get((entry["id"], kind))
        lacking = here is not None and here.claims - set(entry["subject"]["claims"])
        if verdict in ("passed", "failed"):
            yield f"{label(entry)}: {verdict}, and there is no evidence of it"
        elif verdict == "not_applicable" and here is not None and not lacking:
            yield f"{label(entry)}: not_applicable, though {entry['subject']['name']} claims all it needs"


def _forms(report: Mapping[str, Any], folder: Path) -> Iterator[str]:
    """The other forms of the report, where one is not what the report makes."""
    for writer in report_writers(load_plugins()).values():
        file = folder / writer.file
        if file.exists() and file.read_text(encoding="utf-8") != told(writer, report, folder):
            yield f"{writer.file}: is not what this report makes; it was edited, or the report was"
