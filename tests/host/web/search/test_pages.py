"""A search in pages: each hit once, whatever is written meanwhile and however much is looked through."""

from __future__ import annotations

from typing import Any

import pytest

from pdpp_host.web import search

from ...houses import House
from ..callers import Caller
from .searching import keys, pages, put, rows


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1000])
def test_pages(owner: Caller, house: House, mine: str, other: str, limit: int) -> None:
    """Pages hold each hit once, in one order, are full but for the last, and the last says so."""
    for n in range(6):
        put(house, mine, "notes", **{f"a{n}": {"text": "fox" if n % 2 else "hare"}})
        put(house, other, "logs", **{f"b{n}": {"text": "fox"}})
    whole = rows(owner, q="fox")
    assert len(whole) == 9
    found = pages(owner, q="fox", limit=limit)
    assert [row for page in found for row in page.body["data"]] == whole
    assert [len(page.body["data"]) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert found[-1].body["data"]


def test_pages_while_records_are_written(owner: Caller, house: House, mine: str) -> None:
    """Between pages records come, change and go: what stays as it was is on exactly one page."""
    put(house, mine, "notes", **{f"k{n:02}": {"text": "fox"} for n in range(20)})
    seen: list[str] = []
    query: dict[str, Any] = {"q": "fox", "limit": 3}
    for n in range(100):
        page = owner.get("/v1/search", **query).body
        seen += [row["key"] for row in page["data"]]
        if not page["has_more"]:
            break
        query["cursor"] = page["next_cursor"]
        if n < 5:
            put(house, mine, "logs", **{f"l{n}": {"text": "fox"}})
            put(house, mine, "notes", **{f"n{n}": {"text": "fox"}, f"k{n:02}": None})
            put(house, mine, "notes", **{f"k{19 - n}": {"text": "changed fox"}})
    stayed = [f"k{n:02}" for n in range(5, 15)]
    assert [key for key in seen if key in stayed] == stayed
    assert len(seen) == len(set(seen))


def test_a_cursor_is_good_for_its_search(owner: Caller, house: House, mine: str, other: str) -> None:
    """A cursor of another text, stream or connection, of a list, or of nobody is refused."""
    put(house, mine, "notes", **{f"k{n}": {"text": "fox hare"} for n in range(4)})
    query = {"q": "fox", "stream": "notes", "connection_id": mine, "limit": 1}
    cursor = owner.get("/v1/search", **query).body["next_cursor"]
    assert owner.get("/v1/search", **query, cursor=cursor).status == 200
    assert owner.get("/v1/search", **query | {"limit": 2}, cursor=cursor).status == 200
    listed = owner.get("/v1/streams/notes/records", limit=1).body["next_cursor"]
    changes: list[dict[str, Any]] = [
        {"q": "hare"},
        {"q": "FOX"},
        {"stream": "logs"},
        {"connection_id": other},
    ]
    changes += [{"cursor": text} for text in (listed, cursor[:-1], cursor + "A", "A" * len(cursor), "1", "")]
    for change in changes:
        refused = owner.get("/v1/search", **{**query, "cursor": cursor} | change)
        assert (refused.status, refused.code, refused.body["error"]["param"]) == (
            400,
            "invalid_query",
            "cursor",
        )
    del query["stream"]
    assert owner.get("/v1/search", **query, cursor=cursor).code == "invalid_query"
    assert owner.get("/v1/streams/notes/records", cursor=cursor).code == "invalid_query"


def test_a_search_that_looks_through_much(
    owner: Caller, house: House, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request looks through a bounded number of records, says that there is more, and gets to the end."""
    put(
        house,
        mine,
        "notes",
        **{f"k{n:02}": {"text": "fox" if n in (0, 11, 29) else "hare"} for n in range(30)},
    )
    put(house, mine, "logs", z={"text": "fox"})
    whole = rows(owner, q="fox")
    monkeypatch.setattr(search, "EFFORT", 5 * search.RECORD_EFFORT)
    found = pages(owner, q="fox")
    assert [row for page in found for row in page.body["data"]] == whole
    assert len(found) == 7
    assert sum(not page.body["data"] for page in found) == 3
    monkeypatch.setattr(search, "EFFORT", 1)
    assert rows(owner, q="fox", limit=2) == whole
    assert len(pages(owner, q="fox", limit=2)) == 31


def test_long_texts_count_more(
    owner: Caller, house: House, mine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that meets long texts looks through fewer records."""
    put(house, mine, "notes", **{f"k{n}": {"text": "x" * 5000} for n in range(6)})
    monkeypatch.setattr(search, "EFFORT", 14_000)
    assert len(pages(owner, q="fox")) == 3


def test_many_records(owner: Caller, house: House, mine: str) -> None:
    """A search goes on over more records than it reads from storage at once."""
    put(house, mine, "notes", **{f"k{n:04}": {"text": "fox" if n % 10 else "hare"} for n in range(1200)})
    assert len(keys(owner, q="fox", limit=37)) == 1080
    assert len(keys(owner, q="hare")) == 120
