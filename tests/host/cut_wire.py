"""A wire between a host and a server that a test can cut."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal
from urllib.parse import urlsplit

Way = Literal["dropped", "silent"]


class Wire:
    """A TCP proxy in front of the server of a URL; `url` is the way through it.

    What is dropped is closed at once on both sides, and so is whoever comes new; what is silent stays open,
    takes what it is sent and passes nothing on.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "localhost", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", 0))
        told = parts.netloc.rpartition("@")[0]
        self.url = parts._replace(netloc=f"{told}@127.0.0.1:{self._listener.getsockname()[1]}").geturl()
        self._way: Way | None = None
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()
        self.sent = 0

    def cut(self, way: Way) -> None:
        self._way = way
        if way == "dropped":
            self._drop()

    def mend(self) -> None:
        """Whoever comes new is let through; what was cut stays dead."""
        self._drop()
        self._way = None

    def close(self) -> None:
        self._way = "dropped"
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._drop()
        for thread in self._threads:
            thread.join(10)
        for end in self._ends:
            end.close()

    def _drop(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._way == "dropped":
                client.close()
                continue
            server = socket.create_connection(self._server)
            self._ends += [client, server]
            for here, there in ((client, server), (server, client)):
                thread = threading.Thread(target=self._pass_on, args=(here, there))
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while chunk := here.recv(65536):
                if self._way is None:
                    there.sendall(chunk)
                    self.sent += len(chunk)
        if self._way != "silent":
            with suppress(OSError):
                there.shutdown(socket.SHUT_RDWR)


@contextmanager
def wired(url: str) -> Iterator[Wire]:
    """A wire to the server of a URL, whole until it is cut."""
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.close()
