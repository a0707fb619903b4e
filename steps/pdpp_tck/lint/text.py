"""What is written in a feature file beside scenarios and steps, and would be lost or misread."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pdpp_tck.features import parsed_feature

_KINDS = ("Context", "Action", "Outcome")
_LIKE_A_MAP = re.compile(r"#\s*([TR]\d|control\b)", re.IGNORECASE)
_LIKE_A_STEP = re.compile(r"^\s*(Given|When|Then|And|But)\b", re.IGNORECASE)


def text_problems(root: Path) -> Iterator[str]:
    """Problems of the files under `root`, which parse."""
    for path in sorted(root.rglob("*.feature")):
        text = path.read_text(encoding="utf-8")
        document = parsed_feature(text)
        if document.get("feature"):
            yield from _holder(path, text.splitlines(), document["feature"], {})
            yield from _stray(path, document)


def _holder(path: Path, lines: list[str], node: dict[str, Any], above: dict[str, int]) -> Iterator[str]:
    """A feature or a rule with what is in it; `above` are the tags that it inherits, with their lines."""
    yield from _description(path, lines, node)
    yield from _tags(path, node, above)
    tags = above | _lines(node)
    for child in node["children"]:
        if "background" in child:
            line = child["background"]["location"]["line"]
            yield f"{path}:{line}: a Background hides what a scenario needs; give each its own Givens"
        elif "rule" in child:
            yield from _holder(path, lines, child["rule"], tags)
        else:
            yield from _tags(path, child["scenario"], tags)
            yield from _scenario(path, lines, child["scenario"])


def _scenario(path: Path, lines: list[str], node: dict[str, Any]) -> Iterator[str]:
    yield from _description(path, lines, node)
    if node["examples"] or node["keyword"].strip() in ("Scenario Outline", "Scenario Template"):
        where = f"{path}:{node['location']['line']}"
        yield f"{where}: an Outline makes scenarios that no id names; put the cases into a table under a step"


def _tags(path: Path, node: dict[str, Any], above: dict[str, int]) -> Iterator[str]:
    """A tag counts for everything below it, so the second one of a name is a mistake about one of them."""
    seen = dict(above)
    for tag in node["tags"]:
        name, line = tag["name"], tag["location"]["line"]
        if name in seen:
            yield f"{path}:{line}: the tag {name} is given at line {seen[name]} too; give it once"
        seen.setdefault(name, line)


def _lines(node: dict[str, Any]) -> dict[str, int]:
    return {tag["name"]: tag["location"]["line"] for tag in node["tags"]}


def _stray(path: Path, document: dict[str, Any]) -> Iterator[str]:
    """A comment that says what is judged counts directly above a Then and is lost anywhere else."""
    thens = set(_thens(document["feature"]))
    for comment in document["comments"]:
        line, text = comment["location"]["line"], comment["text"].strip()
        if _LIKE_A_MAP.match(text) and line + 1 not in thens:
            yield f"{path}:{line}: {text!r} stands above no Then and maps nothing; move or delete it"


def _thens(holder: dict[str, Any]) -> Iterator[int]:
    """The lines of Thens, and of the Ands after them."""
    for child in holder["children"]:
        if "rule" in child:
            yield from _thens(child["rule"])
        kind = ""
        for step in child.get("scenario", {}).get("steps", ()):
            kind = step["keywordType"] if step["keywordType"] in _KINDS else kind
            if kind == "Outcome":
                yield int(step["location"]["line"])


def _description(path: Path, lines: list[str], node: dict[str, Any]) -> Iterator[str]:
    """Gherkin takes `Given: ok` for description, so that the step is never run."""
    line = node["location"]["line"]
    for said in filter(None, map(str.strip, (node.get("description") or "").splitlines())):
        # Each line of it is looked for after the one before: two may be the same.
        line = next(n for n, other in enumerate(lines[line:], line + 1) if other.strip() == said)
        if _LIKE_A_STEP.match(said):
            yield f"{path}:{line}: {said!r} is read as description and never run; write it as a step"
