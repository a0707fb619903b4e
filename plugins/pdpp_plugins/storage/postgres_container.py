"""PostgreSQL in a container that lives as long as a session."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import re
import signal
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from threading import current_thread, main_thread
from typing import Any
from uuid import uuid4

from pdpp_host.ports import StorageMissing

IMAGE = "postgres:17-alpine"
NAME = "pdpp-postgres"
"""How the names of containers begin; the process that started one follows."""
_DATA = "/var/lib/postgresql/data"

# What a crash would lose here nobody wants back.
_FAST = "postgres -c fsync=off -c full_page_writes=off -c max_wal_size=4GB"
_INSTEAD = "or name a server: --storage postgresql://USER:PASSWORD@SERVER/DATABASE, or PDPP_POSTGRES_URL"


@dataclass(frozen=True, slots=True)
class Started:
    """A server in a container; `stop` removes the container, also the second time."""

    url: str
    stop: Callable[[], None]
    container: Any


def started() -> Started:
    """A fast server, forgetful of what a crash takes; StorageMissing where Docker cannot give one."""
    return _started(_container().with_command(_FAST).with_tmpfs_mount(_DATA))


def durable(port: int) -> Started:
    """A server that keeps what it acknowledged when it is killed, and its address over that."""
    return _started(_container().with_bind_ports(5432, port))


def _started(container: Any) -> Started:
    container.with_name(f"{NAME}-{os.getpid()}-{uuid4().hex[:8]}")
    stop = _stopped_once(container)
    atexit.register(stop)
    _end_on_sigterm()
    try:
        with warnings.catch_warnings(action="ignore"):
            container.start()
    except BaseException as error:
        stop()
        if isinstance(error, Exception):
            told = f"Docker gives no container of {container.image!r}: {_first_line(error)}"
            raise StorageMissing(f"{told}; {_INSTEAD}") from None
        raise
    return Started(container.get_connection_url(), stop, container)


def _end_on_sigterm() -> None:
    """Let a request to end be what Ctrl-C is, unless the program has another answer to it."""
    if current_thread() is main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _container() -> Any:
    if find_spec("testcontainers") is None:
        raise StorageMissing(
            "the extra that brings testcontainers is not installed; run pip install 'pdpp-tck[postgres]', "
            f"{_INSTEAD}"
        )
    # Imported here because it takes as long as all else together.
    from docker.errors import DockerException
    from testcontainers.community.postgres import PostgresContainer

    # It would tell of every try to reach the server.
    logging.getLogger("testcontainers").setLevel(logging.ERROR)
    image = os.environ.get("PDPP_POSTGRES_IMAGE", IMAGE)
    try:
        return PostgresContainer(image, username="pdpp", password="pdpp", dbname="pdpp", driver=None)
    except DockerException as error:
        told = _innermost(error)
    # Docker's client leaves the socket that led nowhere to the collector, which would warn of it later.
    with warnings.catch_warnings(action="ignore"):
        gc.collect()
    raise StorageMissing(f"Docker does not answer ({told}); start it, {_INSTEAD}")


def _stopped_once(container: Any) -> Callable[[], None]:
    gone = False

    def stop() -> None:
        nonlocal gone
        if not gone:
            gone = True
            atexit.unregister(stop)
            container.stop()

    return stop


def _innermost(error: BaseException) -> str:
    """What the operating system said, out of what three libraries have wrapped around it."""
    said = re.findall(r"Error\(\d+, '([^']+)'\)", str(error))
    return said[-1] if said else _first_line(error)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:120]
