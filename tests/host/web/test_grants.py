"""Grants: exactly what the owner granted shows, and nothing tells of the rest (CI-03.4)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from pdpp_host.domain.grants import Grant
from pdpp_host.web.access import Tokens

from ..houses import House, done, manifest, record, stream
from .callers import OWNER, STAGE, Caller

SOON = "2999-01-01T00:00:00Z"
FORBIDDEN = (403, "forbidden")


@pytest.fixture
def mine(house: House) -> str:
    """A connection with five notes and two logs."""
    return filled(house)


@pytest.fixture
def other(house: House) -> str:
    """Another connection with as much, its records between those of the first."""
    return filled(house)


def filled(house: House) -> str:
    lines = [record(f"k{n}", text=f"text {n}", room="r") for n in range(5)]
    lines += [record(f"l{n}") | {"stream": "logs"} for n in range(2)]
    connection = house.connect(house.plays(*lines, done(7)), manifest(stream(), stream("logs")))
    assert house.run(connection).status == "completed"
    return connection


def grant(owner: Caller, *connections: str, **more: Any) -> Caller:
    """A reader with a grant."""
    body = {"connections": list(connections), "streams": ["notes"], "expires_at": SOON} | more
    answer = owner.post("/_ref/grants", body)
    assert answer.status == 201, answer.body
    return owner.bearing(answer.body["token"])


def rows(caller: Caller, name: str = "notes", **query: Any) -> list[dict[str, Any]]:
    """Every row of a stream, page after page."""
    found: list[dict[str, Any]] = []
    while True:
        page = caller.get(f"/v1/streams/{name}/records", **query).body
        found += page["data"]
        if not page["has_more"]:
            return found
        query["cursor"] = page["next_cursor"]


def test_a_grant_shows_what_was_granted(owner: Caller, mine: str, other: str) -> None:
    """Rows, streams and counts of the granted connection and stream show, whole, and no others do."""
    reader = grant(owner, mine)
    assert rows(reader) == rows(owner, connection_id=mine)
    assert rows(owner) == rows(owner, connection_id=mine) + rows(owner, connection_id=other)
    [listed] = reader.get("/v1/streams").body["data"]
    assert (listed["stream"], listed["connection_id"], listed["records"]) == ("notes", mine, 5)
    [row, *_] = rows(reader)
    assert reader.get(f"/v1/streams/notes/records/{row['record_id']}").body == row


def test_pages_of_a_grant(owner: Caller, mine: str, other: str) -> None:
    """Pages hold granted rows only, each row once, and the last one says that it is the last."""
    reader = grant(owner, other, mine)
    whole = rows(reader)
    assert rows(reader, limit=3) == rows(reader, limit=10) == whole
    assert len(whole) == 10
    assert rows(grant(owner, other), limit=5) == rows(owner, connection_id=other)


@pytest.mark.parametrize("path", ["/v1/streams/{s}/records", "/v1/streams/{s}/records/{r}", "/v1/streams"])
def test_what_is_not_granted_cannot_be_told_from_nothing(
    owner: Caller, mine: str, other: str, path: str
) -> None:
    """An ungranted connection, stream or record gets byte for byte what one that does not exist gets."""
    reader = grant(owner, mine)

    def told(name: str, record_id: str, connection: str | None) -> str:
        query = {"connection_id": connection} if connection else {}
        answer = reader.get(path.format(s=name, r=record_id), **query)
        body = json.dumps(answer.body)
        return f"{answer.status} " + body.replace(name, "S").replace(record_id, "R")

    theirs = rows(owner, connection_id=other)[0]["record_id"]
    log = rows(owner, "logs", connection_id=mine)[0]["record_id"]
    absent = "0" * 32
    assert told("notes", theirs, other) == told("notes", absent, "nobody")
    if path != "/v1/streams":
        assert told("logs", log, None) == told("dreams", absent, None)
    if path.endswith("{r}"):
        assert told("notes", theirs, None) == told("notes", absent, None)


def test_granted_fields(owner: Caller, mine: str) -> None:
    """Of a stream with granted fields exactly those show; its other streams show whole."""
    reader = grant(owner, mine, streams=["notes", "logs"], fields={"notes": ["text", "n"]})
    assert [row["data"] for row in rows(reader)] == [{"text": f"text {n}"} for n in range(5)]
    assert [row["data"] for row in rows(reader, "logs")] == [{"id": "l0"}, {"id": "l1"}]


def test_a_key_that_would_tell_an_ungranted_field(owner: Caller, mine: str) -> None:
    """Where the key's fields are not granted neither key nor anything that a guess could be checked
    against shows; the row is still found by the name that it has for this reader."""
    reader = grant(owner, mine, fields={"notes": ["text"]})
    owners = rows(owner, connection_id=mine)
    for row, whole in zip(rows(reader), owners, strict=True):
        assert "key" not in row
        assert row["record_id"] != whole["record_id"]
        assert whole["key"] not in json.dumps(row)
        assert reader.get(f"/v1/streams/notes/records/{row['record_id']}").body == row
        assert reader.get(f"/v1/streams/notes/records/{whole['record_id']}").status == 404
    assert [row["record_id"] for row in rows(reader)] == [row["record_id"] for row in rows(reader)]


def test_a_key_whose_fields_are_granted(owner: Caller, mine: str) -> None:
    """With its fields granted, the key shows, and the record has the name that the owner sees."""
    reader = grant(owner, mine, fields={"notes": ["id"]})
    shown = [(row["record_id"], row["key"]) for row in rows(reader)]
    assert shown == [(row["record_id"], row["key"]) for row in rows(owner, connection_id=mine)]


def test_cursors_tell_nothing(owner: Caller, mine: str, other: str) -> None:
    """A cursor is opaque: it holds no position, works for its own stream alone, and cannot be made up."""
    reader = grant(owner, other)
    cursor = reader.get("/v1/streams/notes/records", limit=1).body["next_cursor"]
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    positions = range(1, 50)
    assert all(position.to_bytes(8, "big") not in raw for position in positions)
    wrong = [cursor[:-1], cursor + "A", "A" * len(cursor), "1", "", cursor.swapcase()]
    for text in wrong:
        refused = reader.get("/v1/streams/notes/records", cursor=text)
        assert (refused.status, refused.code) == (400, "invalid_query")
    assert reader.get("/v1/streams/logs/records", cursor=cursor).code == "invalid_query"
    for text in ("0", "1001", "-1", "x", "９", "1" * 5000):
        assert reader.get("/v1/streams/notes/records", limit=text).code == "invalid_query"


def spelled(token: str, **changes: Any) -> str:
    """A token's claims under no signature, with changes in its header."""
    claims = token.split(".")[1]
    header = urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"} | changes).encode()).rstrip(b"=")
    return f"{header.decode()}.{claims}."


def tokens_that_open_nothing(good: str) -> dict[str, str]:
    claims = jwt.decode(good, options={"verify_signature": False})
    own = Tokens(OWNER).keys.grants
    head, body, signature = good.split(".")
    foreign = Tokens("another owner's token").keys.grants
    # The last character's lowest bits are padding: another spelling of the very same signature.
    twin = chr(ord(signature[-1]) + 1) if signature[-1] not in "Zz9_" else "A"
    return {
        "garbage": "garbage",
        "three dots": "a.b.c",
        "truncated": good[:-5],
        "cut to two parts": f"{head}.{body}",
        "without signature": f"{head}.{body}.",
        "another spelling": good[:-1] + twin,
        "padded": good + "=",
        "alg none": spelled(good),
        "alg None": spelled(good, alg="None"),
        "re-signed with the owner's token": jwt.encode(claims, OWNER.ljust(32, "x"), algorithm="HS256"),
        "foreign": jwt.encode(claims, foreign, algorithm="HS256"),
        "another algorithm": jwt.encode(claims, own.ljust(64, b"\0"), algorithm="HS512"),
        "claims widened": f"{head}.{jwt.encode(claims, 'x' * 32).split('.')[1]}x.{signature}",
        "for another audience": jwt.encode(claims | {"aud": "else"}, own, algorithm="HS256"),
        "without expiry": jwt.encode({k: v for k, v in claims.items() if k != "exp"}, own, algorithm="HS256"),
        "without a grant": jwt.encode(
            {k: v for k, v in claims.items() if k != "grant"}, own, algorithm="HS256"
        ),
        "expired": jwt.encode(claims | {"exp": 1}, own, algorithm="HS256"),
        "the stage's": STAGE,
        "the owner's, cut": OWNER[:-1],
        "a letter of another alphabet": "\u00e9",
    }


@pytest.mark.parametrize(
    "name",
    tokens_that_open_nothing(Tokens(OWNER).grant_token(Grant((), ()), datetime(2999, 1, 1, tzinfo=UTC))),
)
def test_tokens_that_open_nothing(owner: Caller, mine: str, name: str) -> None:
    """Every token that opens nothing gets one and the same answer, which discloses nothing."""
    good = grant(owner, mine)
    assert good.token is not None
    assert good.get("/v1/streams").status == 200
    bad = tokens_that_open_nothing(good.token)[name]
    plain = owner.bearing("garbage").get("/v1/streams")
    for path in ("/v1/streams", "/v1/streams/notes/records", "/v1/streams/notes/records/x"):
        answer = owner.bearing(bad).get(path)
        assert (answer.status, answer.code) == FORBIDDEN
        assert answer.body == plain.body


def test_a_grant_opens_reads_only(owner: Caller, mine: str) -> None:
    """A grant opens no owner route and no stage route, and the stage's token opens no other."""
    reader = grant(owner, mine)
    for path, methods in owner.described["paths"].items():
        for method, told in methods.items():
            if told["x-audience"] in ("owner", "stage"):
                answer = reader.call(method.upper(), path)
                assert (answer.status, answer.code) == FORBIDDEN
            if told["x-audience"] in ("owner", "reader"):
                assert owner.bearing(STAGE).call(method.upper(), path).status == 403
            if told["x-audience"] == "stage":
                assert owner.call(method.upper(), path).status == 403


def test_no_token(owner: Caller) -> None:
    """Without a token every route but the description is 401 and says how to ask."""
    nobody = owner.bearing(None)
    assert nobody.get("/openapi.json").status == 200
    for path, methods in nobody.described["paths"].items():
        for method, told in methods.items():
            if told["x-audience"] != "anyone":
                answer = nobody.call(method.upper(), path)
                assert (answer.status, answer.code) == (401, "unauthorized")
                assert answer.headers["www-authenticate"] == "Bearer"


def test_a_grant_expires_by_the_hosts_clock(owner: Caller, house: House, mine: str) -> None:
    """A grant opens reads up to its moment, by the host's own clock, and not from then on."""
    reader = grant(owner, mine, expires_at="2998-01-01T00:00:00.5+01:00")
    end = datetime(2997, 12, 31, 23, 0, 0, 500_000, tzinfo=UTC)
    for moment, status in ((end - timedelta(microseconds=10), 200), (end, 403)):
        house.host.services.clock.stop(moment)
        assert reader.get("/v1/streams").status == status


def test_another_owner_token_revokes(mine: str, owner: Caller) -> None:
    """A grant stands and falls with the owner's token."""
    token = grant(owner, mine).token
    assert token is not None
    now = datetime.now(UTC)
    assert Tokens(OWNER).admit("reader", f"Bearer {token}", now) is not None
    with pytest.raises(Exception, match="does not open"):
        Tokens("a new one").admit("reader", f"Bearer {token}", now)


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"connections": []}, "invalid_request", "connections"),
        ({"connections": ["nobody"]}, "not_found", "connections[0]"),
        ({"streams": []}, "invalid_request", "streams"),
        ({"streams": ["notes", "dreams"]}, "unknown_stream", "streams[1]"),
        ({"fields": {"logs": ["id"]}}, "unknown_stream", "fields.logs"),
        ({"fields": {"notes": []}}, "invalid_request", "fields[...]"),
        ({"fields": {"notes": ["id", "nope"]}}, "unknown_record_field", "fields.notes[1]"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "invalid_request", "expires_at"),
        ({"expires_at": "2999-01-01"}, "invalid_request", "expires_at"),
        ({"expires_at": None}, "invalid_request", "expires_at"),
        ({"why": 1}, "unknown_field", None),
        ({"streams": ["notes"] * 2000}, "grant_too_large", None),
    ],
)
def test_grants_that_are_refused(owner: Caller, mine: str, change: Any, code: str, param: str | None) -> None:
    """A grant of what does not exist, of nothing or for no time is refused, naming the part."""
    body = {"connections": [mine], "streams": ["notes"], "expires_at": SOON} | change
    answer = owner.post("/_ref/grants", body)
    assert (answer.code, answer.body["error"].get("param")) == (code, param)
