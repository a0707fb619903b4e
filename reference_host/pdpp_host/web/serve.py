"""Serving an application on a socket."""

from __future__ import annotations

import socket

import uvicorn
from starlette.types import ASGIApp


def listen(address: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    The protocol is named because asyncio sets TCP_NODELAY only then: without it a POST takes 44 ms.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address, port))
    except OSError:
        listener.close()
        raise
    listener.listen(128)
    return listener


def server(app: ASGIApp) -> uvicorn.Server:
    """A server for `app`; `serve([socket])` or `run([socket])` starts it."""
    return uvicorn.Server(
        uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", ws="none")
    )
