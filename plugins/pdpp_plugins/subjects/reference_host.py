"""The reference host as a subject, always over a real loopback socket."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from threading import Thread

import msgspec
import pluggy
from starlette.types import ASGIApp, Receive, Scope, Send

from pdpp_host import __version__
from pdpp_host.compose import compose, open_storage, provide_databases
from pdpp_host.plugins import PluginError, load_plugins, registered_connectors
from pdpp_host.ports import Databases, StorageError, StorageMissing
from pdpp_host.web.access import Tokens
from pdpp_host.web.app import application
from pdpp_host.web.serve import listen, server
from pdpp_plugins.subjects import parts
from pdpp_plugins.subjects.storage_contract import contract_tests
from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import (
    ConnectorWanted,
    ContractTest,
    Face,
    Host,
    HostWanted,
    Part,
    Registered,
    SubjectError,
)


class Front:
    """The one socket of a process; each scenario puts its own host there."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.current: ASGIApp | None = None
        self._listener = listen("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._server = server(self)
        # A daemon, so that a forked worker may end without closing what its parent closes.
        self._thread = Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the server of the reference host ended before it had started")
            time.sleep(0.001)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.current is not None, "no scenario is open"
        await self.current(scope, receive, send)

    def close(self) -> None:
        """Stop serving."""
        self._server.should_exit = True
        self._thread.join()
        self._listener.close()


class AbsentHost:
    """Our host where its storage is not on this machine: nothing runs, and each scenario says why."""

    name = "pdpp-host"
    version = __version__
    storage_version = "unknown"
    claims = frozenset({"stage", "trace", "grants", "imports", "browser_surface"})
    concurrent = True
    storage_claims: frozenset[str] = frozenset()
    contract: tuple[ContractTest, ...] = ()

    def __init__(self, wanted: HostWanted, missing: str) -> None:
        self.missing: str | None = missing
        self.storage_name = wanted.storage.partition(":")[0]
        shutil.rmtree(wanted.home, ignore_errors=True)

    def face(self, home: Path) -> AbstractContextManager[Face]:
        """Never asked for; raises SubjectError."""
        raise SubjectError(self.missing)

    def close(self) -> None:
        """Nothing was started."""


class ReferenceHost:
    """Our host: a fresh database and a fresh application for each scenario, one server a process."""

    name = "pdpp-host"
    version = __version__
    claims = frozenset({"stage", "trace", "grants", "imports", "browser_surface"})
    missing: str | None = None
    concurrent = True

    def __init__(self, wanted: HostWanted, manager: pluggy.PluginManager, databases: Databases) -> None:
        self._home, self._manager, self._databases = wanted.home, manager, databases
        self._front: Front | None = None
        url = databases.fresh()
        storage = open_storage(manager, url)
        self.storage_name, self.storage_version = storage.name, storage.version
        self.storage_claims: frozenset[str] = frozenset(getattr(storage, "claims", ()))
        self.contract = contract_tests(manager, databases, self.storage_claims)
        storage.close()
        databases.drop(url)

    @contextmanager
    def face(self, home: Path) -> Iterator[Face]:
        """A host with nothing in it."""
        with self.with_plugins(self._manager) as face:
            yield face

    @contextmanager
    def with_plugins(self, manager: pluggy.PluginManager) -> Iterator[Face]:
        """The same with other plugins than its own, on its databases and its socket."""
        url = self._databases.fresh()
        host = compose(manager, open_storage(manager, url), staged=True)
        tokens = Tokens(secrets.token_urlsafe(16), secrets.token_urlsafe(16))
        front = self._opened_front()
        front.current = application(host, tokens)
        try:
            yield Face(front.address, tokens.owner, tokens.stage)
        finally:
            host.close()
            self._databases.drop(url)

    def close(self) -> None:
        """Stop the server and delete the databases."""
        try:
            if self._front is not None:
                self._front.close()
        finally:
            self._databases.close()
            shutil.rmtree(self._home, ignore_errors=True)

    def _opened_front(self) -> Front:
        # Opened late, because a forked process has none of its parent's threads.
        if self._front is None or self._front.process != os.getpid():
            self._front = Front()
        return self._front


class HostBeside:
    """Our host with other plugins, on the databases and the socket of one that was opened before."""

    concurrent = True
    missing: str | None = None

    def __init__(self, wanted: HostWanted, other: ReferenceHost) -> None:
        self._other, self._manager = other, load_plugins(wanted.plugins)
        self.name, self.version, self.claims = other.name, other.version, other.claims
        self.storage_name, self.storage_version = other.storage_name, other.storage_version
        self.storage_claims, self.contract = other.storage_claims, other.contract

    def face(self, home: Path) -> AbstractContextManager[Face]:
        """A host with nothing in it."""
        return self._other.with_plugins(self._manager)

    def close(self) -> None:
        """All that it used is the other host's."""


def _opened(wanted: HostWanted) -> Host:
    try:
        if isinstance(wanted.beside, ReferenceHost):
            return HostBeside(wanted, wanted.beside)
        manager = _plugins(wanted.plugins)
        databases = provide_databases(manager, wanted.storage, wanted.home)
        try:
            return ReferenceHost(wanted, manager, databases)
        except BaseException:
            databases.close()
            raise
    except StorageMissing as error:
        return AbsentHost(wanted, str(error))
    except (PluginError, StorageError) as error:
        raise SubjectError(str(error)) from None


# Connectors and host come of the same plugins, which take long to find.
_plugins = cache(load_plugins)


@hookimpl
def open_subject(wanted: HostWanted | ConnectorWanted) -> Host | Registered | None:
    """The reference host, and connectors by the name under which they are registered with it."""
    if isinstance(wanted, HostWanted):
        return _opened(wanted) if wanted.spec == "reference" else None
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
    """The storages of the reference host, and what they need."""
    docker = parts.docker()
    return [parts.sqlite(), docker, parts.postgres(docker)]
