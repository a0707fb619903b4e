"""What a scaffold leaves to its author: texts that nothing accepts until they are replaced."""

from __future__ import annotations

MARK = "FILL IN: "


def stub(what: str) -> str:
    """A text that says what is to stand in its place."""
    return f"{MARK}{what}"


def is_stub(text: str) -> bool:
    """Whether a text still is one."""
    return text.startswith(MARK.rstrip(": "))
