"""The reference host as a subject, always over a real loopback socket."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Thread
from uuid import uuid4

import msgspec
from starlette.types import ASGIApp, Receive, Scope, Send

from pdpp_host import __version__
from pdpp_host.compose import compose, open_storage
from pdpp_host.plugins import PluginError, load_plugins, registered_connectors
from pdpp_host.ports import StorageError
from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application
from pdpp_host.web.serve import listen, server
from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import ConnectorWanted, Face, Host, HostWanted, Part, Registered, SubjectError


class Switchboard:
    """The application behind the one socket of a session; each scenario puts its own host there."""

    def __init__(self) -> None:
        self.current: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.current is not None, "no scenario is open"
        await self.current(scope, receive, send)


class ReferenceHost:
    """Our host: a fresh database and a fresh application for each scenario, one server a session."""

    name = "pdpp-host"
    version = __version__
    claims = frozenset({"stage"})

    def __init__(self, wanted: HostWanted) -> None:
        if wanted.storage != "sqlite":
            raise SubjectError(
                f"the reference host has no storage {wanted.storage!r} yet; use --storage sqlite"
            )
        self._home = wanted.home
        try:
            self._manager = _plugins(wanted.plugins)
            storage = open_storage(self._manager, self._url())
        except (PluginError, StorageError) as error:
            raise SubjectError(str(error)) from None
        self.storage_name, self.storage_version = storage.name, storage.version
        storage.close()
        self._switchboard = Switchboard()
        self._listener = listen("127.0.0.1", 0)
        self._server = server(self._switchboard)
        self._thread = Thread(target=self._server.run, args=([self._listener],), name="reference-host")
        self._thread.start()
        while not self._server.started:
            time.sleep(0.001)

    @contextmanager
    def face(self, home: Path) -> Iterator[Face]:
        """A host with nothing in it."""
        host = compose(self._manager, open_storage(self._manager, self._url()))
        tokens = Tokens(secrets.token_urlsafe(16), secrets.token_urlsafe(16))
        self._switchboard.current = application(host, tokens)
        address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        try:
            yield Face(address, tokens.owner, tokens.stage)
        finally:
            host.close()

    def close(self) -> None:
        """Stop the server and delete the databases."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _url(self) -> str:
        return f"sqlite:///{self._home / uuid4().hex}.db"


# Connectors and host come of the same plugins, which take long to find.
_plugins = cache(load_plugins)


@hookimpl
def open_subject(wanted: HostWanted | ConnectorWanted) -> Host | Registered | None:
    """The reference host, and connectors by the name under which they are registered with it."""
    if isinstance(wanted, HostWanted):
        return ReferenceHost(wanted) if wanted.spec == "reference" else None
    try:
        known = registered_connectors(_plugins(wanted.plugins))
    except PluginError as error:
        raise SubjectError(str(error)) from None
    if wanted.name not in known:
        raise SubjectError(f"no connector {wanted.name!r} is installed; there are {', '.join(sorted(known))}")
    found = known[wanted.name]
    manifest = msgspec.json.decode(msgspec.json.encode(found.manifest))
    return Registered(manifest, found.command, found.environment)


@hookimpl
def report_parts() -> Sequence[Part]:
    """The storages of the reference host."""
    with tempfile.TemporaryDirectory(prefix="pdpp-tck-") as home:
        try:
            storage = open_storage(load_plugins(), f"sqlite:///{home}/host.db")
        except (PluginError, StorageError) as error:
            return [Part("sqlite", False, str(error))]
        storage.close()
    return [Part(storage.name, True, f"version {storage.version}")]
