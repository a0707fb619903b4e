"""One server for all tests of the web, each with a host of its own behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from parts import missing
from starlette.types import ASGIApp, Receive, Scope, Send

from pdpp_host.ports import Databases
from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application
from pdpp_host.web.serve import listen, server

from ..houses import House
from .callers import OWNER, STAGE, Caller
from .instances import Owner


class Switchboard:
    """The application behind the socket, another one for each test."""

    current: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.current(scope, receive, send)


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Switchboard, str]]:
    switchboard, listener = Switchboard(), listen("127.0.0.1", 0)
    serving = server(switchboard)
    thread = threading.Thread(target=serving.run, args=([listener],))
    thread.start()
    waiting = threading.Event()
    while not serving.started:
        waiting.wait(0.001)
    yield switchboard, f"http://127.0.0.1:{listener.getsockname()[1]}"
    serving.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind, that processes may share."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'host.db'}"
        return
    databases: Databases | str = request.getfixturevalue("databases")
    if isinstance(databases, str):
        missing("postgres", databases)
    url = databases.fresh()
    yield url
    databases.drop(url)


@pytest.fixture
def owner(served: tuple[Switchboard, str], house: House) -> Iterator[Caller]:
    switchboard, url = served
    switchboard.current = application(house.host, Tokens(OWNER, STAGE))
    with httpx.Client(base_url=url, verify=False, trust_env=False, timeout=30.0) as client:
        yield Caller(client)


@pytest.fixture
def instances(owner: Caller, house: House) -> Owner:
    """An owner who configures connections of several paths."""
    return Owner(owner, owner.bearing(STAGE), house)
