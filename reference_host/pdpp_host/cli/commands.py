"""The commands of `pdpp-host`."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import traceback
from contextlib import suppress
from typing import Annotated

import typer

from pdpp_host.cli.opening import FAULT, STORAGE, Plugins, StorageUrl, composed, opened, refuse
from pdpp_host.cli.rebuilding import rebuild
from pdpp_host.cli.rules import rules
from pdpp_host.cli.runs import collect_once, import_artifact
from pdpp_host.ports import StorageError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_ABROAD = 16
"""Whoever may call from other machines may try tokens as fast as the network lets them."""


@app.callback()
def _root() -> None:
    """A host that obeys the Personal Data Portability Protocol."""


@app.command()
def serve(
    storage: StorageUrl = STORAGE,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8477,
    stage: Annotated[bool, typer.Option("--stage", help="Open the back door for a conformance kit.")] = False,
    plugin: Plugins = None,
) -> None:
    """Serve the host over HTTP until it is interrupted."""
    # `collect` needs no web server, and to import one takes longer than a small run.
    from pdpp_host.runtime.tending import tending
    from pdpp_host.web.access import Tokens
    from pdpp_host.web.app import application
    from pdpp_host.web.serve import listen, server

    if stage and address not in LOOPBACK:
        refuse(f"--stage works on loopback only, not on {address!r}; leave --address out")
    owner = _token("PDPP_OWNER_TOKEN", address)
    back = _token("PDPP_STAGE_TOKEN", address) if stage else None
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as an interrupt: the runs are ended first
    host = composed(storage, plugin, staged=stage)
    try:
        listener = listen(address, port)
    except OSError as error:
        host.close()
        refuse(f"cannot listen on {address}:{port}: {error.strerror}; name another --port")
    shown = f"[{address}]" if ":" in address else address
    _announce(f"http://{shown}:{listener.getsockname()[1]}", owner, back)
    try:
        with suppress(KeyboardInterrupt), tending(host.controller):
            server(application(host, Tokens(owner, back))).run([listener])
    finally:
        host.close()
        listener.close()


app.command("collect")(collect_once)
app.command("import")(import_artifact)
app.command()(rules)
app.command()(rebuild)


@app.command()
def migrate(storage: StorageUrl = STORAGE, plugin: Plugins = None) -> None:
    """Bring a database to the newest revision, as starting a host on it does; exit 2 where it cannot be."""
    _, own = opened(storage, plugin)
    typer.echo(f"{own.name} {own.version}: the database is at the newest revision")
    own.close()


def _token(name: str, address: str) -> str:
    """The token of the environment, or a new one; exit 2 for one that opens nothing or can be guessed."""
    token = os.environ.get(name) or secrets.token_urlsafe(24)
    if not (token.isascii() and token.isprintable()):
        refuse(f"{name} holds what no header can carry; is there a line break at its end?")
    if address not in LOOPBACK and len(token) < SHORTEST_ABROAD:
        refuse(
            f"{name} has fewer than {SHORTEST_ABROAD} characters, too few for {address!r}; "
            "leave it unset and one is made"
        )
    return token


def _announce(url: str, owner: str, back: str | None) -> None:
    typer.echo(f"listening on {url}")
    if "PDPP_OWNER_TOKEN" not in os.environ:
        typer.echo(f"owner token {owner}")
    if back is not None and "PDPP_STAGE_TOKEN" not in os.environ:
        typer.echo(f"stage token {back}")


def main() -> None:
    """Run the command line; a fault of the host's own ends 3."""
    try:
        app(args=sys.argv[1:], prog_name="pdpp-host")
    except StorageError as error:
        typer.echo(f"pdpp-host: {error}", err=True)
        sys.exit(FAULT)
    except Exception as error:
        traceback.print_exc()
        typer.echo(
            f"pdpp-host: a fault of the host's own: {type(error).__name__}; please report it", err=True
        )
        sys.exit(FAULT)
