"""The ledger in memory: requirements, their scenarios, and the clauses that subjects are judged on."""

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, Protocol, TypeVar, get_args

from pdpp_tck.ledger.errors import UnknownId

Level = Literal["SHALL", "SHALL NOT", "MAY"]
Kind = Literal["connector", "host", "storage"]
Tier = Literal["wire", "http", "counters", "storage"]
Derivation = Literal["body", "advice", "profile", "contract"]
"""``body`` restates a body sentence and gates at its level; ``advice`` goes beyond the text; ``profile`` is
an obligation of the Collection Profile on a connector, seen in the transcripts of its runs; ``contract`` is
what the reference host relies on in a storage."""

LEVELS: tuple[Level, ...] = get_args(Level)
KINDS: tuple[Kind, ...] = get_args(Kind)
DERIVATIONS: tuple[Derivation, ...] = get_args(Derivation)
OURS: tuple[Derivation, ...] = ("body", "advice")
"""What a derived scenario of a requirement may be."""
TIERS: tuple[Tier, ...] = get_args(Tier)
"""From the lowest, which every subject shows, to the highest."""


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_Identified)


@dataclass(frozen=True, slots=True)
class Clause:
    """One obligation: whom it binds, how strongly, where it shows, and what it says in our own words.

    ``hash`` is the SHA-256 of the spec's sentence; ``same_as`` names the clause that is the same observation.
    A derived scenario's clause has no sentence of its own: ``restates`` names the clause that it works out.
    ``excluded`` says why nobody is judged on it.
    """

    id: str
    level: Level
    kinds: tuple[Kind, ...]
    tier: Tier
    says: str
    hash: str | None = None
    same_as: str | None = None
    restates: str | None = None
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One of the spec's scenarios, with a clause for each THEN line, or one derived by us.

    ``sends`` tells what the kit does for it, ``freedom`` how a subject may differ and be right.
    One that is ``long`` takes a minute or more and is judged only where it is selected by its own id.
    """

    id: str
    title: str
    clauses: tuple[Clause, ...]
    derived: Derivation | None = None
    sends: str = ""
    freedom: str = ""
    long: bool = False

    def obliged(self, kind: Kind) -> tuple[Clause, ...]:
        """The clauses that a subject of this kind is judged on, in the spec's order."""
        return tuple(clause for clause in self.clauses if kind in clause.kinds and not clause.excluded)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of the spec's requirements: the clauses of its body, its scenarios, then those derived by us."""

    id: str
    title: str
    change: str
    capability: str
    clauses: tuple[Clause, ...]
    scenarios: tuple[Scenario, ...]
    derived: tuple[Scenario, ...] = ()


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything that is required; ``digest`` changes when any clause or any spec sentence does.

    ``profile`` is no requirement of the spec's: its rules are kept apart and have no sentences there. Nor is
    ``contract``, which comes with the storage that a run judges and is in no file.
    """

    requirements: tuple[Requirement, ...]
    digest: str
    profile: Requirement | None = None
    contract: Requirement | None = None

    @property
    def headings(self) -> tuple[Requirement, ...]:
        """The spec's requirements, then the profile, then the contract of the storage that is judged."""
        return (*self.requirements, *filter(None, (self.profile, self.contract)))

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The spec's scenarios, in the file's order."""
        return tuple(scenario for requirement in self.requirements for scenario in requirement.scenarios)

    @property
    def judged(self) -> tuple[Scenario, ...]:
        """Every scenario that a subject can be judged on: the spec's and the derived ones."""
        return tuple(
            s for requirement in self.headings for s in (*requirement.scenarios, *requirement.derived)
        )

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All clauses, a requirement's body before its scenarios and these before the derived ones."""
        return tuple(clause for requirement in self.headings for clause in _clauses_of(requirement))

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id: requirements, then scenarios, then clauses."""
        entries: list[_Identified] = [*self.headings, *self.judged, *self.clauses]
        return tuple(entry.id for entry in entries)

    def requirement(self, id: str) -> Requirement:
        """The requirement ``PR-01``, or the profile ``CP``; raises UnknownId."""
        return self._found(self.headings, "requirement", id)

    def scenario(self, id: str) -> Scenario:
        """The scenario ``PR-01.1`` or the derived ``PR-01/still-missing``; raises UnknownId."""
        return self._found(self.judged, "scenario", id)

    def clause(self, id: str) -> Clause:
        """The clause ``PR-01/R1`` or ``PR-01.1/T1``; raises UnknownId."""
        return self._found(self.clauses, "clause", id)

    def observation(self, id: str) -> Clause:
        """The clause whose verdict this one shares: the end of its ``same_as``, or itself."""
        clause = self.clause(id)
        while clause.same_as is not None:
            clause = self.clause(clause.same_as)
        return clause

    def nearest(self, id: str) -> str | None:
        """The id that a mistyped one was probably meant to be, whatever it names."""
        return _nearest(id, self.ids)

    @staticmethod
    def _found(entries: Sequence[_Entry], noun: str, id: str) -> _Entry:
        for entry in entries:
            if entry.id == id:
                return entry
        raise UnknownId(noun, id, _nearest(id, [entry.id for entry in entries]))


def digest_of(clauses: Iterable[Clause]) -> str:
    """SHA-256 hex of the UTF-8 lines ``"<id> <hash>\\n"``, one a clause, sorted by id in code point order.

    Clauses without a sentence in the spec do not count.
    """
    hashed = sorted((clause.id, clause.hash) for clause in clauses if clause.hash is not None)
    lines = "".join(f"{id} {hash}\n" for id, hash in hashed)
    return hashlib.sha256(lines.encode()).hexdigest()


def _clauses_of(requirement: Requirement) -> Iterator[Clause]:
    yield from requirement.clauses
    for scenario in (*requirement.scenarios, *requirement.derived):
        yield from scenario.clauses


def _nearest(id: str, ids: Sequence[str]) -> str | None:
    wanted = id.upper()
    alike = difflib.get_close_matches(wanted, ids, n=len(ids), cutoff=0.7)
    # Many ids are equally alike; people mistype the end of one sooner than its beginning.
    return max(alike, key=lambda other: _shared_start(wanted, other), default=None)


def _shared_start(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
