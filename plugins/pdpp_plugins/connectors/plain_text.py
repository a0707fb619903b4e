"""Plain text: strings that every store can hold."""

from __future__ import annotations

import re

_NOT_TEXT = re.compile("[\0\ud800-\udfff]")


def is_plain(text: str) -> bool:
    """Whether the text has neither a NUL nor a lone surrogate."""
    return not _NOT_TEXT.search(text)


def plain(text: str) -> str:
    """The text with U+FFFD for each NUL and each lone surrogate."""
    return _NOT_TEXT.sub("\ufffd", text)
