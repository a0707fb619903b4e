"""What was found in recordings, as text: each broken clause with its line, then what could be seen at all."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_tck.checking.judging import Checked, Violation
from pdpp_tck.checking.reading import read
from pdpp_tck.ledger import Ledger
from pdpp_tck.verdict import Verdict

_SHOWN = 300


def told(checked: Checked, ledger: Ledger, several: bool) -> Iterator[str]:
    """The lines to print."""
    verdicts = checked.verdicts(ledger)
    for clause, verdict, first, reason in verdicts:
        if verdict == Verdict.FAILED and first is not None:
            yield f"{clause.id}  failed ({clause.level})"
            yield f"  says      {clause.says}"
            yield f"  seen      {reason}"
            where = f"{first.file}: " if several else ""
            yield f"  line {first.breach.n}  {where}{_excerpt(first)}"
            yield ""
    for wanted in (Verdict.PASSED, Verdict.NOT_OBSERVABLE):
        for clause, verdict, _, reason in verdicts:
            if verdict == wanted:
                yield f"{clause.id:10}  {verdict}{f'  {reason}' if reason else ''}"
    counts = (f"{sum(v == wanted for _, v, _, _ in verdicts)} {wanted}" for wanted in _TOLD)
    yield f"{', '.join(counts)} in {checked.runs} runs"


_TOLD = (Verdict.FAILED, Verdict.PASSED, Verdict.NOT_OBSERVABLE)


def _excerpt(violation: Violation) -> str:
    """The offending line's beginning, read once more: nothing was kept of it."""
    _, lines = read(violation.file)
    text = next((line.text for line in lines if line.n == violation.breach.n), "")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
