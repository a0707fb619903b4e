"""Each example conforms, and each of its mistakes is told by its clause, at its line, and by no other.

Here one mistake of each is planted and two scenarios are asked; `make campaign` plants all and asks all.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from kit_runs import started
from planting import NEEDS, Mistake, copied, judged, mistakes, plant

QUICK = "PR-02.1,PR-03.1"
MISTAKES = [mistakes(example)[0] for example in NEEDS]


@pytest.mark.parametrize("example", NEEDS)
def test_an_example_is_right(example: str, tmp_path: Path) -> None:
    """As it stands, with its own pdpp-tck.toml and nothing else said."""
    ran = judged(copied(example, tmp_path), "--select", QUICK)
    assert ran.status == 0, ran.out


def test_each_has_three_mistakes() -> None:
    """And no two of an example break the same clause."""
    for example in NEEDS:
        assert len({mistake.clause for mistake in mistakes(example)}) == 3


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.example} {mistake.clause}")
def test_a_mistake_is_told_by_its_clause_at_its_line(mistake: Mistake, tmp_path: Path) -> None:
    """By that clause alone, with the first line that shows it."""
    folder = copied(mistake.example, tmp_path)
    plant(mistake, folder)
    ran = started(("run", "--select", f"PR-02.1,{mistake.clause.rpartition('/')[0]}"), folder)
    assert ran.status == 1, ran.out
    printed = ran.out.splitlines()
    assert [line.split()[0] for line in printed if "  failed (" in line] == [mistake.clause]
    told = next(line for line in printed if line.startswith("  line "))
    assert told.split(maxsplit=2)[2].startswith(mistake.line)
