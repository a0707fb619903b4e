"""Sentences about places on the owner's machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pdpp_tck.asking import JUDGED
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then


@then("no line about a gap tells where the source lies")
def tells_no_place(evidence: Evidence, judge: Judge) -> None:
    """No path that START gave the connector stands in a line about what it did not collect."""
    run = evidence.run(JUDGED)
    told = [path for path in paths(run.start.get("bindings")) for line in run.gaps() if path in line.text]
    judge(not told, expected="no path of the source in a line about a gap", seen=told)


def paths(bindings: Any) -> Iterator[str]:
    """Every absolute path in START's bindings."""
    if isinstance(bindings, dict):
        for value in bindings.values():
            yield from paths(value)
    elif isinstance(bindings, str) and bindings.startswith("/"):
        yield bindings
