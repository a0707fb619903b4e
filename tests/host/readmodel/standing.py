"""The host that is asked, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec

from pdpp_host.compose import Host, compose, open_storage
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.hookspecs import hookimpl
from pdpp_host.plugins import load_plugins
from pdpp_host.ports import Unit
from pdpp_host.services import Services
from pdpp_host.summaries.shapes import Summary
from pdpp_host.web import summaries
from pdpp_host.web.access import Tokens
from pdpp_host.web.calls import Call

from ..houses import AT

TOKENS = Tokens("owner", "stage")


class _Numbered:
    """A plugin that counts where a host draws ids, so that a history is the same whenever it is repeated."""

    def __init__(self) -> None:
        self._numbers = count()

    @hookimpl
    def adapt_services(self, services: Services) -> Services:
        return replace(services, new_id=lambda kind: f"{kind}_{next(self._numbers):06}")


class Standing:
    """A host on its database, with a clock that stands; it is asked as its routes ask."""

    def __init__(self, url: str) -> None:
        self.url, self.now = url, AT
        self._manager = load_plugins()
        self._manager.register(_Numbered())
        self.host: Host = self.opened()

    def opened(self) -> Host:
        """The host as a start finds it."""
        host = compose(self._manager, open_storage(self._manager, self.url), staged=True)
        host.services.clock.stop(self.now)
        return host

    def move(self, minutes: int) -> None:
        """Let time pass, or step back."""
        self.now += timedelta(minutes=minutes)
        self.host.services.clock.stop(self.now)

    def reopen(self) -> None:
        """Close the host and start another one on the same database."""
        self.host.close()
        self.host = self.opened()

    def ids(self) -> list[str]:
        """The connections, oldest first."""
        with self.host.services.storage.read() as view:
            return [each.connection_id for each in view.connections()]

    def at(self, place: int) -> str:
        """A connection by its place, the last one where there are not so many."""
        ids = self.ids()
        return ids[min(place, len(ids) - 1)]

    def configuration(self, account: str, key: str | None) -> dict[str, Any]:
        more = {} if key is None else {"browser_profile_key": key}
        binding = {"account": f"acct:{account}"}
        return {"connector_key": "notes", "binding": binding, "method": "browser_polyfill", **more}

    def write(self, work: Callable[[Unit], object], kept: bool = True) -> None:
        """Do something in a unit of its own, which may be abandoned."""
        with self.host.services.storage.write() as unit:
            work(unit)
            if kept:
                unit.commit()

    def ask(self, function: Callable[[Call], Any], body: dict[str, Any], **path: str) -> None:
        """Ask the host as its routes do; what it refuses has changed nothing."""
        with suppress(RequestRefused):
            function(self.call({}, msgspec.json.encode(body), **path))

    def call(self, query: dict[str, str], body: bytes = b"", **path: str) -> Call:
        return Call(self.host, TOKENS.keys, TOKENS, path, query, body)

    def listed(self) -> dict[str, list[Any]]:
        """What the list tells of each connection."""
        call = self.call({})
        return {
            row.connection_id: shown(row)
            for row in summaries.list_connectors(call, summaries.look(call)).data
        }

    def scoped(self, connection_id: str) -> list[Any]:
        """The same of one connection, read on its own; its last success is the one that the runs tell."""
        [row] = summaries.one_connector(self.call({"connection": connection_id})).data
        last = None if row.last_success is None else row.last_success.run_id
        told = row.last_successful_run
        assert last == (None if told is None else told.run_id), "evidence and runs tell another success"
        return shown(row)


def shown(row: Summary) -> list[Any]:
    """The fields that every summary has."""
    return [getattr(row, name) for name in Summary.__struct_fields__]
