"""The browser, which tests share; each has a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import Chromium, Page, chromium

from ..callers import OWNER
from ..instances import Owner

PICTURES = Path(__file__).parents[4] / "reports" / "console"


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Chromium) -> Iterator[Page]:
    with browser.page() as page:
        yield page


@pytest.fixture
def home(instances: Owner) -> str:
    """Where the console is."""
    return str(instances.caller.client.base_url)


@pytest.fixture
def signed_in(page: Page, home: str) -> Page:
    """A page on which the owner has signed in, by the keyboard."""
    page.open(home)
    page.type(OWNER)
    page.press("Enter", loads=True)
    return page


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where pictures are kept."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    return PICTURES
