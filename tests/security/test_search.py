"""The search finds what it looks for: a search that finds nothing because it cannot proves nothing."""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from canaries import canary, files_below, seen, tables

SECRET = canary("planted")
SPELT = {
    "plain": SECRET.encode(),
    "json": json.dumps({"a": [SECRET]}).encode(),
    "url": quote(f"x={SECRET}", safe="").encode(),
    "hex": b"\0".hex().encode() + SECRET.encode().hex().encode(),
    "base64": base64.b64encode(SECRET.encode()),
    "base64, one later": base64.b64encode(b"x" + SECRET.encode() + b"yy"),
    "base64url, two later": base64.urlsafe_b64encode(b"xx" + SECRET.encode() + b"y"),
}


@pytest.mark.parametrize("spelt", SPELT)
def test_a_planted_canary_is_found(spelt: str) -> None:
    """However it is spelt, and not where it is not."""
    places = {"here": b"before " + SPELT[spelt] + b" after", "there": b"before after"}
    assert seen({"it": SECRET, "another": canary("another")}, places) == {"it": {"here"}, "another": set()}


def test_one_in_a_file_or_a_table_is_found(tmp_path: Path) -> None:
    """In a file's content, in its name and in any column of any table."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "content").write_text(SECRET)
    assert seen({"it": SECRET}, files_below(tmp_path, "files"))["it"] == {"files"}
    database = sqlite3.connect(tmp_path / "d.db")
    database.execute("CREATE TABLE t (n INTEGER, b BLOB)")
    database.execute("INSERT INTO t VALUES (1, ?)", [b"\xff" + SECRET.encode()])
    database.commit()
    database.close()
    assert seen({"it": SECRET}, tables(tmp_path / "d.db"))["it"] == {"table t"}
