"""What is written in a feature file beside scenarios and steps, and would be lost or misread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from gherkin import Parser

_LIKE_A_STEP = re.compile(r"^\s*(Given|When|Then|And|But)\b", re.IGNORECASE)


def text_problems(root: Path) -> Iterator[str]:
    """Problems of the files under `root`, which parse."""
    for path in sorted(root.rglob("*.feature")):
        text = path.read_text(encoding="utf-8")
        document = cast(dict[str, Any], Parser().parse(text))
        if document.get("feature"):
            yield from _holder(path, text.splitlines(), document["feature"])


def _holder(path: Path, lines: list[str], node: dict[str, Any]) -> Iterator[str]:
    """A feature or a rule with what is in it."""
    yield from _description(path, lines, node)
    for child in node["children"]:
        if "background" in child:
            line = child["background"]["location"]["line"]
            yield f"{path}:{line}: a Background hides what a scenario needs; give each its own Givens"
        elif "rule" in child:
            yield from _holder(path, lines, child["rule"])
        else:
            yield from _scenario(path, lines, child["scenario"])


def _scenario(path: Path, lines: list[str], node: dict[str, Any]) -> Iterator[str]:
    yield from _description(path, lines, node)
    if node["examples"] or node["keyword"].strip() in ("Scenario Outline", "Scenario Template"):
        where = f"{path}:{node['location']['line']}"
        yield f"{where}: an Outline makes scenarios that no id names; put the cases into a table under a step"


def _description(path: Path, lines: list[str], node: dict[str, Any]) -> Iterator[str]:
    """Gherkin takes `Given: ok` for description, so that the step is never run."""
    said = [text for text in (node.get("description") or "").splitlines() if _LIKE_A_STEP.match(text)]
    first = node["location"]["line"]
    for text in said:
        line = next(n for n, other in enumerate(lines[first:], first + 1) if other.strip() == text.strip())
        yield f"{path}:{line}: {text.strip()!r} is read as description and never run; write it as a step"
