"""What is required: the ledger."""

from pdpp_tck.ledger.errors import LedgerError, UnknownId
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
from pdpp_tck.ledger.reading import read_ledger

__all__ = [
    "DERIVATIONS",
    "KINDS",
    "LEVELS",
    "TIERS",
    "Clause",
    "Derivation",
    "Kind",
    "Ledger",
    "LedgerError",
    "Level",
    "Requirement",
    "Scenario",
    "Tier",
    "UnknownId",
    "read_ledger",
]
