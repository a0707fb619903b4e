"""`--storage`: a storage is judged by its contract, each obligation by a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from kit_runs import ROOT, Kit

from pdpp_host.contract import SqlStorageContract
from pdpp_host.contract.running import names

FORGETFUL = '''
from pdpp_host.hookspecs import hookimpl
from pdpp_host.sql_port import Plan
from pdpp_plugins.storage import sqlite


class Forgetful(sqlite.SqliteStorage):
    """SQLite, but a start makes no lost index anew, and the planner takes none."""

    def migrate(self):
        if self.revision() is None:
            super().migrate()

    def plan(self, question):
        return Plan(frozenset(), frozenset({"spine_events"}))


class Databases:
    def __init__(self, inner):
        self.inner = inner

    def fresh(self):
        return self.inner.fresh().replace("sqlite:", "forgetful:")

    def drop(self, url):
        self.inner.drop(url.replace("forgetful:", "sqlite:"))

    def close(self):
        self.inner.close()


@hookimpl
def provide_databases(storage, home):
    return Databases(sqlite.provide_databases("sqlite", home)) if storage.startswith("forgetful:") else None


@hookimpl
def open_storage(url):
    if not url.startswith("forgetful:"):
        return None
    storage = sqlite.open_storage(url.replace("forgetful:", "sqlite:"))
    storage.__class__ = Forgetful
    return storage
'''


@pytest.mark.long
def test_sqlite_keeps_its_contract(kit: Kit) -> None:
    """Every test of the contract is reported once, for the storage, with a claim that gates it."""
    ran = kit("run", "--format", "json", "--storage", "sqlite", "--select", "ST,CS-05")
    assert ran.status == 0, ran.out
    verdicts = ran.verdicts("storage")
    due = {f"ST-{name.removeprefix('test_').replace('_', '-')}" for name in names(SqlStorageContract)}
    assert verdicts.keys() == due | {"CS-05.1", "CS-05/any-sql"}
    assert verdicts.pop("CS-05.1") == "not_applicable"
    assert set(verdicts.values()) == {"passed"}
    subject = ran.report["scenarios"][0]["subject"]
    assert (subject["kind"], subject["name"], subject["claims"]) == ("storage", "sqlite", ["sql_schema"])


@pytest.mark.long
def test_a_strangers_storage_fails_by_name(kit: Kit, tmp_path: Path) -> None:
    """A plugin fails the obligations that it breaks, each by its name, and no other."""
    (tmp_path / "forgetful_storage.py").write_text(FORGETFUL, encoding="utf-8")
    options = ["--plugin", "forgetful_storage", "--storage", "forgetful://", "--select", "ST,CS-05"]
    ran = kit("run", "--format", "json", *options, env={"PYTHONPATH": str(tmp_path)})
    assert ran.status == 1, ran.err
    unused = "ST-the-planner-uses-the-indexes"
    listed = "ST-a-list-of-summaries-reads-evidence-alone"
    assert ran.failed() == {unused, listed, "CS-05/any-sql"}
    assert "none of ['" in ran.reason(unused)
    assert "after an older revision" in ran.reason("CS-05/any-sql")


@pytest.mark.parametrize("name", ["ST-nothing", "ST-", "STX"])
def test_a_mistyped_obligation_ends_2(called: Kit, name: str) -> None:
    """Nothing is judged by a name that no contract has."""
    ran = called("run", "--select", name)
    assert ran.status == 2
    assert name in ran.err
    assert ROOT.name not in ran.out
