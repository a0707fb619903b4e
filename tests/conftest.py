"""Makes this folder importable, so that every test finds `parts` and `kit_runs`; a run that tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Chromium, Page, chromium
from imap_server import ImapServer, serving
from kit_runs import WHOLE, Ran, once


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of this session that its workers share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture
def whole(shared: Path) -> Ran:
    """One run of everything without arguments, told in JSON."""
    return once(shared, "whole", WHOLE)


@pytest.fixture(scope="session")
def imap_server() -> Iterator[ImapServer]:
    """A real IMAP server; each test takes a login of its own."""
    with serving() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    """A browser for all pages of a session."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Chromium) -> Iterator[Page]:
    """A page of its own."""
    with browser.page() as page:
        yield page
