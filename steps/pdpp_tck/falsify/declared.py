"""What a plugin declares: mutants, which break a clause, and variants, which are legal and otherwise made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Mutant:
    """A subject with one bug: the clause that it breaks, and how that clause's verdict must complain.

    `plugin` names what is loaded beside the installed plugins, as `package.module` or `package.module:name`.
    Where `connector` is given, the connector of that key is judged, its source arranged by `driver`; else the
    reference host is, or its storage when nothing else is bound by the clause. The bug is found when the
    clause fails with `complains` in its reason.
    """

    name: str
    breaks: str
    complains: str
    says: str
    plugin: str
    connector: str | None = None
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """A subject that does right what it may do otherwise; every scenario in `judged_by` has to let it pass.

    `takes` are clauses with MAY whose permission it uses, `leaves` those whose permission it does not use.
    `unseen` are clauses that are `not_observable` on it, as the design states. `plugin` is None for our own
    parts as they are; the other fields are those of a Mutant.
    """

    name: str
    says: str
    judged_by: tuple[str, ...]
    plugin: str | None = None
    takes: tuple[str, ...] = ()
    leaves: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    connector: str | None = None
    driver: str | None = None


Declared = Mutant | Variant


def declared_in(modules: Iterable[ModuleType]) -> list[Declared]:
    """What members of these modules declare in an attribute `declared`, each member once."""
    members = {id(value): value for module in modules for value in vars(module).values()}
    return [each for value in members.values() for each in getattr(value, "declared", ()) or ()]
