"""A connector's words as the owner may see them: short, and without its secrets."""

from __future__ import annotations

from collections.abc import Iterable

SAID = 2048
_REDACTED = "[redacted]"
_SECRET_LENGTH = 4


def short(text: str) -> str:
    """The text, cut to 2048 characters."""
    return text if len(text) <= SAID else text[: SAID - 1] + "…"


def last_words(stderr: str, secrets: Iterable[str]) -> str:
    """The last 2 KiB of what a connector wrote to stderr, its declared environment's values redacted.

    A value of fewer than four characters is no secret: redacting it would only spoil the text.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SECRET_LENGTH:
            stderr = stderr.replace(secret, _REDACTED)
    kept = stderr.replace("\0", "\ufffd").strip().encode()[-SAID:]
    # A character that was cut in two is dropped.
    return kept.decode(errors="ignore")
