"""The driver that arranges mbox files for scenarios."""

from __future__ import annotations

import mailbox
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pdpp_plugins.sources.mailbox import MailboxDriver, register_source_drivers
from pdpp_tck.subject import Item

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=2)))


def test_what_it_arranges(tmp_path: Path) -> None:
    """Each item is a message that Python's own mailbox module reads back, with its id, date and text."""
    source = MailboxDriver().open(tmp_path)
    source.write("team a", [Item("team a", "m1", AT, "one\n\nFrom two Thu Jan  1 00:00:00 2026")])
    source.write("team a", [Item("team a", "m2", AT.astimezone(UTC), "straße")])
    assert source.where() == {"root": str(tmp_path)}
    with closing(mailbox.mbox(tmp_path / "team a.mbox", create=False)) as box:
        first, second = box
    assert first["Message-ID"] == "<m1@pdpp.example>"
    assert first["Date"] == "Fri, 02 Jan 2026 03:04:05 +0200"
    assert second.get_payload(decode=True) == "straße\n".encode()


def test_what_disappears(tmp_path: Path) -> None:
    """A mailbox made without messages exists; one removed does not; an obstructed root cannot be listed."""
    source = MailboxDriver().open(tmp_path / "root")
    (tmp_path / "root").mkdir()
    source.write("a", [])
    assert (tmp_path / "root" / "a.mbox").stat().st_size == 0
    source.remove("a")
    assert list((tmp_path / "root").iterdir()) == []
    source.obstruct()
    with pytest.raises(NotADirectoryError):
        list((tmp_path / "root").iterdir())
    source.close()


def test_what_it_says() -> None:
    """Keys are of mailbox and Message-ID, and there never was a global cursor."""
    (driver,) = register_source_drivers()
    assert driver.key(Item("a", "m1", AT, "")) == ["a", "m1@pdpp.example"]
    assert driver.resource("a") == "a"
    assert driver.legacy_cursor(AT) is None
    assert "legacy_cursor" not in driver.claims
