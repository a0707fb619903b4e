"""features/requirements.toml: the committed ledger against the specification and our own rules for it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pdpp_tck.ledger import Ledger, read_ledger
from pdpp_tck.openspec import Sentence, read_openspec
from pdpp_tck.specifying.drift import drift
from pdpp_tck.specifying.rows import read_rows


@pytest.fixture(scope="module")
def ledger(ledger_file: Path) -> Ledger:
    """The committed ledger, which read_ledger accepts."""
    return read_ledger(ledger_file)


def _sentences(spec_dir: Path) -> Iterator[Sentence]:
    for requirement in read_openspec(spec_dir).requirements:
        yield from requirement.sentences
        for scenario in requirement.scenarios:
            yield from scenario.sentences


def _words(text: str) -> list[str]:
    return re.findall(r"[\w.]+", text.lower())


def _longest_shared_run(ours: list[str], theirs: list[str]) -> int:
    runs = [0] * (len(theirs) + 1)
    longest = 0
    for word in ours:
        runs = [0] + [runs[index] + 1 if word == other else 0 for index, other in enumerate(theirs)]
        longest = max(longest, *runs)
    return longest


def test_the_ledger_agrees_with_the_specification(ledger: Ledger, ledger_file: Path, spec_dir: Path) -> None:
    """What the ledger lists is as the specification has it: 13 requirements, 28 scenarios, 90 clauses."""
    spec = read_openspec(spec_dir)
    assert drift(ledger, spec, [read_rows(ledger_file)]) == []
    titles = {requirement.title for requirement in spec.requirements}
    assert {requirement.title for requirement in ledger.requirements} == titles
    assert len(titles) == 13
    assert sum(len(requirement.scenarios) for requirement in ledger.requirements) == 28
    assert len([clause for clause in ledger.clauses if clause.hash is not None]) == 90


def test_the_clauses_of_the_first_change_are_listed(ledger: Ledger) -> None:
    """PR-01 to PR-03 have 7 body clauses and 15 outcomes in 7 scenarios, besides those that are ours."""
    ids = [c.id for c in ledger.clauses if c.id.startswith("PR-") and c.restates is None]
    assert [id for id in ids if "/R" in id] == [
        "PR-01/R1", "PR-01/R2", "PR-02/R1", "PR-02/R2a", "PR-02/R2b", "PR-03/R1", "PR-03/R2",
    ]  # fmt: skip
    assert [id for id in ids if "/T" in id] == [
        "PR-01.1/T1", "PR-01.1/T2", "PR-01.1/T3", "PR-01.2/T1", "PR-02.1/T1", "PR-02.1/T2", "PR-02.2/T1",
        "PR-02.2/T2", "PR-03.1/T1", "PR-03.1/T2", "PR-03.1/T3", "PR-03.2/T1", "PR-03.2/T2", "PR-03.3/T1",
        "PR-03.3/T2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "connector", "host"),
    [
        ("PR-01.1", ["T1", "T2", "T3"], ["T3"]),
        ("PR-01.2", ["T1"], []),
        ("PR-02.1", ["T1", "T2"], []),
        ("PR-02.2", ["T1", "T2"], []),
        ("PR-03.1", ["T3"], ["T1", "T2"]),
        ("PR-03.2", [], ["T1", "T2"]),
        ("PR-03.3", [], ["T1", "T2"]),
    ],
)
def test_each_outcome_obliges_its_kind(
    ledger: Ledger, scenario: str, connector: list[str], host: list[str]
) -> None:
    """A subject is judged on what obliges its kind and on nothing else."""
    entry = ledger.scenario(scenario)
    assert [clause.id for clause in entry.obliged("connector")] == [
        f"{scenario}/{mark}" for mark in connector
    ]
    assert [clause.id for clause in entry.obliged("host")] == [f"{scenario}/{mark}" for mark in host]
    assert entry.obliged("storage") == ()


def test_the_bodies_of_the_first_change_are_observed_in_its_scenarios(ledger: Ledger) -> None:
    """Each body clause of PR-01 to PR-03 is the same observation as an outcome of its own requirement."""
    for requirement in (ledger.requirement(id) for id in ("PR-01", "PR-02", "PR-03")):
        for clause in requirement.clauses:
            observed = ledger.observation(clause.id)
            assert observed.id.startswith(f"{requirement.id}.")
            assert observed.kinds == clause.kinds


def test_says_is_one_sentence(ledger: Ledger) -> None:
    """What a clause says is one sentence of its own, told once."""
    said = [clause.says for clause in ledger.clauses]
    assert len(set(said)) == len(said)
    for says in said:
        assert re.fullmatch(r"[A-Z][^\n]*\.", says)
        assert not re.search(r"[.!?]\s+[A-Z]", says)


def test_says_is_not_the_specs_wording(ledger: Ledger, spec_dir: Path) -> None:
    """No clause repeats six words in a row, or half a sentence, of the specification."""
    for clause in ledger.clauses:
        for sentence in _sentences(spec_dir):
            theirs = _words(sentence.text)
            shared = _longest_shared_run(_words(clause.says), theirs)
            assert shared < 6, (clause.id, sentence.text)
            assert shared * 2 < len(theirs), (clause.id, sentence.text)
