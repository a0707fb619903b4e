"""The driver `http`: a real server on loopback, with pages, cursors, and answers to be asked again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tables import item, table

from pdpp_plugins.sources.http import Http
from pdpp_tck.settings import SettingsError
from pdpp_tck.subject import ArrangedSource

API = """\
driver = "http"
stream = "notes"
partitions = "/rooms"
items = "/rooms/{partition}/notes"
partition = { name = "{partition}" }
item = { id = "{id}", text = "{text}" }
list = "rows"
next = "after"
cursor = "from"
"""


@pytest.fixture
def source(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ArrangedSource]:
    """A server of the API above, with what the test adds to its table."""
    opened = Http().configured(table(tmp_path, API + getattr(request, "param", ""))).open(tmp_path)
    yield opened
    opened.close()


def get(source: ArrangedSource, path: str) -> httpx.Response:
    """One GET, as a connector does it."""
    return httpx.get(source.where()["base_url"] + path, trust_env=False)


def test_pages(source: ArrangedSource) -> None:
    """Two rows a page, and a cursor until there is no more; names in paths are percent-encoded."""
    source.write("in box", [item("in box", str(n)) for n in range(3)])
    assert get(source, "/rooms").json() == {"rows": [{"name": "in box"}], "after": None}
    first = get(source, "/rooms/in%20box/notes").json()
    second = get(source, f"/rooms/in%20box/notes?from={first['after']}").json()
    assert [row["id"] for row in first["rows"] + second["rows"]] == ["0", "1", "2"]
    assert second["after"] is None
    assert get(source, "/rooms/in%20box/notes?from=nonsense").status_code == 400


def test_what_disappears_and_what_breaks(source: ArrangedSource) -> None:
    """A partition that is gone is 404 and in no list; an unwell API answers 500 to everything."""
    source.write("a", [])
    source.write("b", [])
    source.remove("a")
    assert get(source, "/rooms").json()["rows"] == [{"name": "b"}]
    assert get(source, "/rooms/a/notes").status_code == 404
    source.obstruct()
    assert get(source, "/rooms").status_code == 500


@pytest.mark.parametrize("source", ["limit_every = 2\nfail_every = 3"], indirect=True)
def test_bad_moments(source: ArrangedSource) -> None:
    """Every second answer is 429 and every third 503, both to be asked again at once; never the first."""
    seen = [get(source, "/rooms") for _ in range(6)]
    assert [answer.status_code for answer in seen] == [200, 429, 503, 429, 200, 429]
    assert seen[1].headers["Retry-After"] == "0"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("limit_every = 1", "[source] limit_every: 1 would leave no good answer"),
        ("page_size = 0", "[source] page_size: 0 is no number above zero"),
        ("pages = 2", "[source] pages: unknown"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, more: str, told: str) -> None:
    """Before any server is started."""
    with pytest.raises(SettingsError) as refused:
        Http().configured(table(tmp_path, API + more))
    assert told in str(refused.value)
