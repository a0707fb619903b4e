"""`pdpp-tck.lock`: the scenarios that a project has agreed to be gated by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pdpp_tck import __version__
from pdpp_tck.features import Scenario
from pdpp_tck.ledger import Ledger
from pdpp_tck.tables import read_tables

FILE = Path("pdpp-tck.lock")
_VERSION = 1
_HEAD = "# The scenarios by which runs are gated. Written by pdpp-tck lock --update; not for editing.\n"


@dataclass(frozen=True, slots=True)
class Lock:
    """The kit and the spec at the time of locking, and the digest of each scenario by `ID KIND`."""

    kit: str
    spec: str
    scenarios: Mapping[str, str]

    @property
    def digest(self) -> str:
        """One digest for the whole set."""
        return set_digest(self.scenarios)


@dataclass(frozen=True, slots=True)
class Compared:
    """How features differ from a lock: scenarios `ID KIND` that came, changed, or are gone."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    spec_changed: bool = False
    kit: str | None = None
    names: frozenset[str] = field(default_factory=frozenset)


def lock_of(scenarios: Iterable[Scenario], ledger: Ledger) -> Lock:
    """The lock of these features under this kit."""
    return Lock(__version__, ledger.digest, texts_of(scenarios))


def texts_of(scenarios: Iterable[Scenario]) -> dict[str, str]:
    """The digest of each scenario's text, by `ID KIND`."""
    return {name_of(s.id, s.kind): s.digest for s in sorted(scenarios, key=lambda s: (s.id, s.kind))}


def name_of(identifier: str, kind: str) -> str:
    """By what a scenario is told from others: several subjects' kinds may share an id."""
    return f"{identifier} {kind}"


def set_digest(texts: Mapping[str, str]) -> str:
    """SHA-256 hex of the UTF-8 lines `ID KIND DIGEST`, sorted, LF after each."""
    lines = "".join(f"{name} {digest}\n" for name, digest in sorted(texts.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def compare(lock: Lock, now: Lock) -> Compared:
    """How what is here now differs from what was locked."""
    both = lock.scenarios.keys() & now.scenarios.keys()
    return Compared(
        tuple(sorted(now.scenarios.keys() - lock.scenarios.keys())),
        tuple(sorted(name for name in both if lock.scenarios[name] != now.scenarios[name])),
        tuple(sorted(lock.scenarios.keys() - now.scenarios.keys())),
        lock.spec != now.spec,
        None if lock.kit == now.kit else lock.kit,
        frozenset(lock.scenarios),
    )


def read_lock(path: Path) -> Lock:
    """The lock in a file; raises TableError for one that was edited or that this kit does not read."""
    table = read_tables(path)
    table.only("lock_version", "kit", "spec", "set", "scenario")
    if table.values.get("lock_version") != _VERSION:
        raise table.wrong("lock_version", f"this kit reads {_VERSION}; use the kit that wrote it")
    texts = table.table("scenario")
    known = {} if texts is None else {name: texts.text(name) or "" for name in texts.values}
    for name in ("kit", "spec", "set"):
        if table.text(name) is None:
            raise table.wrong(name, "is missing; write the lock anew with pdpp-tck lock --update")
    if table.text("set") != set_digest(known):
        raise table.wrong("set", "is not the digest of the scenarios below; run pdpp-tck lock --update")
    return Lock(table.text("kit") or "", table.text("spec") or "", known)


def written(lock: Lock) -> str:
    """The lock as a file's text."""
    head = {"kit": lock.kit, "spec": lock.spec, "set": lock.digest}
    lines = [f"lock_version = {_VERSION}", *(f'{name} = "{value}"' for name, value in head.items())]
    entries = [f'"{name}" = "{digest}"' for name, digest in sorted(lock.scenarios.items())]
    return _HEAD + "\n".join([*lines, "", "[scenario]", *entries]) + "\n"
