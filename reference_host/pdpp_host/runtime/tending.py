"""What a host does without being asked, every few seconds for as long as it serves."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from pdpp_host.ports import StorageError
from pdpp_host.runtime.controller import Controller

EVERY_S = 2.0
_JOIN_S = 5.0
_log = logging.getLogger(__name__)


@contextmanager
def tending(controller: Controller) -> Iterator[None]:
    """Tend to what a controller answers for, in a thread that lives as long as the block."""
    over = Event()
    # A daemon: storage that does not answer must not keep a host from ending.
    thread = Thread(target=_tend, args=(controller, over), name="tending", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(_JOIN_S)


def _tend(controller: Controller, over: Event) -> None:
    said = ""
    while not over.wait(EVERY_S):
        try:
            controller.tend()
            said = ""
        except StorageError as error:
            # Once: storage that is away for an hour would say it two thousand times.
            if str(error) != said:
                said = str(error)
                _log.error("the storage cannot be looked after: %s", error)
        except Exception:
            _log.exception("the host could not look after what others left")
