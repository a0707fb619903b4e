"""People, dates and ids: what stands in the fields of a header."""

from __future__ import annotations

import re

from pdpp_plugins.connectors.instants import instant
from pdpp_plugins.connectors.mail.words import phrase
from pdpp_plugins.connectors.plain_text import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST_PEOPLE = 2000
_LONGEST_ID = 998
_ID = re.compile(r"<([^<>]*)>")
_SPACE = re.compile(r"\s+")


def people(text: str) -> list[dict[str, Any]]:
    """The names and addresses of a field; the field as it stands where nothing can be made of it."""
    if not text:
        return []
    try:
        pairs = _pairs(text)
    except Exception:  # the parser of the standard library fails in many ways, as with (((((…
        pairs = [("", text[:_LONGEST_ID])]
    return [{"name": plain(phrase(name)) or None, "address": plain(at)} for name, at in pairs if name or at]


def date(text: str) -> str | None:
    """The time of a Date field in RFC 3339, with the offset that it has; None when it is no time."""
    from email.utils import parsedate_tz

    try:
        parsed = parsedate_tz(text)
    except Exception:  # as above
        return None
    if parsed is None:
        return None
    year, month, day, hour, minute, second = parsed[:6]
    minutes = abs(parsed[9] or 0) // 60
    sign = "-" if (parsed[9] or 0) < 0 else "+"
    written = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}"
    written += f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    return written if instant(written) else None


def ids(text: str) -> list[str]:
    """The ids in brackets of a field."""
    found = (_SPACE.sub("", ident) for ident in _ID.findall(text))
    return [plain(ident) for ident in found if 0 < len(ident) <= _LONGEST_ID]


def first_id(text: str) -> str | None:
    """The first id of a field, or the field where it has no brackets."""
    bare = _SPACE.sub("", text).strip("<>")
    found = ids(text)
    if found:
        return found[0]
    return plain(bare) if 0 < len(bare) <= _LONGEST_ID else None


def _pairs(text: str) -> list[tuple[str, str]]:
    from email.utils import getaddresses

    try:
        # Newer versions otherwise drop a whole field because of one address that they doubt.
        return getaddresses([text], strict=False)
    except TypeError:
        return getaddresses([text])
