"""Search: the texts that a reader may read and nothing else, the same on both storages (CI-03.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pdpp_host.domain import entities
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.domain.records import record_id
from pdpp_host.ports import RecordBatch
from pdpp_host.web import search

from ..houses import AT, House, manifest, stream
from .callers import Answer, Caller
from .storages import house_on

SOON = "2999-01-01T00:00:00Z"
SHAPES = {
    "id": {"type": "string"},
    "text": {"type": ["string", "null"]},
    "tags": {"type": "array", "items": {"type": "string"}},
    "mail": {"type": "string", "format": "email"},
    "n": {"type": "integer"},
    "deep": {"type": "object"},
}
SCHEMA = {"type": "object", "properties": SHAPES, "required": ["id"]}


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A host on each storage."""
    with house_on(request, tmp_path) as house:
        yield house


@pytest.fixture
def mine(house: House) -> str:
    """A connection with a stream of notes and one of logs."""
    return house.connect(["x"], manifest(stream(schema=SCHEMA), stream("logs", schema=SCHEMA)))


@pytest.fixture
def other(house: House) -> str:
    """Another connection of the same connector."""
    return house.connect(["x"], manifest(stream(schema=SCHEMA), stream("logs", schema=SCHEMA)))


def put(house: House, connection: str, name: str, path: int = 0, /, **records: Any) -> None:
    """Write records by key; None deletes."""
    writes = tuple(
        entities.RecordWrite(
            record_id(connection, path, name, key),
            key,
            None if data is None else msgspec.json.encode({"id": key} | data).decode(),
            "2026-05-01T10:00:00Z",
        )
        for key, data in records.items()
    )
    with house.host.services.storage.write() as unit:
        unit.write_records(RecordBatch(connection, path, name, "batch", AT, writes))
        unit.commit()


def pages(caller: Caller, **query: Any) -> list[Answer]:
    """Every page of a search."""
    found = [caller.get("/v1/search", **query)]
    while found[-1].body["has_more"]:
        found.append(caller.get("/v1/search", **query, cursor=found[-1].body["next_cursor"]))
    assert found[-1].body["next_cursor"] is None
    return found


def rows(caller: Caller, **query: Any) -> list[dict[str, Any]]:
    """Every row of a search."""
    return [row for page in pages(caller, **query) for row in page.body["data"]]


def keys(caller: Caller, **query: Any) -> list[str]:
    """The keys of a search's rows, sorted."""
    return sorted(row["key"] for row in rows(caller, **query))


def grant(owner: Caller, *connections: str, **more: Any) -> Caller:
    """A reader with a grant."""
    body = {"connections": list(connections), "streams": ["notes"], "expires_at": SOON} | more
    return owner.bearing(owner.post("/_ref/grants", body).body["token"])


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("fox", ["a"]),
        ("QUICK", ["a"]),
        ("strasse", ["b"]),
        ("STRAẞE", ["b"]),
        ("CAF\u00c9", ["c", "d"]),
        ("cafe\u0301", ["c", "d"]),
        ("cafe", []),
        ("red", ["e"]),
        ("red blue", []),
        ("ada@example.org", []),
        ("17", []),
        ("nested", []),
        ("%", ["f"]),
        ("_", ["f"]),
        ("\\", ["f"]),
        ("'", ["f"]),
        ("\0", []),
        (" quick ", ["a"]),
        ("undeclared", []),
    ],
)
def test_what_is_found(owner: Caller, house: House, mine: str, q: str, found: list[str]) -> None:
    """A text is found in declared text without case and in any normal form, and nowhere else."""
    put(house, mine, "notes", a={"text": "The Quick brown FOX"}, b={"text": "Straße 1"})
    put(house, mine, "notes", c={"text": "caf\u00e9"}, d={"text": "cafe\u0301"}, e={"tags": ["Red", "blue"]})
    put(house, mine, "notes", f={"text": "100% _ \\ '"}, g={"mail": "ada@example.org", "n": 17, "text": None})
    put(house, mine, "notes", h={"deep": {"text": "nested"}, "more": "undeclared"})
    assert keys(owner, q=q) == found


def test_rows_are_those_of_records(owner: Caller, house: House, mine: str, other: str) -> None:
    """A hit is the row that the list of records shows, without method, batch, artifact or binding."""
    put(house, mine, "notes", a={"text": "fox", "n": 1})
    put(house, other, "logs", b={"text": "fox"})
    for name, connection in (("notes", mine), ("logs", other)):
        [hit] = rows(owner, q="fox", stream=name)
        assert [hit] == owner.get(f"/v1/streams/{name}/records").body["data"]
        assert hit["connection_id"] == connection
        expected = {"record_id", "stream", "data", "emitted_at", "connection_id", "connection_name"}
        assert set(hit) == expected | {"connector_key", "key"}


def test_what_a_search_is_narrowed_to(owner: Caller, house: House, mine: str, other: str) -> None:
    """Connection and stream narrow, alone and together; what is not there holds nothing."""
    put(house, mine, "notes", a={"text": "fox"})
    put(house, mine, "logs", b={"text": "fox"})
    put(house, other, "notes", c={"text": "fox"})
    assert keys(owner, q="fox") == ["a", "b", "c"]
    assert keys(owner, q="fox", connection_id=mine) == ["a", "b"]
    assert keys(owner, q="fox", stream="notes") == ["a", "c"]
    assert keys(owner, q="fox", stream="notes", connection_id=mine) == ["a"]
    assert keys(owner, q="fox", stream="dreams") == keys(owner, q="fox", connection_id="nobody") == []


def test_deleted_and_changed_records(owner: Caller, house: House, mine: str) -> None:
    """What was deleted is not found, and what was changed only as it is now."""
    put(house, mine, "notes", a={"text": "fox"}, b={"text": "fox"}, c={"text": "fox"})
    put(house, mine, "notes", a=None, b={"text": "hare"})
    assert keys(owner, q="fox") == ["c"]
    assert keys(owner, q="hare") == ["b"]


def test_streams_of_every_path(owner: Caller, house: House, mine: str) -> None:
    """A stream is searched as the connector of its path declares it, whichever path that is."""
    second = parse_manifest(manifest(stream("photos", schema=SCHEMA), key="second"))
    with house.host.services.storage.write() as unit:
        unit.put_connector(entities.Connector(second, ("x",)))
        source = entities.Source(root="/x")
        unit.add_path(entities.Path(mine, 1, "second", "provider_api", {}, source, AT))
        unit.commit()
    put(house, mine, "photos", 1, p={"text": "fox"})
    put(house, mine, "notes", n={"text": "fox"})
    assert keys(owner, q="fox") == ["n", "p"]


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


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": " \t\n"}, "q"),
        ({"q": "x" * 501}, "q"),
        ({"q": "x", "limit": "0"}, "limit"),
        ({"q": "x", "limit": "1001"}, "limit"),
        ({"q": "x", "limit": "x"}, "limit"),
    ],
)
def test_searches_that_are_refused(owner: Caller, query: dict[str, Any], param: str) -> None:
    """Nothing to look for, too much of it, and a page of no size are refused, naming the parameter."""
    refused = owner.get("/v1/search", **query)
    assert (refused.status, refused.code, refused.body["error"]["param"]) == (400, "invalid_query", param)
    assert owner.get("/v1/search", q="x" * 500).status == 200


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
