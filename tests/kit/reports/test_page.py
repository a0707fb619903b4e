"""The page as a person meets it, in a real browser, from a file."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from browsing import Page

WIDTHS = (320, 390, 768, 1280)
TOO_WIDE = """
document.documentElement.scrollWidth <= WIDTH ? [] : [...document.querySelectorAll('body *')].filter(
  e => e.getBoundingClientRect().right > WIDTH).map(e => e.outerHTML.slice(0, 80))
"""
AXE = """
axe.run(document, {resultTypes: ['violations']}).then(found => found.violations.map(
  v => [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))
"""
SHOWN = "[...document.querySelectorAll('.result')].filter(e => e.checkVisibility()).length"


@pytest.fixture
def opened(page: Page, short: Path) -> Page:
    """The varied report's page."""
    page.open(short.as_uri())
    return page


def violations(page: Page) -> list[Any]:
    """What axe-core finds on the page as it is shown now."""
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    page.call("Runtime.evaluate", expression=axe)
    found = page.call("Runtime.evaluate", expression=AXE, awaitPromise=True, returnByValue=True)
    result: list[Any] = found["result"]["value"]
    return result


def test_it_asks_nobody_and_complains_of_nothing(opened: Page, short: Path) -> None:
    """The file is all that is loaded, its script runs, and nothing is said on the console."""
    asked = {event["request"]["url"] for event in opened.events("Network.requestWillBeSent")}
    assert asked == {short.as_uri()}
    assert not opened.events("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    assert opened.tell("document.getElementById('filter').hidden") is False


def test_pictures(opened: Page, pictures: Path) -> None:
    """Wide, narrow, dark and printed; the verdict stands on top of each."""
    assert opened.tell("document.querySelector('h1').innerText") == "Not conformant"
    opened.photograph(pictures / "wide.png")
    opened.prefer("dark")
    assert opened.tell("getComputedStyle(document.body).backgroundColor") == "rgb(16, 21, 28)"
    opened.photograph(pictures / "dark.png")
    opened.prefer()
    opened.resize(390, 844)
    opened.photograph(pictures / "narrow.png")
    opened.resize(1280)
    opened.print(pictures / "printed.pdf")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing(opened: Page, scheme: str, width: int) -> None:
    """No violation of any weight."""
    opened.prefer(scheme)
    opened.resize(width)
    assert violations(opened) == []


def test_it_fits(opened: Page) -> None:
    """The page is no wider than its screen."""
    for width in WIDTHS:
        opened.resize(width)
        assert not opened.tell(TOO_WIDE.replace("WIDTH", str(width))), width


def test_search_and_filter_by_keyboard(opened: Page) -> None:
    """`/` goes to the search; words and boxes narrow what is shown, and it is said how much is left."""
    everything = opened.tell(SHOWN)
    opened.type("/")
    assert opened.focused == "search"
    opened.type("CI-01.2")
    left = opened.tell(SHOWN)
    assert 0 < left < everything
    assert opened.tell("document.getElementById('found').innerText") == f"{left} of {everything} results"
    opened.tell("document.getElementById('search').value = ''")
    boxes = "document.querySelector('input[value=passed]')"
    opened.tell(f"{boxes}.click()")
    assert opened.tell(SHOWN) == opened.tell(
        "[...document.querySelectorAll('.result')].filter(e => e.dataset.verdict !== 'passed').length"
    )


def test_the_keyboard_reaches_everything(opened: Page) -> None:
    """First a way past the top, then the requirements, and what has the focus is marked."""
    opened.press("Tab")
    assert opened.focused == "Skip to content"
    opened.press("Tab")
    assert opened.focused.startswith("CI-01")
    assert opened.tell("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_without_a_script_everything_is_there(page: Page, short: Path) -> None:
    """What the script adds is the search alone."""
    whole, _, rest = short.read_text().partition("<script>")
    bare = short.with_name("bare.html")
    bare.write_text(whole + rest.partition("</script>")[2])
    page.open(bare.as_uri())
    assert "Requirements by clause" in page.text
    assert page.tell("document.getElementById('filter').hidden") is True
