"""The threat model claims what tests hold, and every secret of the tables."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODEL = (ROOT / "docs" / "threat-model.md").read_text()


def named() -> list[tuple[str, str]]:
    """The file and the function of each test that the page names."""
    found, file = [], ""
    for path, function in re.findall(r"`([\w/.]*)::(\w+)`", MODEL):
        file = path or file
        found.append((file, function))
    return found


def test_every_test_that_is_named_is_there() -> None:
    """No claim points at a test that was renamed or removed."""
    assert len(named()) > 25
    for file, function in named():
        defined = {
            node.name
            for node in ast.parse((ROOT / file).read_text()).body
            if isinstance(node, ast.FunctionDef)
        }
        assert function in defined, f"{file} has no {function}"


def test_every_claim_names_a_test() -> None:
    """A row without a test would be a promise."""
    table = MODEL.partition("## What holds")[2].partition("##")[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 10
    assert [row for row in rows if "::" not in row] == []


def test_every_secret_test_is_named() -> None:
    """The canary tests stand behind claims of the page."""
    files = {file for file, _ in named()}
    assert {"tests/security/test_host.py", "tests/security/test_kit.py"} <= files
