"""A folder of features outside our tree: judged as ours are, and refused where it says again what is ours."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from kit_runs import ROOT, Ran, once, started

from pdpp_tck.assembly import read_requirements
from pdpp_tck.explain import explain
from pdpp_tck.falsify import campaign
from pdpp_tck.falsify.outcome import Outcome
from pdpp_tck.gate.lock import lock_of
from pdpp_tck.learning import told
from pdpp_tck.lint.__main__ import main as lint_main
from pdpp_tck.options import Options, UsageError
from pdpp_tck.replay import replay_plan
from pdpp_tck.verifying import checking

DISCREET = Path(__file__).parent / "discreet"
OWN = "PR-01/no-place"
Problems = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder, to spoil."""
    return Path(shutil.copytree(DISCREET, tmp_path / "discreet"))


@pytest.fixture
def spoilt(folder: Path) -> Problems:
    """`spoilt(file, old, new)`: what is said of the folder with this change, and nothing at all is run."""

    def say(file: str, old: str, new: str) -> str:
        path = folder / file
        text = path.read_text() if path.exists() else ""
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else new)
        with pytest.raises(UsageError) as refused:
            read_requirements(folder)
        return str(refused.value).replace(f"{folder}/", "")

    return say


@pytest.fixture
def reported(shared: Path) -> Ran:
    """One run of the folder's scenario and one of ours, with its report."""
    options = (
        "--features",
        str(DISCREET),
        "--select",
        f"{OWN},PR-03.3",
        "--report",
        "out",
    )
    return once(shared, "discreet", ("run", *options))


def test_the_folder_stands_beside_ours() -> None:
    """Everything of ours is there with the texts that it had, and what the folder brings."""
    _, ours, ledger = read_requirements(None)
    root, both, joined = read_requirements(DISCREET)
    assert root == (ROOT / "features").resolve()
    assert both[: len(ours)] == ours
    assert [scenario.id for scenario in both[len(ours) :]] == [OWN]
    assert set(joined.ids) - set(ledger.ids) == {OWN, f"{OWN}/T1"}
    assert joined.digest == ledger.digest
    assert lock_of(both, joined).scenarios.keys() - lock_of(ours, ledger).scenarios.keys() == {
        f"{OWN} connector"
    }


def test_a_copy_of_everything_stands_in_place_of_ours(tmp_path: Path) -> None:
    """A ledger that says what spec it is of is a whole one: nothing of ours is joined to it."""
    copy = Path(shutil.copytree(ROOT / "features", tmp_path / "copy"))
    root, scenarios, _ = read_requirements(copy)
    assert root == copy
    assert all(scenario.path.is_relative_to(copy) for scenario in scenarios)


SHADOWS = {
    "an id": (
        "requirements.toml",
        'id = "PR-01/no-place"',
        'id = "PR-01/still-missing"',
        "PR-01/still-missing is one of ours",
    ),
    "an id of the specification": (
        "requirements.toml",
        "[[requirement.derived]]",
        '[[requirement.scenario]]\nid = "PR-01.2"\n\n[[requirement.derived]]',
        "the id PR-01.2 is one of ours; give another",
    ),
    "another title for what is ours": (
        "requirements.toml",
        'id = "PR-01"\n',
        'id = "PR-01"\ntitle = "Other"\n',
        "PR-01 is a requirement of ours and its title 'Other' is not ours",
    ),
    "the title of another": (
        "requirements.toml",
        'title = "A missing partition is named without the place where it lay"',
        'title = "Prior partition remains present"',
        "the title 'Prior partition remains present' is that of PR-01.2",
    ),
    "an id of the profile": (
        "requirements.toml",
        'id = "PR-01"\n',
        'id = "CP-90"\n',
        "the ids CP-… are those of rules of ours; begin CP-90 otherwise",
    ),
    "the name of a scenario": (
        "places.feature",
        "A missing partition is named without the place where it lay (connector)",
        "Prior partition remains present (connector)",
        "is that of PR-01.2 of ours; give another",
    ),
    "a tag of ours": (
        "places.feature",
        "@PR-01/no-place @advice",
        "@PR-01.2",
        "PR-01.2 is judged for the connector at ",
    ),
    "a sentence": (
        "steps/places.py",
        '@then("no line about a gap tells where the source lies")',
        "@then('\"{name}\" is named as missing')",
        "is the sentence '\"{partition}\" is named as missing' of ours, ",
    ),
    "a sentence that takes steps of ours": (
        "steps/places.py",
        '@then("no line about a gap tells where the source lies")',
        '@then("{who} is named as missing")',
        "'{who} is named as missing' is the sentence",
    ),
}


@pytest.mark.parametrize("what", SHADOWS)
def test_what_is_ours_is_not_said_again(spoilt: Problems, what: str) -> None:
    """Each is refused by file and line of the folder's, before anything runs."""
    file, old, new, expected = SHADOWS[what]
    said = spoilt(file, old, new)
    line = next(line for line in said.splitlines() if expected in line)
    named = re.match(rf"{re.escape(file)}:(\d+): ", line)
    assert named is not None, line
    assert int(named[1]) > 1


WRONG = {
    "a broken module": (
        "steps/places.py",
        "def tells_no_place(",
        "def tells_no_place((",
        "breaks when it is imported: SyntaxError",
    ),
    "an import of nothing": (
        "steps/places.py",
        "from typing import Any",
        "from nowhere import Any",
        "places.py:6: breaks when it is imported: ModuleNotFoundError",
    ),
    "a way around the door": (
        "steps/places.py",
        "from typing import Any",
        "from typing import Any\nimport os",
        "steps/places.py:7: a sentence has no use for 'os'",
    ),
    "a Then without a map": (
        "places.feature",
        "      # T1\n",
        "",
        "places.feature:11: the comment above a Then names what it judges",
    ),
    "no control": ("places.feature", "# control", "# T1", "only forbids; add a Then below # control"),
    "a step that nobody knows": (
        "places.feature",
        'the partition "beta" disappears',
        'the partition "beta" vanishes',
        "vanishes'; the nearest are Given 'the partition \"{partition}\" disappears'",
    ),
    "an obligation that nothing judges": (
        "places.feature",
        "@connector",
        "@host",
        "requirements.toml:7: PR-01/no-place obliges a connector and no scenario judges it",
    ),
    "a misspelt field": (
        "requirements.toml",
        "tier",
        "teer",
        "PR-01/no-place/T1: teer: 'teer' is not a field here",
    ),
    "a text": (
        "places.feature",
        "      Given a source with",
        "      Given: so\n      Given a source with",
        "places.feature:7: 'Given: so' is read as description",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_the_same_is_demanded_as_of_ours(spoilt: Problems, what: str) -> None:
    """Text, sentences, scenarios and rows, each by file and line."""
    file, old, new, expected = WRONG[what]
    assert expected in spoilt(file, old, new)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    """Not there, without a ledger, without a scenario, around our own."""
    with pytest.raises(UsageError, match="no such folder"):
        read_requirements(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"requirements\.toml: is not there; write one"):
        read_requirements(tmp_path)
    (tmp_path / "requirements.toml").write_text("ledger_version = 1\n[[requirement")
    with pytest.raises(UsageError, match="cannot be read"):
        read_requirements(tmp_path)
    shutil.copy(DISCREET / "requirements.toml", tmp_path)
    with pytest.raises(UsageError, match="no scenario found"):
        read_requirements(tmp_path)


def test_one_folder_is_forgotten_for_the_next(folder: Path) -> None:
    """A sentence of one is none of another's, nor of ours."""
    module = folder / "steps" / "places.py"
    module.write_text(module.read_text().replace("tells where the source lies", "tells the place"))
    feature = folder / "places.feature"
    feature.write_text(feature.read_text().replace("tells where the source lies", "tells the place"))
    for features, texts in (
        (DISCREET, {"no line about a gap tells where the source lies"}),
        (folder, {"no line about a gap tells the place"}),
        (None, set()),
    ):
        assert {each.text for each in told(features) if each.module.startswith("pdpp_author")} == texts


def test_the_report_carries_them(reported: Ran) -> None:
    """They are judged, reported, sealed and counted as ours are."""
    assert reported.status == 0, reported.err
    report = json.loads((reported.folder / "out" / "report.json").read_text())
    judged = {(entry["id"], entry["subject"]["name"]): entry["verdict"] for entry in report["scenarios"]}
    assert judged[OWN, "folder"] == judged[OWN, "mailbox"] == judged["PR-03.3", "pdpp-host"] == "passed"
    (requirement,) = [r for r in report["requirements"] if r["id"] == "PR-01"]
    assert requirement["title"].startswith("Connectors SHALL surface")
    assert "miscounted" not in report
    # It was not falsified, so both together prove nothing.
    assert report["matrix"]["conformant"] is False


def test_the_report_is_verified_with_the_folder(reported: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its evidence is judged again by the folder's sentences; without the folder they are strangers."""
    with_it = started(("verify", "out", "--features", str(DISCREET)), reported.folder)
    assert (with_it.status, "nothing found" in with_it.out) == (0, True), with_it.out + with_it.err
    monkeypatch.setattr(checking, "judged_again", lambda *given: iter(()))
    without = checking.verify(reported.folder / "out", None).findings
    assert any(OWN in finding and "these features have no such scenario" in finding for finding in without)


def test_an_id_is_explained() -> None:
    """With the line of the folder's feature."""
    said = explain(OWN, DISCREET)
    assert f"written  {DISCREET / 'places.feature'}:6" in said
    with pytest.raises(UsageError, match="unknown"):
        explain(OWN, None)


def test_its_mutants_are_tried(tmp_path: Path) -> None:
    """A mutant of the folder is caught by the folder's sentence, in a process that no path leads to."""
    options = Options(storage="sqlite", report=tmp_path, features=DISCREET)
    found = campaign.falsify(options, ["tells-the-folder"])
    assert [(each.declared.name, each.outcome) for each in found.made] == [
        ("tells-the-folder", Outcome.KILLED)
    ], found.made


def test_a_mutant_is_judged_by_itself(tmp_path: Path) -> None:
    """Named as a plugin of the folder's, it fails as any connector would; the line that replays it does."""
    mutant = "--plugin=pdpp_author.mutants:tells_the_folder"
    subject = ("--connector=folder-tells-the-folder", "--source-driver=folder")
    ran = started(("run", mutant, *subject, f"--features={DISCREET}", f"--select={OWN}"), tmp_path)
    assert ran.status == 1, ran.err
    assert f"{OWN}/T1  failed" in ran.out
    told = next(line for line in ran.out.splitlines() if line.startswith("  replay"))
    command = tuple(shlex.split(told)[2:])
    again = started(command, tmp_path)
    assert (again.status, f"{OWN}/T1  failed" in again.out) == (1, True), again.err
    with pytest.raises(UsageError, match=f"is of {OWN}, which these features do not have"):
        replay_plan([tmp_path / command[1]], None)


def test_our_variants_must_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the requirement that it adds to are tried on the folder's scenario, and on nothing else."""
    seen = []
    monkeypatch.setattr(campaign, "follow", lambda plans: seen.extend(plans))
    campaign.falsify(Options(storage="sqlite", features=DISCREET), [])
    assert {frozenset({OWN})} == {plan.selection for plan in seen}
    names = {plan.reports.name for plan in seen}
    assert {"tells-by-detail-gaps", "tells-line-by-line", "folder", "mailbox"} <= names


def test_a_mutant_of_ours_is_not_named_again(folder: Path) -> None:
    """By file and line."""
    module = folder / "mutants.py"
    module.write_text(module.read_text().replace("def tells_the_folder", "def forgets_missing"))
    with pytest.raises(UsageError) as refused:
        campaign.falsify(Options(storage="sqlite", features=folder), [])
    assert f"{module}:12: 'forgets-missing' is the name of one of ours, in pdpp_plugins.mut" in str(
        refused.value
    )


def test_lint_demands_mutants_and_their_matrix(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A scenario without mutants, and a matrix that is not there, each with what to do."""
    assert lint_main([str(folder)]) == 1
    (only,) = capsys.readouterr().out.splitlines()
    how = f"run `pdpp-tck falsify --update --features {folder}` and commit what it writes"
    assert only == f"{folder / 'kill-matrix.json'}: is not there; {how}"
    (folder / "mutants.py").unlink()
    assert lint_main([str(folder)]) == 1
    ledger = folder / "requirements.toml"
    line = ledger.read_text().partition(f'id = "{OWN}/T1"')[0].count("\n") + 1
    what = "no mutant of the connector breaks it; docs/guide-spec-authors.md shows how to write one"
    assert f"{ledger}:{line}: {OWN}/T1: {what}" in capsys.readouterr().out


def test_lint_names_sentences_that_nothing_uses(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And a page of sentences that is no longer theirs."""
    (folder / "steps" / "idle.py").write_text(
        "from pdpp_tck.scene import Scene\nfrom pdpp_tck.sentence import given\n\n\n"
        '@given("nothing at all")\ndef _(scene: Scene) -> None:\n    """Nothing."""\n'
    )
    (folder / "vocabulary.md").write_text("# Another\n")
    assert lint_main([str(folder)]) == 1
    out = capsys.readouterr().out
    assert f"{folder / 'steps' / 'idle.py'}:6: no scenario uses 'nothing at all'; delete it" in out
    assert (
        f"{folder / 'vocabulary.md'}: sentences or their uses have changed since; run `pdpp-tck steps" in out
    )
    assert lint_main(["a", "b"]) == 2
