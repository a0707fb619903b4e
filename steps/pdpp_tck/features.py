"""Reading features: scenarios, their steps, and which clauses each Then judges."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from gherkin import Parser
from gherkin.errors import CompositeParserException, ParserException

from pdpp_tck.ledger import DERIVATIONS
from pdpp_tck.subject import Kind

ID = re.compile(r"^([A-Z]{2}-\d{2}(\.\d+)?(/[a-z0-9-]+)?|ST-[a-z0-9-]+)$")
KINDS: tuple[Kind, ...] = ("connector", "host", "storage")
CONTROL = "control"
_REQUIREMENT = re.compile(r"CP|ST|[A-Z]{2}-\d{2}")
_JUDGES = re.compile(r"^#\s*((?:[TR]\d+[a-z]?|control)(?:\s+(?:[TR]\d+[a-z]?|control))*)\s*$")


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `kind` is given, when or then, `judges` the clauses named above a Then.

    `columns` is the head of the table below it, empty where there is none.
    """

    kind: str
    keyword: str
    text: str
    line: int
    judges: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """One Gherkin scenario: `id` is the spec scenario's, `kind` the subject that it judges."""

    path: Path
    line: int
    name: str
    tags: frozenset[str]
    steps: tuple[Step, ...]
    digest: str

    @property
    def id(self) -> str:
        """The scenario's id, from its tag; empty when it has none."""
        return next((tag for tag in sorted(self.tags) if ID.match(tag)), "")

    @property
    def kind(self) -> Kind:
        """The kind of subject that the scenario judges."""
        return next((kind for kind in KINDS if kind in self.tags), "host")

    @property
    def derived(self) -> str | None:
        """`body` or `advice` for a scenario of our own, None for one of the spec's."""
        return next((tag for tag in DERIVATIONS if tag in self.tags), None)

    @property
    def claims(self) -> frozenset[str]:
        """The claims without which the scenario does not apply."""
        return frozenset(tag.removeprefix("claim.") for tag in self.tags if tag.startswith("claim."))


def requirement_of(identifier: str) -> str:
    """The requirement of a scenario's or clause's id: PR-01 of PR-01.2/T1, CP of CP-03, ST of ST-…."""
    found = _REQUIREMENT.match(identifier)
    return found.group(0) if found else identifier


class FeatureError(Exception):
    """A feature file cannot be used; every problem is one line `file:line: what`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def features_root() -> Path:
    """Where the features are: beside the package in a wheel, at the top of a checkout else."""
    return installed() or Path(__file__).resolve().parents[2] / "features"


def installed() -> Path | None:
    """The features of an installed kit, which nobody edits; None in a checkout."""
    inside = Path(__file__).resolve().parent / "features"
    return inside if inside.is_dir() else None


def read_features(root: Path) -> list[Scenario]:
    """Every scenario under `root`, in file order; raises FeatureError for a file that does not parse."""
    problems: list[str] = []
    found: list[Scenario] = []
    for path in sorted(root.rglob("*.feature")):
        try:
            found.extend(_scenarios(path))
        except (CompositeParserException, ParserException) as error:
            problems.append(f"{path}: {error}")
        except UnicodeDecodeError as error:
            problems.append(f"{path}: not UTF-8: {error}")
    if problems:
        raise FeatureError(problems)
    if not found:
        raise FeatureError([f"{root}: no scenario found; name a folder with --features"])
    return found


# Every run of the kit reads its features, and looks into the same texts again for what would be lost.
@lru_cache(maxsize=64)
def parsed_feature(text: str) -> dict[str, Any]:
    """What Gherkin makes of the text of a feature; nobody changes it."""
    return cast(dict[str, Any], Parser().parse(text))


def _scenarios(path: Path) -> Iterator[Scenario]:
    text = path.read_text(encoding="utf-8")
    document = parsed_feature(text)
    feature = document.get("feature")
    if feature is None:
        return
    comments = {entry["location"]["line"]: entry["text"].strip() for entry in document["comments"]}
    for child, tags in _children(feature, _tags(feature)):
        yield _scenario(path, text.splitlines(), child, tags | _tags(child), comments)


def _children(
    holder: dict[str, Any], tags: frozenset[str]
) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    for child in holder["children"]:
        if "rule" in child:
            yield from _children(child["rule"], tags | _tags(child["rule"]))
        elif "scenario" in child:
            yield child["scenario"], tags


def _tags(holder: dict[str, Any]) -> frozenset[str]:
    return frozenset(tag["name"].removeprefix("@") for tag in holder["tags"])


def _scenario(
    path: Path, lines: list[str], node: dict[str, Any], tags: frozenset[str], comments: dict[int, str]
) -> Scenario:
    steps: list[Step] = []
    kind = ""
    last = node["location"]["line"]
    for raw in node["steps"]:
        line = raw["location"]["line"]
        kind = {"Context": "given", "Action": "when", "Outcome": "then"}.get(raw["keywordType"], kind)
        judges = _judges(comments.get(line - 1)) if kind == "then" else ()
        rows = raw.get("dataTable", {}).get("rows", [])
        columns = tuple(cell["value"] for cell in rows[0]["cells"]) if rows else ()
        steps.append(Step(kind, raw["keyword"].strip(), raw["text"], line, judges, columns))
        last = rows[-1]["location"]["line"] if rows else line
    text = "\n".join(line.strip() for line in lines[node["location"]["line"] - 1 : last])
    digest = hashlib.sha256(("\n".join(sorted(tags)) + "\n" + text).encode()).hexdigest()
    return Scenario(path, node["location"]["line"], node["name"], tags, tuple(steps), digest)


def _judges(comment: str | None) -> tuple[str, ...]:
    found = _JUDGES.match(comment or "")
    return tuple(found.group(1).split()) if found else ()
