"""The console as a person meets it, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import Page

from ..callers import OWNER
from ..instances import Owner
from .scenery import AN_HOUR_LATER, PAST_AN_HOUR, at, many, one

WIDTHS = (320, 390, 768, 1280)
GROUNDS = {"light": "rgb(246, 247, 249)", "dark": "rgb(16, 21, 28)"}

# Every text and its ground, as a browser paints them; what is off the screen is nobody's.
CONTRASTS = """
(() => {
  const channel = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const parse = c => (c.match(/[\\d.]+/g) || []).map(Number);
  const luminance = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
  const ground = e => { for (; e; e = e.parentElement) {
    const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3 || c[3] > 0) return c; }
    return [255, 255, 255]; };
  return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() &&
    [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).map(e => {
      const [a, b] = [parse(getComputedStyle(e).color), ground(e)].map(luminance).sort((x, y) => y - x);
      return [(a + .05) / (b + .05), e.innerText.slice(0, 40)]; });
})()
"""

TOO_WIDE = """
document.documentElement.scrollWidth <= WIDTH ? [] : [...document.querySelectorAll('body *')].filter(
  e => e.getBoundingClientRect().right > WIDTH).map(e => e.outerHTML.slice(0, 80))
"""


def quiet(page: Page, home: str) -> None:
    """The page asked nobody but the host, and had nothing to complain of."""
    asked = {event["request"]["url"] for event in page.events("Network.requestWillBeSent")}
    assert asked
    assert not [url for url in asked if not url.startswith(f"{home}/")]
    told = page.events("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    assert not told


def test_the_threshold_is_crossed_on_reload(instances: Owner, page: Page, home: str, pictures: Path) -> None:
    """Sign in, see the list and one connection; only the clock moves, and a reload tells another verdict."""
    one(instances)
    page.open(home)
    page.photograph(pictures / "sign-in.png")
    assert "Photo library" not in page.text
    page.type(OWNER)
    page.click("Sign in")
    at(instances, AN_HOUR_LATER)
    page.reload()
    assert "Up to date" in page.text
    assert "Current" in page.text
    page.photograph(pictures / "before-the-threshold.png")
    instances.stage.post("/_stage/deny_writes", {"denied": True})
    at(instances, PAST_AN_HOUR)
    page.reload()
    assert "Out of date" in page.text
    assert "Run it" in page.text
    page.photograph(pictures / "past-the-threshold.png")
    page.click("Photo library")
    assert "Out of date" in page.text
    assert "Stale" in page.text
    instances.stage.post("/_stage/deny_writes", {"denied": False})
    page.click("Sign out")
    assert "Owner token" in page.text
    quiet(page, home)


@pytest.mark.long
def test_pictures_of_every_kind(instances: Owner, signed_in: Page, home: str, pictures: Path) -> None:
    """The list and a connection, light, dark, narrow and in print; texts of connectors run nowhere."""
    page, made = signed_in, many(instances)
    where = {"list": home, "archive": f"{home}/console/connections/{made['archive']}"}
    where["hostile"] = f"{home}/console/connections/{made['hostile']}"
    where["gap"] = f"{home}/console/connections/{made['gap']}"
    for name, url in where.items():
        page.open(url)
        assert page.tell("document.querySelectorAll('main script, main img').length") == 0
        for scheme in ("light", "dark"):
            page.prefer(scheme)
            page.photograph(pictures / f"{name}-{scheme}.png")
        page.prefer()
        page.resize(390, 844)
        page.photograph(pictures / f"{name}-narrow.png")
        page.resize(1280)
        page.print(pictures / f"{name}.pdf")
    assert "login wall" not in page.text
    page.open(home)
    assert "login wall" in page.text
    assert "owned" not in page.tell("document.title")
    quiet(page, home)


def test_what_a_connection_shows(instances: Owner, signed_in: Page, home: str) -> None:
    """Runs, batches with claim and receipt, paths and the proof; from a batch to its run."""
    page, made = signed_in, many(instances)
    page.reload()
    page.click("Messages since 2011")
    text = page.text
    for said in (
        "export-2026.zip",
        "owner artifact",
        "12 parsed",
        "notes: full refresh",
        "authority given",
        "1 with 0",
        "acct:ana",
    ):
        assert said in text, said
    page.click("All connections")
    page.click("Mail at the university")
    assert "INBOX/2019, INBOX/2020" in page.text
    assert "source partition missing" in page.text
    page.click("All connections")
    assert made
    quiet(page, home)


def test_by_keyboard_alone(instances: Owner, page: Page, home: str) -> None:
    """Sign in, go into a connection and out again, and sign out, without a pointer."""
    one(instances)
    page.open(home)
    assert page.focused == "token"
    page.type(OWNER)
    page.press("Tab")
    assert page.focused == "Sign in"
    page.press("Enter", loads=True)
    seen = []
    for _ in range(4):
        page.press("Tab")
        seen.append(page.focused)
    assert seen == ["Skip to content", "PDPP host", "Sign out", "Photo library"]
    ring = page.tell("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    page.press("Enter", loads=True)
    assert page.tell("document.querySelector('h1').innerText") == "Photo library"
    while page.focused != "Sign out":
        page.press("Tab")
    page.press("Enter", loads=True)
    assert page.focused == "token"


def test_it_fits_and_can_be_read(instances: Owner, signed_in: Page, home: str) -> None:
    """No page is wider than its screen, and each text has the contrast that small text needs."""
    page, made = signed_in, many(instances)
    for path in ("/", *(f"/console/connections/{each}" for each in made.values())):
        page.open(home + path)
        for width in WIDTHS:
            page.resize(width)
            assert not page.tell(TOO_WIDE.replace("WIDTH", str(width))), (path, width)
        for scheme, ground in GROUNDS.items():
            page.prefer(scheme)
            assert page.tell("getComputedStyle(document.body).backgroundColor") == ground
            told = page.tell(CONTRASTS)
            assert len(told) > 20
            assert not [each for each in told if each[0] < 4.5], (path, scheme)


def test_the_wrong_token(instances: Owner, page: Page, home: str, pictures: Path) -> None:
    """A wrong token is told so, and nothing of the host shows."""
    one(instances)
    page.open(home)
    page.type("not it")
    page.press("Enter", loads=True)
    assert "not this host's owner token" in page.text
    assert "Photo library" not in page.text
    page.photograph(pictures / "wrong-token.png")


def test_nothing_yet(signed_in: Page, pictures: Path) -> None:
    """A host without connections says so, and how to get one."""
    assert "Nothing is connected yet" in signed_in.text
    signed_in.photograph(pictures / "empty.png")
