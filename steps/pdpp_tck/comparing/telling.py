"""Changes as text, JSON or Markdown."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

from pdpp_tck.comparing.changes import ORDER, Change

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#|~!&+])")


def as_text(found: Sequence[Change]) -> str:
    """A line for each change, under the kind that it is of."""
    lines: list[str] = []
    for what, mine in groupby(found, key=lambda change: change.what):
        lines.append(what)
        lines += [f"  {one.where}: {one.before} → {one.after}{_why(one)}" for one in mine]
    return "\n".join([*lines, _counted(found)])


def as_json(found: Sequence[Change]) -> str:
    """How many of each kind, and each change."""
    counts = Counter(change.what for change in found)
    made = {"summary": {what: counts[what] for what in ORDER}, "changes": [asdict(one) for one in found]}
    return json.dumps(made, indent=2, ensure_ascii=False)


def as_markdown(found: Sequence[Change]) -> str:
    """A table for the summary of a CI job; nothing that was said is read as markup."""
    return "\n".join([f"# {_counted(found)}", "", *_table(found)])


def _table(found: Sequence[Change]) -> Iterator[str]:
    if found:
        yield from ("| change | where | before | after | reason |", "|---|---|---|---|---|")
    for one in found:
        cells = (one.what, one.where, one.before, one.after, one.reason)
        yield f"| {' | '.join(map(_plain, cells))} |"


def _counted(found: Sequence[Change]) -> str:
    counts = Counter(change.what for change in found)
    return ", ".join(f"{counts[what]} {what}" for what in ORDER if counts[what]) or "nothing changed"


def _why(change: Change) -> str:
    return f" ({change.reason})" if change.reason else ""


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
