"""The guides' commands are run as they stand, and end and print as the guides say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from following import follow
from pages import DOCS, blocks, page, sections, table

import pdpp_host.cli
import pdpp_tck.cli
from pdpp_tck.features import features_root
from pdpp_tck.subject import CLAIMS
from pdpp_tck.verdict import Verdict

GUIDES = sorted(file.name for file in DOCS.glob("guide-*.md"))
PAGES = sorted(file.name for file in DOCS.glob("*.md"))


@pytest.mark.long
@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_can_be_followed(name: str, tmp_path: Path) -> None:
    """Every command of the guide works, in order, in an empty folder."""
    assert follow(page(name), tmp_path) > 3


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("$ false", "ended 1, not 0"),
        ("$ true  # exits 3", "ended 0, not 3"),
        ("$ printf 'a b'\na c", "does not print 'a c'"),
        ("$ printf 'one\\ntwo'\ntwo\none", "does not print 'one'"),
        ("$ printf 'record of alpha'\nrecord … beta", "does not print"),
    ],
)
def test_a_wrong_guide_is_noticed(block: str, told: str, tmp_path: Path) -> None:
    """Another status, a line that is not printed, lines in another order: each fails the guide."""
    with pytest.raises(AssertionError, match=told):
        follow(f"```console\n{block}\n```\n", tmp_path)


def test_a_right_guide_is_followed(tmp_path: Path) -> None:
    """Files are written, statuses kept, output matched with gaps."""
    text = "```sh say.sh\necho one  two\nexit 4\n```\n```console\n$ sh say.sh  # exits 4\none … two\n```\n"
    text = text.replace("one … two", "one …")
    assert follow(text, tmp_path) == 1


@pytest.mark.parametrize("name", PAGES)
def test_options_exist(name: str) -> None:
    """Every option that a page names is one of our programs'."""
    known = {"--help", "--collect-only"}
    for app in (pdpp_tck.cli.app, pdpp_host.cli.app):
        for command in _commands(typer.main.get_command(app)):
            known |= {option for parameter in command.params for option in parameter.opts}
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page(name)))
    assert named <= known


def _commands(group: Any) -> Iterator[Any]:
    """Every command of a group, and of the groups in it."""
    for command in group.commands.values():
        yield from _commands(command) if hasattr(command, "commands") else [command]


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    """Every link to a page or a heading of ours has its end."""
    for target in re.findall(r"\]\(([^)]+)\)", page(name)):
        file, _, heading = target.partition("#")
        if "://" in target:
            continue
        assert not file or (DOCS / file).is_file(), target
        text = page(file or name)
        titles = {title for level in (2, 3) for title in sections(text, level)}
        assert not heading or heading in {_anchor(title) for title in titles}, target


def _anchor(title: str) -> str:
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", PAGES)
def test_paths_exist(name: str) -> None:
    """Files and folders of the project that a page names are there."""
    root = DOCS.parent
    for path in re.findall(r"`((?:features|steps|plugins|tests|docs|reference_host)/[\w./-]*)`", page(name)):
        assert (root / path).exists(), path


def test_claims_are_told() -> None:
    """The table of claims has each claim of a connector."""
    rows = table(sections(page("guide-connectors.md"), 2)["5. Claims"])
    assert {row["claim"] for row in rows} == CLAIMS["connector"]


def test_verdicts_are_told() -> None:
    """The table of verdicts has each verdict."""
    rows = table(sections(page("guide-connectors.md"), 2)["6. What is not green"])
    assert {row["verdict"] for row in rows} == {verdict.value for verdict in Verdict}


def test_quoted_features_are_true() -> None:
    """What the guide for authors quotes of a feature or of the ledger stands there."""
    kept = [
        file.read_text() for pattern in ("*.feature", "*.toml") for file in features_root().rglob(pattern)
    ]
    quoted = [block for block in blocks(page("guide-authors.md")) if block.info in ("gherkin", "toml")]
    assert {block.info for block in quoted} == {"gherkin", "toml"}
    for block in quoted:
        assert any(_lines(block.text) in _lines(text) for text in kept), block.text


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def test_statuses_are_told() -> None:
    """The guide for CI has each status that the command can end with."""
    rows = table(sections(page("guide-ci.md"), 2)["Exit statuses"])
    assert [row["status"] for row in rows] == ["0", "1", "2", "3", "4"]
