"""What a folder of features has to prove: its scenarios and clauses, and the mutants and variants there."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pluggy

from pdpp_tck.authors.folder import LEDGER, Folder
from pdpp_tck.authors.modules import PACKAGE, mutant_modules
from pdpp_tck.falsify.declared import Declared, Mutant, Variant, declared_in
from pdpp_tck.falsify.trials import declared, kind_of
from pdpp_tck.features import Scenario, requirement_of
from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.ledger import Clause, Ledger, read_ledger
from pdpp_tck.options import UsageError
from pdpp_tck.plugins import manager_of, with_modules


@dataclass(frozen=True, slots=True)
class Share:
    """The folder in which the kill matrix is kept, and what that matrix is about."""

    folder: Path
    scenarios: tuple[Scenario, ...]
    clauses: tuple[Clause, ...]
    declared: tuple[Declared, ...]


class _Found:
    """The plugin that mutants become which need no hook of their own."""

    def __init__(self, found: Sequence[Declared]) -> None:
        self._found = found

    @hookimpl
    def register_mutants(self) -> list[Mutant]:
        return [each for each in self._found if isinstance(each, Mutant)]

    @hookimpl
    def register_variants(self) -> list[Variant]:
        return [each for each in self._found if isinstance(each, Variant)]


def share(
    root: Path,
    folder: Folder | None,
    scenarios: Sequence[Scenario],
    ledger: Ledger,
    manager: pluggy.PluginManager,
) -> Share:
    """All that there is; of a folder beside ours what it brings, with our variants that it must let pass.

    Raises UsageError for two of one name, PluginError for a hook that does not exist.
    """
    ours = declared(manager)
    if folder is None:
        return Share(root, tuple(scenarios), ledger.clauses, ours)
    theirs = _brought(folder, manager)
    _refuse_shadows(theirs, ours)
    if folder.whole:
        return Share(root, tuple(scenarios), ledger.clauses, (*ours, *theirs))
    known = read_ledger(root / LEDGER).ids
    clauses = tuple(clause for clause in ledger.clauses if clause.id not in known)
    written = tuple(scenario for scenario in scenarios if scenario.path.is_relative_to(folder.root))
    wanted = {clause.id for clause in clauses}
    loaded = (each for each in ours if isinstance(each, Mutant) and each.breaks in wanted)
    borrowed = _borrowed([each for each in ours if isinstance(each, Variant)], written, ledger)
    return Share(folder.root, written, clauses, (*theirs, *loaded, *borrowed))


def _brought(folder: Folder, manager: pluggy.PluginManager) -> tuple[Declared, ...]:
    """What the folder's modules declare; their other hooks are the kit's from now on."""
    modules = mutant_modules(folder)
    with_modules(manager, modules)
    found = [each for each in declared_in(modules) if each.plugin is None or _own(each.plugin)]
    alone = with_modules(manager_of(), modules)
    alone.register(_Found(found))
    return declared(alone)


def _own(plugin: str) -> bool:
    return plugin.startswith((f"{PACKAGE}.", f"{PACKAGE}:"))


def _refuse_shadows(theirs: Sequence[Declared], ours: Sequence[Declared]) -> None:
    names = {each.name: each for each in ours}
    told = [
        f"{_where(each)}: {each.name!r} is the name of one of ours, in {names[each.name].plugin}; rename it"
        for each in theirs
        if each.name in names
    ]
    if told:
        raise UsageError("\n".join(dict.fromkeys(told)))


def _where(each: Declared) -> str:
    """The file and line in which something of a folder's is declared."""
    module = sys.modules.get((each.plugin or "").partition(":")[0])
    file = getattr(module, "__file__", None)
    if file is None:
        return f"{PACKAGE}.mutants"
    told = re.compile(rf"def {re.escape(each.name.replace('-', '_'))}\b|[\"']{re.escape(each.name)}[\"']")
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    return f"{file}:{next((n for n, line in enumerate(lines, 1) if told.search(line)), 1)}"


def _borrowed(variants: Iterable[Variant], written: Sequence[Scenario], ledger: Ledger) -> Iterator[Variant]:
    """Our variants of the same requirements, to be judged by the scenarios that are written for their kind.

    Those on which a clause is `not_observable` are left out: an added clause may be so too, and rightly.
    """
    for variant in variants:
        near = {requirement_of(identifier) for identifier in variant.judged_by}
        kind = kind_of(variant, ledger)
        due = sorted({s.id for s in written if requirement_of(s.id) in near and s.kind == kind})
        if due and not variant.unseen:
            yield replace(variant, judged_by=tuple(due))
