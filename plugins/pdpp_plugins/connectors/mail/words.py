"""Words: text out of bytes, whatever their charset is said to be."""

from __future__ import annotations

import codecs
import re
from binascii import a2b_qp

from pdpp_plugins.connectors.mail.transfer import Base64
from pdpp_plugins.connectors.plain_text import plain

# They are no charsets of mail; decoding the first two takes time in the square of the length.
_NO_CHARSETS = {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined"}
_ENCODED = re.compile(r"=\?([^?*\s]{1,60})(?:\*[^?\s]{0,60})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(?<=\?=)[ \t\r\n]+(?==\?)")


def decoded(raw: bytes, charset: str | None = None) -> str:
    """The text of bytes: as declared, else as UTF-8, else as far as it goes."""
    if not charset and raw.isascii() and b"\0" not in raw:
        return raw.decode("ascii")
    declared = _codec(charset)
    for codec in (declared, "utf-8"):
        if codec:
            try:
                return plain(raw.decode(codec))
            except (UnicodeError, LookupError):
                continue
    lenient = declared if declared and declared != "ascii" else "latin-1"
    try:
        return plain(raw.decode(lenient, "replace"))
    except (UnicodeError, LookupError):
        return plain(raw.decode("latin-1"))


def phrase(text: str) -> str:
    """The text of a header field, with its encoded words decoded."""
    if "=?" not in text:
        return text
    text, told = _BETWEEN.sub("", text), []
    run: tuple[str, bytes] = ("", b"")
    at = 0
    for match in _ENCODED.finditer(text):
        charset, word = match[1].lower(), _bytes_of(match[2], match[3])
        if match.start() == at and run[0] == charset:
            run = (charset, run[1] + word)  # a character may lie across two words
        else:
            told += [decoded(run[1], run[0]), text[at : match.start()]]
            run = (charset, word)
        at = match.end()
    return plain("".join([*told, decoded(run[1], run[0]), text[at:]]))


def _bytes_of(encoding: str, word: str) -> bytes:
    raw = word.encode("utf-8", "replace")
    if encoding in "qQ":
        return a2b_qp(raw, header=True)
    decoder = Base64()
    return decoder.feed(raw) + decoder.finish()


def _codec(charset: str | None) -> str | None:
    try:
        name = codecs.lookup(charset or "").name
    except (LookupError, ValueError):
        return None
    return None if name in _NO_CHARSETS else name
