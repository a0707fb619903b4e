"""Names of records, which databases hold: they never become others."""

from __future__ import annotations

import pytest

from pdpp_host.domain.records import record_id


@pytest.mark.parametrize(
    ("path", "key", "logical", "name"),
    [
        (0, "a", None, "3f6568adec944f6377c406040f214d9a"),
        (1, "a", None, "7f1f939415f61cbe4973c5d5ca8be0a5"),
        (1, "a", "same", "a577270675cc7f89f704764465dc3444"),
        (0, "b", "same", "a577270675cc7f89f704764465dc3444"),
        (0, "\ud800", None, "37f2e9b1f703c4eb2b7b8ac0acec4631"),
    ],
)
def test_a_record_is_named_as_ever(path: int, key: str, logical: str | None, name: str) -> None:
    """Connection, path, stream and key have one name; a logical record has one, whatever its path and key."""
    for _ in range(2):
        assert record_id("con-1", path, "notes", key, logical) == name
