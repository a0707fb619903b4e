"""The lines of a Markdown file that say something: without fenced code and comments, numbers kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pdpp_tck.openspec.errors import UnreadableSpec

BULLETS = re.compile(r"(?:(?:[-*+]|\d{1,9}[.)])(?:\s+|$))+")
"""The marks before a list's item; a list within a list may begin on one line."""
_ENDS = re.compile(r"\r\n|\r|\n")
_FENCE = re.compile(r"(?P<mark>`{3,}(?=[^`]*$)|~{3,})(?P<info>.*)")
_RULE = re.compile(r"([-*_])(?:\s*\1){2,}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands, with its number from 1; what is not for reading is blank."""

    number: int
    raw: str

    @property
    def text(self) -> str:
        """The line without the white space around it."""
        return self.raw.strip()

    @property
    def indent(self) -> int:
        """How far in it begins; a tab reaches to the next multiple of four."""
        expanded = self.raw.expandtabs(4)
        return len(expanded) - len(expanded.lstrip())


def text_of(path: Path) -> str:
    """What a file says, without a byte order mark; raises UnreadableSpec."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UnreadableSpec(path, str(error.strerror)) from None
    except UnicodeDecodeError as error:
        raise UnreadableSpec(path, str(error)) from None


def lines_of(text: str) -> tuple[list[Line], list[int]]:
    """Every line, and the lines at which code or a comment begins that never ends."""
    raw = _ENDS.split(text)
    lines: list[Line] = []
    closed = None
    opened = 0
    for number, line in enumerate(raw, 1):
        if closed is not None:
            shown, closed = _within(line, closed)
        else:
            shown, closed = _outside(line)
            opened = number if closed is not None else 0
        lines.append(Line(number, shown))
    return lines, [opened] if closed is not None else []


def _outside(line: str) -> tuple[str, str | None]:
    """What a line shows, and what will end the code or the comment that begins in it."""
    bullets = BULLETS.match(line.strip())
    fence = _FENCE.fullmatch(line.strip()[bullets.end() if bullets else 0 :])
    if fence:
        return "", fence["mark"]
    if _RULE.fullmatch(line.strip()):
        return "", None
    before, comment, after = line.partition("<!--")
    if not comment:
        return line, None
    shown, closed = _within(after, "-->")
    return f"{before} {shown}".rstrip(), closed


def _within(line: str, closed: str) -> tuple[str, str | None]:
    """The same for a line that begins inside code or a comment."""
    if closed != "-->":
        mark = line.strip()
        ends = len(mark) >= len(closed) and set(mark) == {closed[0]}
        return "", None if ends else closed
    _, end, after = line.partition("-->")
    return _outside(" " + after) if end else ("", closed)


def collapsed(text: str) -> str:
    """A text with one blank wherever it has white space."""
    return " ".join(text.split())


def paragraphs(lines: list[Line]) -> Iterator[list[Line]]:
    """What stands together: a blank line or a bullet ends one; bullets are taken off."""
    current: list[Line] = []
    for line in lines:
        bullets = BULLETS.match(line.text)
        if (bullets or not line.text) and current:
            yield current
            current = []
        said = line.text[bullets.end() if bullets else 0 :]
        if said:
            current.append(Line(line.number, said))
    if current:
        yield current
