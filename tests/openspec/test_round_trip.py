"""render and parse: a tree becomes text and the same tree again."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from pdpp_tck.openspec import Sentence, SpecFile, SpecRequirement, SpecScenario, Step, parse, render
from pdpp_tck.openspec.tree import Keyword, Operation, Rename

HERE = Path("spec.md")
FIRST = st.sampled_from(["Bread", "it", "#tag", "*rye*", "AND", "`oats`", "1.5", "Requirement:", "ß", "-1"])
NEXT = st.sampled_from(
    ["rests", "e.g.,", "**THEN**", "SHALL", "-", "OR", "###", "(to:", "2)", "it’s", "`it`", "end"]
)
WORDS = st.builds(lambda first, more: " ".join([first, *more, "done"]), FIRST, st.lists(NEXT, max_size=5))
PIECES = st.one_of(
    st.sampled_from(
        """\
# ~## ADDED Requirements~##modified requirements~## REMOVED Requirements~## Requirements
## RENAMED Requirements
###Requirement:~### Requirement: A~#### Scenario: b~#### c ##~- ### Requirement: D~    ### Requirement: C
- **WHEN** d~* then e~**THEN:** : f~AND~  OR g~UNLESS h~Then i~- - j~1. k~x. Y! Z
- FROM: `### Requirement: A`~TO: B~```~- ```~<!--~-->~---~* * *~\t~\x0b~\N{NO-BREAK SPACE}~\N{LINE SEPARATOR}
""".replace("\n", "~").split("~")
    ),
    st.sampled_from(["~~~", "~~~~ x"]),
    st.text(max_size=8),
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from(["", " ", "\n", "\n\n", "\r\n"])), max_size=24).map(
    lambda parts: "".join(piece + end for piece, end in parts)
)


@st.composite
def scenarios(draw: st.DrawFn) -> SpecScenario:
    """A scenario of at most six steps."""
    outcome, steps = False, []
    words: list[Keyword] = ["GIVEN", "WHEN", "THEN", "AND", "BUT", "OR", "UNLESS"]
    for keyword in draw(st.lists(st.sampled_from(words), max_size=6)):
        outcome = keyword == "THEN" or (outcome and keyword not in ("GIVEN", "WHEN"))
        steps.append(Step(keyword, draw(WORDS), outcome))
    return SpecScenario(draw(WORDS), tuple(steps))


@st.composite
def files(draw: st.DrawFn) -> SpecFile:
    """A change's file with requirements of every kind, sorted as sections are."""
    operations: list[Operation] = sorted(
        draw(st.lists(st.sampled_from(["ADDED", "MODIFIED", "REMOVED"]), max_size=4))
    )
    made = []
    for operation in operations:
        body = (
            [] if operation == "REMOVED" else draw(st.lists(WORDS.map(lambda text: f"{text}."), max_size=3))
        )
        below = [] if operation == "REMOVED" else draw(st.lists(scenarios(), max_size=3))
        sentences = tuple(Sentence(f"R{n}", text) for n, text in enumerate(body, 1))
        made.append(SpecRequirement("mend", "bakery", draw(WORDS), sentences, tuple(below), operation))
    renames = tuple(Rename(old, new) for old, new in draw(st.lists(st.tuples(WORDS, WORDS), max_size=2)))
    return SpecFile(HERE, "mend", "bakery", tuple(made), renames)


def _read(text: str, change: str) -> SpecFile:
    return parse(text, HERE, change, "bakery")[0]


@settings(max_examples=150, deadline=None)
@given(files())
def test_a_tree_is_the_same_after_render_and_parse(file: SpecFile) -> None:
    """Requirements, sentences, scenarios, steps and renames come back as they were."""
    assert _read(render(file), "mend") == file


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(["", "mend"]))
def test_what_any_text_says_survives_render_and_parse(text: str, change: str) -> None:
    """However a text is spelt, what was read of it is what its rendering says, line by line."""
    read = _read(text, change)
    assert _read(render(read), change) == read
