"""`pdpp-host`: the reference host from the shell."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from pdpp_host.collect import Wanted, collect, exit_status, summary
from pdpp_host.compose import Host, compose, open_storage
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.plugins import PluginError, load_plugins
from pdpp_host.ports import StorageError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@app.callback()
def _root() -> None:
    """A host that obeys the Personal Data Portability Protocol."""


@app.command()
def serve(
    storage: Annotated[str, typer.Option(help="Where to keep everything.")] = "sqlite:///pdpp.db",
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8477,
    stage: Annotated[bool, typer.Option("--stage", help="Open the back door for a conformance kit.")] = False,
    plugin: Annotated[list[str] | None, typer.Option(help="Load this module as a plugin too.")] = None,
) -> None:
    """Serve the host over HTTP until it is interrupted."""
    # `collect` needs no web server, and to import one takes longer than a small run.
    from pdpp_host.web.access import Tokens
    from pdpp_host.web.app import application
    from pdpp_host.web.serve import listen, server

    if stage and address not in LOOPBACK:
        _refuse(f"--stage works on loopback only, not on {address!r}; leave --address out")
    owner = os.environ.get("PDPP_OWNER_TOKEN") or secrets.token_urlsafe(24)
    back = (os.environ.get("PDPP_STAGE_TOKEN") or secrets.token_urlsafe(24)) if stage else None
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as an interrupt: the runs are ended first
    host = _composed(storage, plugin or (), staged=stage)
    try:
        listener = listen(address, port)
    except OSError as error:
        host.close()
        _refuse(f"cannot listen on {address}:{port}: {error.strerror}; name another --port")
    shown = f"[{address}]" if ":" in address else address
    _announce(f"http://{shown}:{listener.getsockname()[1]}", owner, back)
    try:
        with suppress(KeyboardInterrupt):
            server(application(host, Tokens(owner, back))).run([listener])
    finally:
        host.close()
        listener.close()


@app.command("collect")
def collect_once(
    connector: Annotated[str, typer.Option(help="The connector to run, such as mailbox.")],
    source: Annotated[str, typer.Option(help="The folder that it reads.")],
    resources: Annotated[
        list[str] | None, typer.Option(help="Only these of a stream, as messages=inbox,sent.")
    ] = None,
    storage: Annotated[str, typer.Option(help="Where to keep everything.")] = "sqlite:///pdpp.db",
    plugin: Annotated[list[str] | None, typer.Option(help="Load this module as a plugin too.")] = None,
) -> None:
    """Collect a source once; exit 0 all collected, 5 with known gaps, 1 failed or cancelled."""
    began = time.monotonic()
    wanted = Wanted(connector, source, dict(map(_named_resources, resources or ())))
    host = _composed(storage, plugin or ())
    try:
        run = collect(host, wanted, _watch)
    except RequestRefused as error:
        _refuse(error.message)
    finally:
        host.close()
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    for line in summary(run, time.monotonic() - began):
        typer.echo(line)
    raise typer.Exit(exit_status(run))


@app.command()
def migrate(
    storage: Annotated[str, typer.Option(help="The database to bring up to date.")] = "sqlite:///pdpp.db",
    plugin: Annotated[list[str] | None, typer.Option(help="Load this module as a plugin too.")] = None,
) -> None:
    """Bring a database to the newest revision, as starting a host on it does; exit 2 where it cannot be."""
    try:
        opened = open_storage(load_plugins(plugin or ()), storage)
    except (PluginError, StorageError) as error:
        _refuse(str(error))
    typer.echo(f"{opened.name} {opened.version}: the database is at the newest revision")
    opened.close()


def _watch(stored: int) -> None:
    """Progress, for a person at a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{stored} records stored")
        sys.stderr.flush()


def _named_resources(text: str) -> tuple[str, list[str]]:
    stream, sign, names = text.partition("=")
    if not sign or not stream or not all(names.split(",")):
        _refuse(f"--resources {text!r} is not of the form STREAM=NAME,NAME")
    return stream, names.split(",")


def _composed(storage: str, plugins: Sequence[str], *, staged: bool = False) -> Host:
    try:
        manager = load_plugins(plugins)
        opened = open_storage(manager, storage)
    except (PluginError, StorageError) as error:
        _refuse(str(error))
    try:
        return compose(manager, opened, staged=staged)
    except (PluginError, StorageError) as error:
        opened.close()
        _refuse(str(error))


def _announce(url: str, owner: str, back: str | None) -> None:
    typer.echo(f"listening on {url}")
    if "PDPP_OWNER_TOKEN" not in os.environ:
        typer.echo(f"owner token {owner}")
    if back is not None and "PDPP_STAGE_TOKEN" not in os.environ:
        typer.echo(f"stage token {back}")


def _refuse(message: str) -> NoReturn:
    typer.echo(f"pdpp-host: {message}", err=True)
    raise typer.Exit(2)


def main() -> None:
    """Run the command line."""
    app(args=sys.argv[1:], prog_name="pdpp-host")
