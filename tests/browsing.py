"""A real Chromium without a window, spoken to over two pipes: no port, no driver, no library."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from typing import Any

from parts import missing

PATIENCE_S = 60.0
PROGRAM = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-proxy-server",
    "--password-store=basic",
)
# DevTools are read on 3 and written on 4, which may be the very numbers that the pipes came with.
_LAUNCH = """
import fcntl, os, sys
theirs, ours = (fcntl.fcntl(int(each), fcntl.F_DUPFD, 10) for each in sys.argv[1:3])
os.dup2(theirs, 3)
os.dup2(ours, 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
_PAINTED = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27}


@dataclass
class Chromium:
    """The browser; each page has cookies of its own."""

    into: int
    out: int
    _read: bytearray = field(default_factory=bytearray)
    _sent: int = 0
    _heard: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """What a command gives; events that come before it are kept."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self.into, json.dumps(message).encode() + b"\0")
        while True:
            told = self._next()
            if told.get("id") == self._sent:
                assert "error" not in told, f"{method}: {told['error']}"
                result: dict[str, Any] = told["result"]
                return result
            self._heard.append(told)

    def events(self, session: str) -> list[dict[str, Any]]:
        """All that was heard of a page."""
        return [event for event in self._heard if event.get("sessionId") == session]

    def wait(self, session: str, method: str, after: int) -> None:
        """Wait for an event of a page that comes after the first `after` of its events."""
        while not any(event["method"] == method for event in self.events(session)[after:]):
            self._heard.append(self._next())

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE_S
        while (stop := self._read.find(b"\0")) < 0:
            ready, _, _ = select([self.out], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser says nothing"
            more = os.read(self.out, 1 << 20)
            assert more, "the browser has gone"
            self._read += more
        message: dict[str, Any] = json.loads(self._read[:stop])
        del self._read[: stop + 1]
        return message

    @contextmanager
    def page(self, width: int = 1280, height: int = 900) -> Iterator[Page]:
        """A page with an empty jar of cookies."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ("Page", "Network", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        page.resize(width, height)
        try:
            yield page
        finally:
            self.call("Target.disposeBrowserContext", browserContextId=context)


@dataclass
class Page:
    """One page, and what a person does with it."""

    browser: Chromium
    session: str

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self.browser.call(method, self.session, **parameters)

    def events(self, *methods: str) -> list[dict[str, Any]]:
        """What was heard of these kinds, with their content alone."""
        return [event["params"] for event in self.browser.events(self.session) if event["method"] in methods]

    @contextmanager
    def _loading(self) -> Iterator[None]:
        before = len(self.browser.events(self.session))
        yield
        self.browser.wait(self.session, "Page.loadEventFired", before)
        # Where the focus goes is settled when the page is painted, a moment after it has loaded.
        self.call("Runtime.evaluate", expression=_PAINTED, awaitPromise=True)

    def open(self, url: str) -> None:
        with self._loading():
            self.call("Page.navigate", url=url)

    def reload(self) -> None:
        with self._loading():
            self.call("Page.reload")

    def press(self, key: str, loads: bool = False) -> None:
        """Press a key that has a name; `loads` where that opens another page."""
        with self._loading() if loads else contextlib.nullcontext():
            code = _KEYS[key]
            text = {"text": "\r"} if key == "Enter" else {}
            told = {"key": key, "code": key, "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **told, **text)
            self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        """Type characters, one after the other, where the focus is."""
        for each in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", text=each, key=each)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=each)

    def tell(self, expression: str) -> Any:
        """The value of an expression on the page."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    @property
    def text(self) -> str:
        """What a reader sees."""
        return str(self.tell("document.body.innerText"))

    @property
    def focused(self) -> str:
        """The text, or the id, of what has the focus."""
        return str(self.tell("document.activeElement.innerText || document.activeElement.id"))

    def click(self, text: str) -> None:
        """Click a link or a button by its text, in its middle, and wait for the page that it opens."""
        wanted = json.dumps(text)
        spot = self.tell(
            f"(() => {{ const it = [...document.querySelectorAll('a,button')].find("
            f"e => e.innerText.trim() === {wanted}); it.scrollIntoView({{block: 'center'}});"
            "const b = it.getClientRects()[0]; return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        with self._loading():
            for kind in ("mousePressed", "mouseReleased"):
                self.call(
                    "Input.dispatchMouseEvent", type=kind, x=spot[0], y=spot[1], button="left", clickCount=1
                )

    def resize(self, width: int, height: int = 900) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def prefer(self, scheme: str = "light", medium: str = "screen") -> None:
        """Prefer light or dark, on screen or in print."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=medium, features=features)

    def photograph(self, file: Path) -> None:
        """Keep the whole page as a picture."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(shot["data"]))

    def print(self, file: Path) -> None:
        """Keep the page as it would be printed, on paper and without its grounds."""
        self.prefer(medium="")
        printed = self.call("Page.printToPDF", printBackground=False, paperWidth=8.27, paperHeight=11.69)
        file.write_bytes(base64.b64decode(printed["data"]))


@contextmanager
def chromium() -> Iterator[Chromium]:
    """The browser, with a profile of its own that goes with it."""
    program = next((found for name in PROGRAM if (found := shutil.which(name)) is not None), None)
    if program is None:
        missing("chromium", "no browser of the names " + ", ".join(PROGRAM))
    # As root it has no sandbox; it is shown nothing but this host's pages.
    alone = ("--no-sandbox",) if os.geteuid() == 0 else ()
    theirs, into = os.pipe()
    out, ours = os.pipe()
    with tempfile.TemporaryDirectory(prefix="chromium", ignore_cleanup_errors=True) as profile:
        command = [program, *_ARGUMENTS, *alone, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", _LAUNCH, str(theirs), str(ours), *command],
            pass_fds=(theirs, ours),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={**os.environ, "HOME": profile},
        )
        os.close(theirs)
        os.close(ours)
        browser = Chromium(into, out)
        try:
            yield browser
        finally:
            with contextlib.suppress(AssertionError, OSError):
                browser.call("Browser.close")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(into)
            os.close(out)
