"""The sentences that there are, as they are told: all of them, or those nearest to a text."""

from __future__ import annotations

from pathlib import Path

from pdpp_tck.assembly import read_requirements
from pdpp_tck.authors.folder import find_folder
from pdpp_tck.features import Scenario, features_root
from pdpp_tck.lint.mutants import remedy
from pdpp_tck.lint.sentences import of_author, sentences
from pdpp_tck.nearness import nearest_sentences
from pdpp_tck.options import UsageError
from pdpp_tck.reports import vocabulary
from pdpp_tck.reports.vocabulary import Sentence, ordered, sentence

NEAREST = 5
PAGE = "vocabulary.md"


def told(features: Path | None, text: str | None = None) -> list[Sentence]:
    """Every sentence in order, or the nearest to a text, best first; raises UsageError."""
    _, scenarios, _ = read_requirements(features)
    known = sentences()
    found = ordered(known) if text is None else nearest_sentences(text, known, NEAREST)
    return [sentence(context, scenarios) for context in found]


def page(features: Path | None) -> str:
    """The page of our sentences, or that of an author's; raises UsageError."""
    _, scenarios, _ = read_requirements(features)
    return page_for(find_folder(features) is not None, scenarios)


def page_for(author: bool, scenarios: list[Scenario]) -> str:
    """The page of the sentences that are in use, of an author's or of ours."""
    found = ordered([context for context in sentences() if of_author(context) == author])
    told = [sentence(context, scenarios) for context in found]
    return vocabulary.as_markdown(told) if author else vocabulary.page(told)


def page_of(features: Path | None) -> Path:
    """The file that the page is kept in: in `docs/` of a checkout, or in an author's folder."""
    folder = find_folder(features)
    if folder is not None:
        return folder.root / PAGE
    docs = features_root().parent / "docs"
    if not docs.is_dir():
        raise UsageError("the page of our own sentences is written in a checkout; give --features for yours")
    return docs / PAGE


def page_problems(features: Path | None, scenarios: list[Scenario]) -> list[str]:
    """The page, where it is there, or ought to be, and is not what the sentences are."""
    try:
        file = page_of(features)
    except UsageError:
        return []
    folder = find_folder(features)
    author, how = folder is not None, remedy("steps --update", folder.root if folder else features_root())
    if not file.is_file():
        return [] if author else [f"{file}: is not there; {how}"]
    stale = file.read_text(encoding="utf-8") != page_for(author, scenarios)
    return [f"{file}: sentences or their uses have changed since; {how}"] if stale else []
