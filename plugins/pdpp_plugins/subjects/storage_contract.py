"""A storage as a subject: the host's contract of storages, held against the databases of a session."""

from __future__ import annotations

import inspect
from functools import partial

import pluggy

from pdpp_host.compose import open_storage
from pdpp_host.contract import SqlStorageContract, StorageContract
from pdpp_host.contract.running import names
from pdpp_host.ports import Databases, Storage
from pdpp_tck.subject import ContractTest


def contract_tests(
    manager: pluggy.PluginManager, databases: Databases, claims: frozenset[str]
) -> tuple[ContractTest, ...]:
    """Every test that a storage with these claims is held to, each on a database of its own."""
    contract = SqlStorageContract if "sql_schema" in claims else StorageContract

    class Held(contract):  # type: ignore[valid-type, misc]
        """The contract on databases of this session."""

        def fresh(self) -> str:
            return databases.fresh()

        def open(self, url: str) -> Storage:
            return open_storage(manager, url)

        def drop(self, url: str) -> None:
            databases.drop(url)

    return tuple(
        ContractTest(_named(name), _says(Held, name), partial(_run, Held, name)) for name in names(Held)
    )


def _run(contract: type[StorageContract], name: str) -> None:
    case = contract()
    try:
        getattr(case, name)()
    finally:
        case.teardown_method()


def _named(name: str) -> str:
    return name.removeprefix("test_").replace("_", "-")


def _says(contract: type[StorageContract], name: str) -> str:
    return " ".join((inspect.getdoc(getattr(contract, name)) or name).split())
