"""The browser, which tests share; each has a page of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import Page

from ..callers import OWNER
from ..instances import Owner

PICTURES = Path(__file__).parents[4] / "reports" / "console"


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
