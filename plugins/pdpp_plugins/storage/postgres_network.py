"""Connections to a PostgreSQL server that end when the network does, on either side of it."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import OperationalError

CONNECT = 10  # seconds in which a server must answer
SILENCE = 300  # seconds without a byte in which a statement must have an answer

# A network that takes nothing any more is found out within a minute, whether we wait for an answer or for
# room to ask; left to themselves systems take hours. What a URL says of this is left as it is.
_NETWORK: dict[str, Any] = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
# The same for the server: the locks of a host that is cut off are wanted by others.
SERVER = {
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
_silence: ContextVar[float | None] = ContextVar("silence", default=None)


class ServerSilent(OperationalError):
    """A server that takes what it is sent does not answer."""


@contextmanager
def unhurried() -> Iterator[None]:
    """Let statements of this thread take their time: a migration of much data says nothing for long."""
    token = _silence.set(float("inf"))
    try:
        yield
    finally:
        _silence.reset(token)


def connected(url: str) -> psycopg.Connection[Any]:
    """A connection to the server of a URL."""
    given = conninfo_to_dict(url)
    wanted = {"connect_timeout": CONNECT} | _NETWORK
    new = {name: value for name, value in wanted.items() if name not in given}
    connection = _Connection.connect(url, client_encoding="utf8", **new)
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in SERVER.items())
    connection.execute(f"SELECT {settings}".encode())
    connection.commit()
    return connection


class _Connection(psycopg.Connection[Any]):
    """A connection that is given up when its server has said nothing for too long."""

    def wait(self, gen: Generator[Any, Any, Any], *args: Any, **more: Any) -> Any:
        """What the driver waits for; ServerSilent, the connection closed, where it stands still."""
        return super().wait(self._heard(gen), *args, **more)

    def _heard(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        patience = _silence.get() or SILENCE
        try:
            wanted = next(gen)
            last = time.monotonic()
            while True:
                # The driver comes back ten times a second, with nothing where there is nothing to read.
                ready = yield wanted
                now = time.monotonic()
                if ready:
                    last = now
                elif now - last > patience:
                    self.pgconn.finish()
                    raise ServerSilent(f"the server has not answered for {patience:g} seconds")
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value
