"""`pdpp-tck explain` and `pdpp-tck steps`: what a report's ids and a feature's sentences mean."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest
from kit_runs import ROOT, Kit
from typer.testing import CliRunner

from pdpp_tck import explain as explaining
from pdpp_tck import learning
from pdpp_tck.assembly import read_requirements
from pdpp_tck.cli import app
from pdpp_tck.explain import explain
from pdpp_tck.features import read_features
from pdpp_tck.ledger import read_ledger
from pdpp_tck.lint.sentences import sentences
from pdpp_tck.matrix import read_both
from pdpp_tck.nearness import nearest_sentences

LEDGER = read_ledger(ROOT / "features" / "requirements.toml")


_once = cache(cache)


@pytest.fixture
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is explained many times is read once."""
    monkeypatch.setattr(explaining, "read_requirements", _once(read_requirements))
    monkeypatch.setattr(explaining, "read_both", _once(read_both))


@pytest.mark.usefixtures("read_once")
@pytest.mark.parametrize("scenario", LEDGER.judged, ids=lambda scenario: scenario.id)
def test_every_scenario_is_explained(scenario: object) -> None:
    """What it says, what is sent, which claims it needs, where it is seen, how a stranger may differ."""
    entry = LEDGER.scenario(scenario.id)  # type: ignore[attr-defined]
    told = " ".join(explain(entry.id, None).split())
    for text in (entry.title, entry.sends, entry.freedom, "claims needed:", "written", "seen"):
        assert " ".join(text.split()) in told
    for clause in entry.clauses:
        assert f"{clause.id} {clause.level}, obliges the" in told
        assert " ".join(clause.says.split()) in told


def test_a_clause_alone_and_a_requirement_whole() -> None:
    """A clause of a body, with the clause whose verdict it shares, and a requirement with its scenarios."""
    assert "same as  PR-01.1/T3" in explain("PR-01/R1", None)
    assert re.search(r"killed +[^\n]*\bforgets-missing\b", explain("PR-01.1/T1", None))
    assert re.search(r"variants +[^\n]*\bfolder\b", explain("PR-02.2/T1", None))
    told = explain("PR-01", None)
    assert "PR-01/R2" in told
    assert "PR-01.2  Prior partition remains present" in told


@pytest.mark.parametrize(
    ("typed", "meant"), [("PR-01.3", "PR-01"), ("cp-03", "CP-03"), ("nonsense", "known are")]
)
def test_a_mistyped_id_ends_2(called: Kit, typed: str, meant: str) -> None:
    """One sentence with the nearest right name."""
    ran = called("explain", typed)
    assert ran.status == 2
    assert f"{typed}: unknown; " in ran.err
    assert meant in ran.err


def test_every_sentence_is_listed_with_its_uses(called: Kit) -> None:
    """Kind, text, docstring and the scenarios in which it stands."""
    ran = called("steps")
    assert ran.status == 0
    scenarios = read_features(ROOT / "features")
    for context in sentences():
        assert f"{(context.type or '').title():5} {context.parser.name}\n      " in ran.out
    block = ran.out.partition("Given a finished run\n")[2].partition("\n\n")[0]
    used = re.search(r"used in (.*)", block)
    assert used is not None
    assert set(used[1].split(", ")) == {
        s.id for s in scenarios if any(step.text == "a finished run" for step in s.steps)
    }


@pytest.fixture(scope="module")
def told() -> dict[str, learning.Sentence]:
    """Every sentence by its kind and text."""
    return {f"{each.kind.title()} {each.text}": each for each in learning.told(None)}


def test_what_a_sentence_takes_is_told(told: dict[str, learning.Sentence]) -> None:
    """Text or numbers, with what scenarios give; and the head of the table below it."""
    count, length = told["Given {count:d} more partitions with names of {length:d} characters"].parameters
    assert (count.name, count.takes, count.given) == ("count", "a whole number", ("2000",))
    assert length.takes == "a whole number"
    assert told["When it reports in these runs"].tables == (("run", "stream", "missing"),)
    assert told["Given a finished run"].parameters == ()
    (partition,) = told['Given the partition "{partition}" disappears'].parameters
    assert (partition.takes, partition.given[0]) == ("text", "beta")


def test_a_step_is_nearest_to_its_own_sentence() -> None:
    """Of every sentence the first step that uses it, with its keyword."""
    known, scenarios = sentences(), read_features(ROOT / "features")
    for context in known:
        step = next(
            step
            for scenario in scenarios
            for step in scenario.steps
            if step.kind == context.type and context.parser.is_matching(step.text)
        )
        assert nearest_sentences(f"{step.kind.title()} {step.text}", known, 1) == [context]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Given a partition vanishes", 'the partition "{partition}" disappears'),
        ("the owner begins a run", "the owner starts a run"),
        ('it says for a request of "a" these', 'it emits for a request of "{resource}" these records, each'),
        ("Then an index serves the runs of a source", "each time the runs of a source are grouped"),
        ("Then the list has been answered with no write at all", "the list costs the same few statements"),
        ("the listing of the source fails", "the source cannot be listed"),
    ],
)
def test_free_texts_find_what_was_meant(text: str, meant: str) -> None:
    """Other words for the same thing, with a keyword or without."""
    near = [context.parser.name for context in nearest_sentences(text, sentences(), 3)]
    assert any(name.startswith(meant) for name in near), near


def test_a_text_far_from_all_finds_nothing() -> None:
    """Rather none than a wrong one; a keyword keeps other kinds out."""
    assert nearest_sentences("xyzzy plugh", sentences()) == []
    assert {c.type for c in nearest_sentences("Then the owner starts a run", sentences(), 9)} == {"then"}


def test_the_nearest_are_told(tmp_path: Path) -> None:
    """Best first, as text or JSON; an empty text is refused."""
    ran = CliRunner().invoke(app, ["steps", "the partition was removed", "--format", "json"])
    found = json.loads(ran.stdout)
    assert ran.exit_code == 0
    assert 0 < len(found) <= learning.NEAREST
    assert found[0].keys() == {"kind", "text", "says", "parameters", "tables", "used", "module", "line"}
    text = CliRunner().invoke(app, ["steps", "the partition was removed"]).stdout
    assert text.startswith(f"{found[0]['kind'].title():5} {found[0]['text']}\n")
    assert "best first" in text.splitlines()[-1]
    assert CliRunner().invoke(app, ["steps", " "]).exit_code == 2
    assert CliRunner().invoke(app, ["steps", "a run", "--update"]).exit_code == 2


def test_a_stale_page_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page in docs/ is the one that the command writes; one that is not, or is gone, is named."""
    scenarios = read_features(ROOT / "features")
    assert learning.page_problems(None, scenarios) == []
    file = tmp_path / "vocabulary.md"
    monkeypatch.setattr(learning, "page_of", lambda features: file)
    (missing,) = learning.page_problems(None, scenarios)
    assert missing == f"{file}: is not there; run `pdpp-tck steps --update` and commit what it writes"
    assert CliRunner().invoke(app, ["steps", "--update"]).exit_code == 0
    assert learning.page_problems(None, scenarios) == []
    assert file.read_text() == (ROOT / "docs" / "vocabulary.md").read_text()
    (stale,) = learning.page_problems(None, scenarios[1:])
    assert "sentences or their uses have changed since" in stale
