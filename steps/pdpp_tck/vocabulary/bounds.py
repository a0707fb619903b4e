"""Sentences about how much a connector says of many missing partitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pdpp_tck.asking import JUDGED
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then

LEAST_NAMED = 20


@then("no line about a gap is longer than {limit:d} KiB")
def bounded(evidence: Evidence, judge: Judge, limit: int) -> None:
    """Every line about a gap, in bytes; a run without any has bounded nothing."""
    lines = evidence.run(JUDGED).gaps()
    judge(bool(lines), expected="lines about what is missing", seen="no line about a gap")
    for line in lines:
        size = len(line.text.encode())
        judge(
            size <= limit * 1024, expected=f"a line of at most {limit} KiB", seen=f"{size} bytes", line=line
        )


@then("the missing ones are all named, or some with their number and a mark")
def counted(evidence: Evidence, judge: Judge) -> None:
    """All by name, in as many lines as it takes; or at least twenty, the true number, and a true flag."""
    lines = evidence.run(JUDGED).gaps()
    removed = {str(entry["partition"]) for entry in evidence.source("removed")}
    said = [value for line in lines for value in _values(line.message)]
    named = removed & {value for value in said if isinstance(value, str)}
    if named == removed:
        judge(True, expected="every missing partition named", seen=len(named))
        return
    numbers = {value for value in said if isinstance(value, int) and not isinstance(value, bool)}
    least = min(LEAST_NAMED, len(removed))
    judge(len(named) >= least, expected=f"at least {least} of {len(removed)} named", seen=len(named))
    judge(
        len(removed) in numbers,
        expected=f"the number {len(removed)} in a line about them",
        seen=sorted(numbers),
    )
    judge(
        True in [value for value in said if isinstance(value, bool)],
        expected="a mark that some are left out",
        seen="none",
    )


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for part in value.values():
            yield from _values(part)
    elif isinstance(value, list):
        for part in value:
            yield from _values(part)
    else:
        yield value
