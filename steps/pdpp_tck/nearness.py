"""Which sentences of the vocabulary come nearest to a text, best first."""

from __future__ import annotations

import difflib
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pytest_bdd.steps import StepFunctionContext

NEAR = 0.3
"""From here on a sentence is worth proposing."""
_KEYWORD = re.compile(r"^(given|when|then|and|but)\s+", re.IGNORECASE)
_HOLE = re.compile(r"\{[^}]*\}|\"[^\"]*\"|(?<!\w)\d[\d:.TZ+-]*")
_WORD = re.compile(r"[^\W\d_]+")
_ENDING = re.compile(r"(?<=\w{3})(?:e?s|e?d|ing|e)$")
_EXPLAINED = 0.6


def nearest_sentences(
    text: str, sentences: Iterable[StepFunctionContext], count: int = 3
) -> list[StepFunctionContext]:
    """Up to `count` sentences, best first, none that is far; one that the text is a step of comes first.

    A text that begins with Given, When or Then is looked for among those.
    """
    kind, said = split_keyword(text)
    known = [context for context in sentences if kind in (None, context.type)]
    weights = _weights(known)
    marks = [(_likeness(said, context, weights), context) for context in known]
    marks.sort(key=lambda mark: (-mark[0], mark[1].parser.name))
    return [context for mark, context in marks[:count] if mark >= NEAR]


def split_keyword(text: str) -> tuple[str | None, str]:
    """(`given`, `when`, `then` or None, the rest): And and But say no kind."""
    found = _KEYWORD.match(text.strip())
    if found is None:
        return None, text.strip()
    kind = found.group(1).lower()
    return (kind if kind in ("given", "when", "then") else None), text.strip()[found.end() :]


def _likeness(said: str, context: StepFunctionContext, weights: Mapping[str, float]) -> float:
    """From 0 to 1: by the letters and the rarer words of the sentence, or by the words of what it means."""
    if context.parser.is_matching(said):
        return 1.0
    name, wanted = context.parser.name, _stems(said)
    letters = difflib.SequenceMatcher(None, _bare(said), _bare(name), autojunk=False).ratio()
    phrase = (letters + _shared(wanted, _stems(name), weights)) / 2
    explained = _stems(f"{name} {context.step_func.__doc__ or ''}")
    known, all_of_it = _weight(wanted & explained, weights), _weight(wanted, weights)
    return min(0.99, max(phrase, _EXPLAINED * known / (all_of_it or 1)))


def _shared(wanted: set[str], found: set[str], weights: Mapping[str, float]) -> float:
    """How much of what both say is said by both."""
    whole = _weight(wanted, weights) + _weight(found, weights)
    return 2 * _weight(wanted & found, weights) / (whole or 1)


def _weight(stems: set[str], weights: Mapping[str, float]) -> float:
    """The rarer a word is among the sentences, the more it says; one of none of them says most."""
    most = max(weights.values(), default=1.0)
    return sum(weights.get(stem, most) for stem in stems)


def _weights(known: Sequence[StepFunctionContext]) -> dict[str, float]:
    counted: Counter[str] = Counter()
    for context in known:
        counted.update(_stems(f"{context.parser.name} {context.step_func.__doc__ or ''}"))
    return {stem: math.log(1 + len(known) / times) for stem, times in counted.items()}


def _stems(text: str) -> set[str]:
    """The words without the endings that come and go with number and time."""
    return {_ENDING.sub("", word) for word in _WORD.findall(_bare(text))}


def _bare(text: str) -> str:
    """Without what differs from use to use."""
    return " ".join(_HOLE.sub(" ", text.casefold()).split())
