"""Fixtures of the connector tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from folder_runs import Folder
from imap_runs import Imap
from imap_server import ImapServer
from mail_runs import Mail


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty source, with room beside it in tmp_path."""
    root = tmp_path / "source"
    root.mkdir()
    return Folder(root)


@pytest.fixture
def mail_source(tmp_path: Path) -> Mail:
    """An empty directory for mailboxes, with room beside it in tmp_path."""
    root = tmp_path / "source"
    root.mkdir()
    return Mail(root)


@pytest.fixture
def imap(imap_server: ImapServer, tmp_path: Path) -> Imap:
    """An account with no mail yet."""
    return Imap(imap_server, tmp_path)
