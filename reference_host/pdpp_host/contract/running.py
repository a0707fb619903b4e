"""Runs a contract without a test framework."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_host.contract.case import StorageCase


def names(contract: type[StorageCase]) -> list[str]:
    """The tests of a contract, by name."""
    return sorted(name for name in dir(contract) if name.startswith("test_"))


def outcomes(contract: type[StorageCase]) -> Iterator[tuple[str, Exception | None]]:
    """Each test of a contract with what it raised, None where it passed."""
    for name in names(contract):
        case = contract()
        raised: Exception | None = None
        try:
            getattr(case, name)()
        except Exception as error:
            raised = error
        finally:
            case.teardown_method()
        yield name, raised
