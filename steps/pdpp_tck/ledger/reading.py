"""Reading features/requirements.toml into a Ledger, or refusing it with the place and the remedy."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pdpp_tck.ledger.entry import Entry
from pdpp_tck.ledger.errors import (
    CircularTwin,
    DanglingTwin,
    DigestMismatch,
    DuplicateId,
    MalformedHash,
    MalformedId,
    UnknownVersion,
    UnobservedKind,
    UnreadableLedger,
)
from pdpp_tck.ledger.model import (
    KINDS,
    LEVELS,
    OURS,
    TIERS,
    Clause,
    Ledger,
    Requirement,
    Scenario,
    digest_of,
)

_VERSION = 1


def read_ledger(path: Path) -> Ledger:
    """Read and check the ledger; raises a LedgerError that names file, entry, field and remedy."""
    ledger = ledger_of(path, parsed(path))
    _check_digest(path, ledger)
    return ledger


def ledger_of(path: Path, table: Mapping[str, object]) -> Ledger:
    """The ledger that a table holds, all but its digest checked; `path` is where errors say that it is."""
    file = Entry(path, "the file", table)
    version = file.table.get("ledger_version")
    if type(version) is not int or version != _VERSION:
        raise UnknownVersion(path, version, _VERSION)
    file.only("ledger_version", "spec", "requirement", "profile")
    spec = file.entry("spec")
    spec.only("digest")
    ledger = Ledger(
        tuple(map(_requirement, file.entries("requirement"))),
        spec.text("digest"),
        _profile(file.entry("profile")) if "profile" in file.table else None,
    )
    _check_ids(path, ledger)
    for clause in ledger.clauses:
        _check_twin(path, ledger, clause)
        if clause.restates is not None and clause.restates not in ledger.ids:
            raise DanglingTwin(path, clause.id, clause.restates, ledger.nearest(clause.restates))
    return ledger


def parsed(path: Path) -> dict[str, object]:
    """The file as TOML; raises UnreadableLedger."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as reason:  # TOMLDecodeError and UnicodeDecodeError are both ValueErrors
        raise UnreadableLedger(path, str(reason)) from reason


def _requirement(entry: Entry) -> Requirement:
    entry.only("id", "title", "change", "capability", "clause", "scenario", "derived")
    id = _id(entry, r"[A-Z]{2}-\d{2}", "two capitals, a hyphen and two digits")
    return Requirement(
        id=id,
        title=entry.text("title"),
        change=entry.text("change"),
        capability=entry.text("capability"),
        clauses=tuple(_clause(clause, f"{id}/R") for clause in entry.entries("clause")),
        scenarios=tuple(_scenario(scenario, id) for scenario in entry.entries("scenario")),
        derived=tuple(_derived(derived, id) for derived in entry.entries("derived"))
        if "derived" in entry.table
        else (),
    )


def _scenario(entry: Entry, requirement: str) -> Scenario:
    entry.only("id", "title", "sends", "freedom", "clause")
    id = _id(entry, rf"{requirement}\.[1-9]\d*", f"{requirement}. and a number")
    clauses = tuple(_clause(clause, f"{id}/T") for clause in entry.entries("clause"))
    return Scenario(id, entry.text("title"), clauses, None, entry.text("sends"), entry.text("freedom"))


def _derived(entry: Entry, requirement: str) -> Scenario:
    entry.only("id", "title", "sends", "freedom", "derived", "long", "clause")
    id = _id(entry, rf"{requirement}/[a-z0-9]+(-[a-z0-9]+)*", f"{requirement}/ and lower-case words")
    clauses = tuple(_worked_out(clause, f"{id}/T") for clause in entry.entries("clause"))
    ours = entry.choice("derived", OURS)
    sends, freedom, long = entry.text("sends"), entry.text("freedom"), entry.table.get("long") is True
    return Scenario(id, entry.text("title"), clauses, ours, sends, freedom, long)


def _profile(entry: Entry) -> Requirement:
    """The Collection Profile: its rules are scenarios that no sentence of the spec stands behind."""
    entry.only("id", "title", "sends", "freedom", "rule")
    id = _id(entry, r"[A-Z]{2}", "two capitals")
    sends, freedom = entry.text("sends"), entry.text("freedom")
    rules = tuple(_rule(rule, id, sends, freedom) for rule in entry.entries("rule"))
    return Requirement(id, entry.text("title"), "", "", (), (), rules)


def _rule(entry: Entry, profile: str, sends: str, freedom: str) -> Scenario:
    entry.only("id", "title", "sends", "freedom", "long", "clause")
    id = _id(entry, rf"{profile}-\d{{2}}", f"{profile}- and two digits")
    clauses = tuple(_own(clause, f"{id}/T", None) for clause in entry.entries("clause"))
    own = {name: entry.text(name) for name in ("sends", "freedom") if name in entry.table}
    told = {"sends": sends, "freedom": freedom} | own
    long = entry.table.get("long") is True
    return Scenario(id, entry.text("title"), clauses, "profile", told["sends"], told["freedom"], long)


def _worked_out(entry: Entry, stem: str) -> Clause:
    return _own(entry, stem, entry.text("restates"))


def _own(entry: Entry, stem: str, restates: str | None) -> Clause:
    """A clause without a sentence in the spec."""
    entry.only("id", "level", "kinds", "tier", "says", *(["restates"] if restates else []))
    return Clause(
        id=_id(entry, rf"{re.escape(stem)}[1-9]\d*", f"{stem} and a number"),
        level=entry.choice("level", LEVELS),
        kinds=entry.choices("kinds", KINDS),
        tier=entry.choice("tier", TIERS),
        says=entry.text("says"),
        restates=restates,
    )


def _clause(entry: Entry, stem: str) -> Clause:
    entry.only("id", "level", "kinds", "tier", "says", "hash", "same_as", "excluded")
    form = f"{stem} and a number, with a or b where the sentence has two modals"
    return Clause(
        id=_id(entry, rf"{re.escape(stem)}[1-9]\d*[a-z]?", form),
        level=entry.choice("level", LEVELS),
        kinds=entry.choices("kinds", KINDS),
        tier=entry.choice("tier", TIERS),
        says=entry.text("says"),
        hash=_hash(entry),
        same_as=entry.text("same_as") if "same_as" in entry.table else None,
        excluded=entry.text("excluded") if "excluded" in entry.table else None,
    )


def _id(entry: Entry, pattern: str, form: str) -> str:
    id = entry.text("id")
    if not re.fullmatch(pattern, id, re.ASCII):
        raise MalformedId(entry.file, entry.name, id, form)
    return id


def _hash(entry: Entry) -> str:
    value = entry.text("hash")
    if not re.fullmatch(r"[0-9a-f]{64}", value):
        raise MalformedHash(entry.file, entry.name, value)
    return value


def _check_ids(path: Path, ledger: Ledger) -> None:
    counted = Counter(ledger.ids)
    for id, times in counted.items():
        if times > 1:
            raise DuplicateId(path, id)


def _check_twin(path: Path, ledger: Ledger, clause: Clause) -> None:
    known = {other.id: other for other in ledger.clauses}
    chain = [clause]
    while (twin := chain[-1].same_as) is not None:
        if twin not in known:
            raise DanglingTwin(path, chain[-1].id, twin, ledger.nearest(twin))
        if known[twin] in chain:
            raise CircularTwin(path, clause.id, [*(link.id for link in chain), twin])
        chain.append(known[twin])
    for kind in clause.kinds:
        if kind not in chain[-1].kinds:
            raise UnobservedKind(path, clause.id, kind, chain[-1].id)


def _check_digest(path: Path, ledger: Ledger) -> None:
    computed = digest_of(ledger.clauses)
    if ledger.digest != computed:
        raise DigestMismatch(path, ledger.digest, computed)
