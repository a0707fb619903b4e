"""Search: which texts of records are found, the same on both storages (CI-03.4)."""

from __future__ import annotations

from typing import Any

import pytest

from pdpp_host.domain import entities
from pdpp_host.domain.manifest import parse_manifest

from ...houses import AT, House, manifest, stream
from ..callers import Caller
from .searching import SCHEMA, keys, put, rows


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
