"""The kill matrix: which mutants of each clause were caught, as `falsify` wrote it down. Reading only."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FILE = "kill-matrix.json"
OUTCOMES = ("killed", "wrong_reason", "survived", "not_applicable")


class MatrixError(Exception):
    """The matrix is not as it was written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A plugin that breaks one clause, and whether it was caught by that clause: one of OUTCOMES."""

    name: str
    outcome: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One clause: its mutants, and the names of the legal variants that must pass it."""

    id: str
    level: str
    mutants: tuple[Mutant, ...]
    variants: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """All clauses; `variants` has each legal variant's outcome, passed or failed, by its name."""

    digest: str
    clauses: tuple[MatrixRow, ...]
    variants: dict[str, str]
    conformant: bool

    @property
    def counted(self) -> Counter[str]:
        """How many mutants came to each outcome."""
        return Counter(mutant.outcome for row in self.clauses for mutant in row.mutants)


def read_matrix(features: Path) -> Matrix | None:
    """The matrix beside the features, None where there is none; raises MatrixError for another thing."""
    path = features / FILE
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return _matrix(found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        told = f"{type(error).__name__}: {error}"
        raise MatrixError(f"{path}: is no kill matrix ({told}); make it anew or remove it") from None


def read_both(features: Path, beside: Path | None) -> Matrix | None:
    """The matrix of ours with that of an author's folder, where one stands beside; raises MatrixError.

    What an author brings and has not falsified proves nothing, and then both together do not.
    """
    ours = read_matrix(features)
    if beside is None or ours is None:
        return ours
    theirs = read_matrix(beside)
    if theirs is None:
        return replace(ours, conformant=False)
    known = {row.id: row for row in ours.clauses}
    rows = known | {row.id: _joined(known.get(row.id), row) for row in theirs.clauses}
    return Matrix(
        hashlib.sha256(f"{ours.digest} {theirs.digest}".encode()).hexdigest(),
        tuple(rows.values()),
        ours.variants | theirs.variants,
        ours.conformant and theirs.conformant,
    )


def _joined(ours: MatrixRow | None, theirs: MatrixRow) -> MatrixRow:
    if ours is None:
        return theirs
    variants = dict.fromkeys((*ours.variants, *theirs.variants))
    return replace(ours, mutants=(*ours.mutants, *theirs.mutants), variants=tuple(variants))


def _matrix(found: dict[str, Any]) -> Matrix:
    rows = tuple(
        MatrixRow(
            str(row["id"]),
            str(row["level"]),
            tuple(Mutant(str(one["name"]), _outcome(one["outcome"])) for one in row["mutants"]),
            tuple(map(str, row["variants"])),
        )
        for row in found["clauses"]
    )
    variants = {str(one["name"]): str(one["outcome"]) for one in found["variants"]}
    return Matrix(str(found["digest"]), rows, variants, bool(found["conformant"]))


def _outcome(value: object) -> str:
    if value not in OUTCOMES:
        raise ValueError(f"{value!r} is no outcome of a mutant")
    return str(value)
