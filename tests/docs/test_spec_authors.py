"""What the guide for spec authors says beside its commands is so."""

from __future__ import annotations

import hashlib
import inspect
import re
import tomllib

from pages import blocks, codes, page, sections, table

from pdpp_tck.evidence.transcripts import Line
from pdpp_tck.evidence.views import Evidence, RunView
from pdpp_tck.vocabulary import diagnostics

PAGE = page("guide-spec-authors.md")


def test_what_a_then_reads_is_there() -> None:
    """Each member that is listed belongs to what it is listed of."""
    section = sections(PAGE, 2)["4. A sentence of your own"]
    rows = table(section)
    owners = {"evidence": dir(Evidence), "run": dir(RunView), "line": [*dir(Line), *Line.__annotations__]}
    assert {row["of"] for row in rows} == owners.keys()
    for row in rows:
        (member,) = codes(row["member"])
        assert member in owners[row["of"]], row
    functions = [codes(row["function"])[0] for row in table(section.partition("Functions of our own")[2])]
    assert functions
    for function in functions:
        name, _, arguments = function.rstrip(")").partition("(")
        assert len(inspect.signature(getattr(diagnostics, name)).parameters) >= arguments.count(",") + 1


def test_the_hashes_are_those_of_the_text() -> None:
    """Every hash of the rows is that of a line of the specification, its bullet and keyword removed."""
    files = {block.info.rpartition(" ")[2]: block.text for block in blocks(PAGE)}
    text = next(text for name, text in files.items() if name.endswith("spec.md"))
    lines = (re.sub(r"^- \*\*\w+\*\* ", "", line) for line in text.splitlines())
    known = {hashlib.sha256(line.encode()).hexdigest() for line in lines}
    rows = tomllib.loads(files["discreet/requirements.toml"])["requirement"][0]
    clauses = [*rows["clause"], *rows["scenario"][0]["clause"]]
    assert [clause["id"] for clause in clauses] == ["DD-01/R1", "DD-01.1/T1"]
    assert {clause["hash"] for clause in clauses} <= known
