"""`spec scaffold`: what is new in a specification as rows, features and mutants to be filled in."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pdpp_tck import vocabulary
from pdpp_tck.features import features_root
from pdpp_tck.lint.sentences import sentences
from pdpp_tck.nearness import nearest_sentences
from pdpp_tck.openspec import ChangeNotFound
from pdpp_tck.options import UsageError
from pdpp_tck.specifying.news import NewClause, NewRequirement, news
from pdpp_tck.specifying.stub_features import feature_of, file_of
from pdpp_tck.specifying.stub_mutants import mutants_of
from pdpp_tck.specifying.stub_rows import clause_rows, rows_of
from pdpp_tck.specifying.subject import LEDGER, ledgers_at, spec_at

_NEAREST = 3


@dataclass(frozen=True, slots=True)
class Scaffolded:
    """The files that were written, and the rows that can only be put into the ledger by hand."""

    files: tuple[Path, ...]
    beside: tuple[NewClause, ...]


def scaffold(folder: Path, change: str | None, into: Path, features: Path | None) -> Scaffolded:
    """Write a folder for what is new, or new by one change; raises UsageError, then nothing is written."""
    spec, held = spec_at(folder), ledgers_at(features)
    try:
        found = news(held.ledger, spec, spec.requirements if change is None else spec.of_change(change))
    except ChangeNotFound as error:
        raise UsageError(str(error)) from None
    if not found.requirements:
        return Scaffolded((), found.beside)
    _check(into)
    return Scaffolded(_write(into, _texts(found.requirements)), found.beside)


def by_hand(clause: NewClause) -> str:
    """What is to be done for a clause that grew in a scenario of the ledger's."""
    scenario, _, mark = clause.id.rpartition("/")
    rows = "\n".join(clause_rows(clause, "[[requirement.scenario.clause]]"))
    told = f"{clause.id}: put these rows behind those of {scenario} in the ledger"
    return f"{told}, and a Then below # {mark} into its features\n\n{rows}"


def _texts(requirements: tuple[NewRequirement, ...]) -> dict[str, str]:
    scenarios = [scenario for requirement in requirements for scenario in requirement.scenarios]
    vocabulary.load()
    texts = {LEDGER: rows_of(requirements)}
    texts |= {file_of(each): feature_of(each, _nearest) for each in requirements if each.scenarios}
    return texts | ({"mutants.py": mutants_of(scenarios)} if scenarios else {})


def _nearest(kind: str, text: str) -> Sequence[str]:
    found = nearest_sentences(f"{kind} {text}", sentences(), _NEAREST)
    return [f"{kind.title()} {context.parser.name}" for context in found]


def _check(into: Path) -> None:
    """Nothing is written over, and nothing into our own features."""
    ours, root = features_root().resolve(), into.resolve()
    if root == ours or ours in root.parents or root in ours.parents:
        raise UsageError(f"--into {str(into)!r}: lies around or within our own {ours}; name another folder")
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise UsageError(f"--into {str(into)!r}: is there and not empty; name a folder that is not there yet")


def _write(into: Path, texts: dict[str, str]) -> tuple[Path, ...]:
    """The whole folder or nothing."""
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{into.name}.", dir=into.parent) as beside:
            made = Path(beside) / into.name
            for name, text in texts.items():
                (made / name).parent.mkdir(parents=True, exist_ok=True)
                (made / name).write_text(text, encoding="utf-8")
            made.replace(into)
    except OSError as error:
        raise UsageError(f"--into {str(into)!r}: cannot be written: {error.strerror}; name another") from None
    return tuple(into / name for name in texts)
