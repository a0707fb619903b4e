"""The console over plain HTTP: who is let in, what headers say, what becomes of hostile words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

import httpx
import pytest

from pdpp_host.summaries.shapes import Action
from pdpp_host.web.access import Tokens
from pdpp_host.web.console.sessions import COOKIE
from pdpp_host.web.console.wording import ACTIONS, size, span

from ..callers import OWNER, STAGE
from ..instances import Owner
from ..test_summaries import traced
from .scenery import NOW, at, many, one

POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
HALF_A_DAY, A_MOMENT_MORE = "2026-05-01T21:59:59Z", "2026-05-01T22:00:00Z"


@pytest.fixture
def visitor(instances: Owner) -> Iterator[httpx.Client]:
    """A browser's requests without a browser; it keeps cookies."""
    at(instances, NOW)
    base = str(instances.caller.client.base_url)
    with httpx.Client(base_url=base, verify=False, trust_env=False, timeout=30) as client:
        yield client


def sign_in(visitor: httpx.Client, token: str = OWNER, **headers: str) -> httpx.Response:
    own = {"Origin": str(visitor.base_url).rstrip("/")}
    return visitor.post("/console/session", data={"token": token}, headers=own | headers)


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_every_answer_has_the_headers(instances: Owner, visitor: httpx.Client) -> None:
    """Whatever the console answers runs nothing, is framed by nobody and kept nowhere."""
    connection = one(instances)
    signed = bearing(OWNER)
    answers = [
        visitor.get("/"),
        visitor.get("/", headers=signed),
        visitor.get(f"/console/connections/{connection}"),
        visitor.get(f"/console/connections/{connection}", headers=signed),
        visitor.get("/console/connections/nobody", headers=signed),
        visitor.get("/?cursor=x", headers=signed),
        visitor.get("/console/style.css"),
        visitor.get("/console/nothing"),
        visitor.post("/"),
        visitor.post("/console/session"),
        visitor.post("/console/session/end"),
        sign_in(visitor, "wrong"),
        sign_in(visitor),
    ]
    told = [(answer.status_code, answer.headers.get("content-type")) for answer in answers]
    html = "text/html; charset=utf-8"
    assert told == [
        (200, html),
        (200, html),
        (303, None),
        (200, html),
        (404, html),
        (400, html),
        (200, "text/css; charset=utf-8"),
        (404, html),
        (405, html),
        (403, html),
        (403, html),
        (403, html),
        (303, None),
    ]
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"


def test_nobody_sees_anything_without_a_session(instances: Owner, visitor: httpx.Client) -> None:
    """Neither a name nor whether a connection exists, and a stage's token or a grant opens nothing."""
    connection = one(instances)
    assert "Photo library" not in visitor.get("/").text
    for name in (connection, "nobody"):
        answer = visitor.get(f"/console/connections/{name}")
        assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/", "")
    granted = instances.caller.post(
        "/_ref/grants",
        {"connections": [connection], "streams": ["notes"], "expires_at": "2999-01-01T00:00:00Z"},
    ).body["token"]
    for token in (STAGE, granted, "wrong", OWNER + "s"):
        answer = visitor.get("/", headers=bearing(token))
        assert answer.status_code == 403
        assert "Photo library" not in answer.text
    assert "Photo library" in visitor.get("/", headers=bearing(OWNER)).text


def test_a_session(instances: Owner, visitor: httpx.Client) -> None:
    """The cookie opens the pages, holds no token, and goes with signing out."""
    connection = one(instances)
    answer = sign_in(visitor)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=strict"}
    assert OWNER not in cookie
    assert "Photo library" in visitor.get("/").text
    assert visitor.get(f"/console/connections/{connection}").status_code == 200
    assert visitor.get("/console/connections/nobody").status_code == 404
    out = visitor.post("/console/session/end", headers={"Origin": str(visitor.base_url).rstrip("/")})
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert COOKIE not in visitor.cookies
    assert "Owner token" in visitor.get("/").text


def test_a_session_opens_nothing_else(instances: Owner, visitor: httpx.Client) -> None:
    """The cookie is for pages: routes that change something want the token itself."""
    one(instances)
    sign_in(visitor)
    assert visitor.get("/_ref/connectors").status_code == 401
    assert visitor.get("/v1/streams").status_code == 401


def test_a_session_ends(instances: Owner, visitor: httpx.Client) -> None:
    """It lives until its time and no moment longer, by the host's clock."""
    one(instances)
    sign_in(visitor)
    at(instances, HALF_A_DAY)
    assert "Photo library" in visitor.get("/").text
    at(instances, A_MOMENT_MORE)
    answer = visitor.get("/")
    assert "Photo library" not in answer.text
    assert "Your session has ended" in answer.text


def test_a_session_cannot_be_made_or_altered(instances: Owner, visitor: httpx.Client) -> None:
    """Each byte counts; a cookie of another purpose or of another owner's token opens nothing."""
    one(instances)
    sign_in(visitor)
    good = visitor.cookies[COOKIE]
    later = b"2999-01-01T00:00:00+00:00"
    keys = Tokens(OWNER).keys
    wrong = [good[:n] + ("A" if good[n] != "A" else "B") + good[n + 1 :] for n in range(len(good))]
    wrong += [good[:-1], good + "A", "", "x" * 5000, keys.sealed("connections", later)]
    wrong += [Tokens("another").keys.sealed("console session", later)]
    visitor.cookies.clear()
    for text in wrong:
        answer = visitor.get("/", headers={"Cookie": f"{COOKIE}={text}"})
        assert answer.status_code == 200
        assert "Photo library" not in answer.text, text
    control = keys.sealed("console session", later)
    assert "Photo library" in visitor.get("/", headers={"Cookie": f"{COOKIE}={control}"}).text


@pytest.mark.parametrize("body", [b"", b"token=", b"token=%ff%fe", b"\xff\xfe", b"{}", b"token=a&token=b"])
def test_what_is_no_token(visitor: httpx.Client, body: bytes) -> None:
    """Any other body is a wrong token; no cookie comes."""
    own = {"Origin": str(visitor.base_url).rstrip("/")}
    answer = visitor.post("/console/session", content=body, headers=own)
    assert answer.status_code == 403
    assert "not this host's owner token" in answer.text.replace("&#39;", "'")
    assert "set-cookie" not in answer.headers
    assert visitor.post("/console/session", content=b"x" * 2_000_000, headers=own).status_code == 413


@pytest.mark.parametrize(
    "origin", ["null", "", "http://evil.example", "http://127.0.0.1", "https://127.0.0.1:1"]
)
def test_forms_of_other_pages(visitor: httpx.Client, origin: str) -> None:
    """A form that no page of this host sent neither signs in nor out."""
    answer = sign_in(visitor, Origin=origin)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    sign_in(visitor)
    out = visitor.post("/console/session/end", headers={"Origin": origin})
    assert out.status_code == 403
    assert COOKIE in visitor.cookies


def test_hostile_words(instances: Owner, visitor: httpx.Client) -> None:
    """What connectors and owners call things is text wherever it stands, and is isolated from ours."""
    made = many(instances)
    sign_in(visitor)
    for path in ("/", *(f"/console/connections/{each}" for each in made.values())):
        text = visitor.get(path).text
        assert "<script" not in text
        assert "<img" not in text
        assert ">49<" not in text
        assert " style=" not in text
    escaped = visitor.get(f"/console/connections/{made['hostile']}").text
    assert escaped.count("<bdi>&#34;&gt;&lt;script&gt;document.title=&#34;owned&#34;") >= 6
    refused = visitor.get("/console/connections/%3Cscript%3E")
    assert refused.status_code == 404
    assert "<script" not in refused.text


def test_nothing_of_records_shows(instances: Owner, visitor: httpx.Client) -> None:
    """Neither a record's content nor its key is on any page."""
    made = many(instances)
    sign_in(visitor)
    for path in ("/", *(f"/console/connections/{each}" for each in made.values())):
        text = visitor.get(path).text
        assert "xxxx" not in text
        assert "p0" not in text


def test_the_list_reads_what_the_json_list_reads(instances: Owner, visitor: httpx.Client) -> None:
    """A page of the list asks the database what the JSON list asks, however many connections there are."""
    one(instances)
    seen = []
    for count in (3, 30):
        for _ in range(count - 3 if seen else 2):
            instances.connect("photos", "device_sync", source={"root": "/"})
        traced(instances, "/_ref/connectors", "before")
        seen += [
            traced(instances, where, f"{where} {count}") for where in ("/", "/_ref/connectors?limit=100")
        ]
    assert len({each["reads"] for each in seen}) == 1
    assert {each["writes"] for each in seen} == {0}


def test_pages_of_the_list(instances: Owner, visitor: httpx.Client) -> None:
    """Past a hundred connections there is a next page, and each connection is on one."""
    one(instances)
    body = {"connector_key": "photos", "count": 120, "stream": "notes"}
    assert instances.stage.post("/_stage/connections", body).status == 200
    sign_in(visitor)
    first = visitor.get("/").text
    where = first.partition('<a href="/?cursor=')[2].partition('"')[0]
    second = visitor.get(f"/?cursor={where}").text
    assert (first.count('<th scope="row">'), second.count('<th scope="row">')) == (100, 21)
    assert "First page" in second
    assert "Next page" not in second


@pytest.mark.parametrize("what", ["history", "evidence"])
def test_one_that_is_broken(instances: Owner, visitor: httpx.Client, what: str) -> None:
    """A broken connection leaves the list standing; its own page says that it cannot be told."""
    connection = one(instances)
    visitor.get("/", headers=bearing(OWNER))
    instances.stage.post("/_stage/break", {"what": what, "connection_id": connection})
    sign_in(visitor)
    assert "Photo library" in visitor.get("/").text
    answer = visitor.get(f"/console/connections/{connection}")
    if what == "history":
        assert answer.status_code == 503
        assert "The storage does not answer" in answer.text


def test_every_action_has_words() -> None:
    """What a summary may say would help is said in words."""
    assert set(ACTIONS) == set(get_args(Action))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3600, "1 h"), (3661, "1 h 1 min"), (86400 * 7 + 60, "7 d")],
)
def test_spans(seconds: float, said: str) -> None:
    """A stretch of time has at most two units, one beside the other."""
    assert span(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 30, "5.0 GiB")]
)
def test_sizes(count: int, said: str) -> None:
    """A size has the unit that fits."""
    assert size(count) == said
