"""docs/hooks.md names what the code has."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest
from hooks_page import PARTS, listed, members, table_after
from pages import codes, sections

import pdpp_host.hookspecs
import pdpp_host.plugins
import pdpp_tck.hookspecs
import pdpp_tck.plugins
from pdpp_host import ports
from pdpp_host.services import Services
from pdpp_tck.subject import CLAIMS, ArrangedSource, Host, SourceDriver


def hooks_of(module: Any, project: str) -> set[str]:
    """The hooks that a module of hook specifications declares."""
    return {name for name, value in vars(module).items() if hasattr(value, f"{project}_spec")}


@pytest.mark.parametrize(
    ("title", "module", "project"),
    [
        ("The host's hooks", pdpp_host.hookspecs, "pdpp_host"),
        ("The kit's hooks", pdpp_tck.hookspecs, "pdpp_tck"),
    ],
)
def test_hooks_are_those_of_the_code(title: str, module: Any, project: str) -> None:
    """Each hook has a section that names its arguments and holds an example, and no section is left over."""
    told = sections(PARTS[title].replace("\n ```", "\n```"), 3)
    assert set(told) == hooks_of(module, project)
    for name, text in told.items():
        arguments = list(inspect.signature(getattr(module, name)).parameters)
        assert all(f"`{argument}`" in text for argument in arguments), name
        assert arguments or "No arguments." in text, name


def test_services() -> None:
    """Every decision is listed with its arguments, every limit by name; the two ports are named."""
    text = PARTS["The host's hooks"]
    ports_named = {"storage", "clock", "flights", "identity_rules", "policy"}
    fields = {field.name: field.default for field in dataclasses.fields(Services)}
    assert all(f"`{name}`" in text for name in ports_named)
    limits = {name for name, default in fields.items() if isinstance(default, int | float)}
    assert listed(text, "the same arguments.", "decision") == fields.keys() - ports_named - limits
    assert listed(text, "verdict, next action |", "limit") == limits
    for row in table_after(text, "the same arguments."):
        assert codes(row["gets"]) == list(inspect.signature(fields[row["decision"]]).parameters)


def test_the_storage_port() -> None:
    """Storage, snapshot and transaction have the methods that are listed."""
    text = PARTS["The storage port"]
    assert listed(text, "**The storage**", "method") == members(ports.Storage) - {"name", "version"}
    assert listed(text, "**A snapshot**", "method") == members(ports.View)
    assert listed(text, "**A transaction**", "method") == members(ports.Unit, ports.View)


def test_source_drivers_and_hosts() -> None:
    """Drivers, their sources and hosts have the members that are listed, and a host's claims are named."""
    text = PARTS["The kit's hooks"]
    assert listed(text, "A driver, `pdpp_tck", "member") == members(SourceDriver)
    assert listed(text, "A source, `pdpp_tck", "member") == members(ArrangedSource)
    assert listed(text, "A host, `pdpp_tck", "member") == members(Host)
    claims = next(row for row in table_after(text, "A host, `pdpp_tck") if row["member"] == "claims")
    assert set(codes(claims["is"])) == CLAIMS["host"]


def test_groups_are_those_that_are_searched() -> None:
    """The entry-point groups in the text are the ones that the two programs load."""
    text = PARTS["How a plugin is found"]
    for group in (pdpp_host.plugins.GROUP, pdpp_tck.plugins.GROUP):
        assert f"[project.entry-points.{group}]" in text
