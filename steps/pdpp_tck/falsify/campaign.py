"""One falsification: every wanted mutant and variant tried, in one session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pdpp_tck.assembly import assemble, nearest
from pdpp_tck.falsify.declared import Declared, Mutant
from pdpp_tck.falsify.matrix import gaps, idle_steps, matrix
from pdpp_tck.falsify.outcome import Tried, tried
from pdpp_tck.falsify.share import share
from pdpp_tck.falsify.trials import scenarios_of, trials
from pdpp_tck.features import requirement_of
from pdpp_tck.ledger import Clause, Ledger
from pdpp_tck.options import Options, UsageError
from pdpp_tck.plan import Plan
from pdpp_tck.plugins import PluginError, load_plugins
from pdpp_tck.run import follow
from pdpp_tck.subject import SubjectError


@dataclass(frozen=True, slots=True)
class Falsified:
    """What a falsification found: trials, clauses that lack some, and the matrix of a whole one."""

    made: tuple[Tried, ...]
    gaps: tuple[str, ...]
    matrix: dict[str, object] | None
    storage: str

    @property
    def proven(self) -> bool:
        """Whether everything was caught, and for its reason, and everything legal was left alone."""
        return bool(self.made) and not self.gaps and all(each.right for each in self.made)


def falsify(options: Options, names: Sequence[str]) -> Falsified:
    """Try what is declared, of the ids in `options.selection` and of these names where any are given.

    Raises UsageError for what the checks before a run find, and for names that nothing has.
    """
    selection = options.selection
    # What declares mutants often is one, and would spoil the host beside which they are tried.
    base = assemble(replace(options, selection=frozenset(), plugins=()))
    # The contract of storages is proven by tests of its own, without a scenario.
    base = replace(base, ledger=replace(base.ledger, contract=None))
    try:
        return _falsified(base, options, selection, names)
    except (PluginError, SubjectError) as error:
        raise UsageError(str(error)) from None
    finally:
        base.close()


def _falsified(base: Plan, options: Options, selection: frozenset[str], names: Sequence[str]) -> Falsified:
    if base.host.missing is not None:
        raise UsageError(f"nothing can be falsified here: {base.host.missing}")
    manager, ledger = load_plugins(options.plugins), base.ledger
    due = share(base.features, base.author, base.scenarios, ledger, manager)
    everything = due.declared
    _check(selection, names, everything, ledger)
    wanted = [e for e in everything if _asked(e, selection, ledger) and (not names or e.name in names)]
    tests = trials(base, manager, wanted, options.storage or "sqlite")
    follow([trial.plan for trial in tests])
    made = tuple(tried(trial) for trial in tests)
    storage = base.host.storage_name
    if names:
        return Falsified(made, (), None, storage)
    clauses = [clause for clause in due.clauses if _of(clause, selection)]
    missing = (*gaps(clauses, everything, ledger), *idle_steps(due.scenarios, made, ledger))
    told = None if selection else matrix(due, ledger, made, not missing)
    return Falsified(made, missing, told, storage)


def _asked(each: Declared, selection: frozenset[str], ledger: Ledger) -> bool:
    if not selection:
        return True
    ids = {each.breaks} if isinstance(each, Mutant) else {*each.takes, *each.leaves}
    near = {*ids, *scenarios_of(each, ledger)}
    return bool(selection & (near | {requirement_of(identifier) for identifier in near}))


def _of(clause: Clause, selection: frozenset[str]) -> bool:
    near = {clause.id, clause.id.rpartition("/")[0], requirement_of(clause.id)}
    return not selection or bool(selection & near)


def _check(
    selection: frozenset[str], names: Sequence[str], everything: Sequence[Declared], ledger: Ledger
) -> None:
    for identifier in sorted(selection):
        if identifier not in ledger.ids:
            raise UsageError(f"--select {identifier}: unknown; {nearest(identifier, list(ledger.ids))}")
    known = sorted({each.name for each in everything})
    for name in names:
        if name not in known:
            raise UsageError(f"--mutant {name}: unknown; {nearest(name, known)}")
