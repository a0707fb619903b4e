"""What counts as text, and which texts are the same."""

from __future__ import annotations

from typing import Any, Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdpp_host.domain.manifest import StreamManifest
from pdpp_host.domain.searching import fold, matches, text_fields, texts

FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")


def fields(properties: Any) -> frozenset[str]:
    return text_fields(StreamManifest("s", "mutable_state", {"properties": properties}, ("id",)))


@pytest.mark.parametrize(
    ("shape", "is_text"),
    [
        ({"type": "string"}, True),
        ({"type": ["string"]}, True),
        ({"type": ["null", "string"], "maxLength": 5}, True),
        ({"type": "string", "enum": ["a", "b"]}, True),
        ({"type": "array", "items": {"type": "string"}}, True),
        ({"type": ["array", "null"], "items": {"type": ["string", "null"]}}, True),
        ({"type": "string", "format": "date-time"}, False),
        ({"type": ["string", "integer"]}, False),
        ({"type": "null"}, False),
        ({"type": "integer"}, False),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, False),
        ({"type": "array"}, False),
        ({"type": "array", "items": True}, False),
        ({"type": "array", "items": {"type": "string", "format": "email"}}, False),
        ({"type": "array", "items": {"type": "array", "items": {"type": "string"}}}, False),
        ({"anyOf": [{"type": "string"}]}, False),
        ({}, False),
        (True, False),
    ],
)
def test_text_fields(shape: Any, is_text: bool) -> None:
    """Text is what the schema itself calls text, and lists of it."""
    assert fields({"f": shape}) == ({"f"} if is_text else set())


def test_a_schema_without_properties() -> None:
    """A stream that declares no fields has no text."""
    assert text_fields(StreamManifest("s", "mutable_state", {"type": "object"}, ("id",))) == frozenset()


def test_texts() -> None:
    """Texts are those in the fields asked for, each item of a list by itself."""
    data = {"a": "one", "b": ["two", 3, None, "four"], "c": None, "d": 5, "e": "hidden"}
    assert sorted(texts(data, ("a", "b", "c", "d", "f"))) == ["four", "one", "two"]


@pytest.mark.parametrize(
    ("text", "q", "found"),
    [
        ("The Fox", "fOX", True),
        ("Straße", "STRASSE", True),
        ("STRASSE", "straße", True),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", True),
        ("cafe\u0301", "CAF\u00c9", True),
        ("caf\u00e9", "cafe\u0301", True),
        ("cafe\u0301", "cafe", False),
        ("caf\u00e9", "cafe", False),
        ("\u1e9e", "ss", True),
        ("ＡＢＣ", "abc", False),
        ("two  spaces", "two spaces", False),
    ],
)
def test_what_is_found(text: str, q: str, found: bool) -> None:
    """Case and normal form do not tell texts apart; accents, widths and spaces do."""
    assert matches([text], fold(q)) == found


@given(st.text())
def test_the_same_text_in_any_form(text: str) -> None:
    """A text is found by itself in every normal form."""
    for form in FORMS:
        assert matches([text], fold(normalize(form, text)))
        assert fold(normalize(form, text)) == fold(text)


def test_folding_twice_is_folding_once() -> None:
    """Every character there is, by itself and behind a letter."""
    for code in range(0x110000):
        for text in (chr(code), "e" + chr(code)):
            assert fold(fold(text)) == fold(text)
