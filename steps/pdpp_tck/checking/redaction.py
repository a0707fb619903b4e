"""What a recording may not keep: secrets are replaced before it is written.

Three things are replaced by `[redacted]`: the values of environment variables whose names sound secret,
wherever they stand; in every message, the values of fields whose names do, however deep; and whatever an
owner answered to an INTERACTION.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

REDACTED = "[redacted]"
SHORTEST = 6
"""Shorter values are no secrets, and would be found in everything."""

_VARIABLE = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|COOKIE|(API|PRIVATE)_?KEY", re.I)
_FIELD = re.compile(
    r"token|secret|password|passwd|passphrase|credential|authorization|cookie|api_?key|otp$", re.I
)


def redactor(environment: Mapping[str, str]) -> Callable[[str], str]:
    """A function from a line's text to one without secrets."""
    secrets = sorted(
        {value for name, value in environment.items() if _VARIABLE.search(name) and len(value) >= SHORTEST},
        key=len,
        reverse=True,
    )
    spelt = [form for value in secrets for form in dict.fromkeys((value, json.dumps(value)[1:-1]))]
    known = re.compile("|".join(map(re.escape, spelt))) if spelt else None

    def redact(text: str) -> str:
        if known:
            text = known.sub(REDACTED, text)
        return _in_message(text) if _FIELD.search(text) or "INTERACTION_RESPONSE" in text else text

    return redact


def _in_message(text: str) -> str:
    """A message with its secret fields replaced; a line that holds no message as it is."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(message, dict):
        return text
    cleaned = _cleaned(message)
    if message.get("type") == "INTERACTION_RESPONSE" and isinstance(message.get("data"), dict):
        cleaned["data"] = dict.fromkeys(message["data"], REDACTED)
    return text if cleaned == message else json.dumps(cleaned, ensure_ascii=False)


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: REDACTED if _FIELD.search(name) and isinstance(part, str | int | float) else _cleaned(part)
            for name, part in value.items()
        }
    return [_cleaned(part) for part in value] if isinstance(value, list) else value
