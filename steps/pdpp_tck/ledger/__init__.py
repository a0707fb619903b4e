"""What is required: the ledger, and its comparison with the specification."""

from pdpp_tck.ledger.errors import LedgerError, SpecNotFound, UnknownId, UnreadableSpec
from pdpp_tck.ledger.findings import Finding, drift
from pdpp_tck.ledger.model import (
    DERIVATIONS,
    KINDS,
    LEVELS,
    TIERS,
    Clause,
    Derivation,
    Kind,
    Ledger,
    Level,
    Requirement,
    Scenario,
    Tier,
)
from pdpp_tck.ledger.openspec import SpecRequirement, SpecScenario, read_openspec
from pdpp_tck.ledger.reading import read_ledger
from pdpp_tck.ledger.sentence import Sentence, SpecClause

__all__ = [
    "DERIVATIONS",
    "KINDS",
    "LEVELS",
    "TIERS",
    "Clause",
    "Derivation",
    "Finding",
    "Kind",
    "Ledger",
    "LedgerError",
    "Level",
    "Requirement",
    "Scenario",
    "Sentence",
    "SpecClause",
    "SpecNotFound",
    "SpecRequirement",
    "SpecScenario",
    "Tier",
    "UnknownId",
    "UnreadableSpec",
    "drift",
    "read_ledger",
    "read_openspec",
]
