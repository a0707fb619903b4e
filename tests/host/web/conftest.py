"""One server for all tests of the web, each with a host of its own behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from pdpp_host.compose import provide_databases
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import Databases, StorageMissing
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


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases | str]:
    """PostgreSQL's databases, or why there are none."""
    try:
        found = provide_databases(load_plugins(), "postgres", tmp_path_factory.mktemp("databases"))
    except StorageMissing as error:
        yield str(error)
        return
    yield found
    found.close()


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
