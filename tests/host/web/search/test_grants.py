"""Search shows a reader the texts that were granted and nothing else (CI-03.4)."""

from __future__ import annotations

import json

from ...houses import House
from ..callers import Caller
from .searching import grant, keys, pages, put, rows


def test_a_grant_finds_what_it_shows(owner: Caller, house: House, mine: str, other: str) -> None:
    """Of what is not granted nothing shows: no row, no page, no cursor, no error of its own."""
    put(house, other, "notes", **{f"o{n}": {"text": "fox theirs"} for n in range(3)})
    put(house, mine, "logs", **{f"l{n}": {"text": "fox log"} for n in range(3)})
    put(house, mine, "notes", **{f"k{n}": {"text": "fox"} for n in range(2)})
    reader = grant(owner, mine)
    assert keys(reader, q="fox") == ["k0", "k1"]
    assert len(pages(reader, q="fox", limit=2)) == 1
    for hidden in ({"q": "theirs"}, {"q": "log"}):
        assert reader.get("/v1/search", **hidden).body == reader.get("/v1/search", q="nothing").body

    def told(**query: str) -> str:
        answer = reader.get("/v1/search", **query)
        return f"{answer.status} {json.dumps(answer.body)}"

    assert told(q="fox", connection_id=other) == told(q="fox", connection_id="nobody")
    assert told(q="fox", stream="logs") == told(q="fox", stream="dreams")
    assert keys(owner, q="fox", connection_id=other) == ["o0", "o1", "o2"]


def test_a_search_does_not_tell_of_hidden_fields(owner: Caller, house: House, mine: str, other: str) -> None:
    """Of a stream with granted fields only those are searched, and a hit shows no others."""
    put(house, mine, "notes", a={"text": "fox", "tags": ["secret"]}, b={"text": "hare", "tags": ["fox"]})
    put(house, mine, "logs", c={"tags": ["secret"]})
    reader = grant(owner, mine, streams=["notes", "logs"], fields={"notes": ["text", "n"]})
    [hit] = rows(reader, q="fox")
    assert hit["data"] == {"text": "fox"}
    assert "key" not in hit
    assert reader.get(f"/v1/streams/notes/records/{hit['record_id']}").body == hit
    assert keys(reader, q="secret") == ["c"]
    assert rows(grant(owner, mine, fields={"notes": ["n"]}), q="fox") == []
    assert keys(owner, q="secret") == ["a", "c"]
