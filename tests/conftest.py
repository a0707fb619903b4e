"""Makes this folder importable, so that every test finds `parts` and `kit_runs`; a run that tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Chromium, Page, chromium
from imap_server import ImapServer, serving
from kit_runs import WHOLE, Ran, once
from specifications import LEDGER, found_spec, invented_at


def pytest_collection_finish() -> None:
    """What thousands of tests are made of stays to the end: nobody looks through it for garbage meanwhile."""
    gc.collect()
    gc.freeze()


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


@pytest.fixture(scope="session")
def ledger_file() -> Path:
    """The committed ledger."""
    return LEDGER


@pytest.fixture(scope="session")
def spec_dir() -> Path:
    """The specification to verify."""
    return found_spec()


@pytest.fixture
def invented(tmp_path: Path) -> Path:
    """The spec.md of an invented specification; tests edit it to move the text under a ledger."""
    return invented_at(tmp_path)
