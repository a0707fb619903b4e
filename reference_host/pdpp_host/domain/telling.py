"""Words of a caller's in a refusal: enough of them to know which, and never a megabyte."""

from __future__ import annotations

MOST = 1000


def told(text: str) -> str:
    """The text; beginning and end of a long one."""
    return text if len(text) <= MOST else f"{text[: MOST // 2]} … {text[-MOST // 2 :]}"
