"""`pdpp-host collect` and `pdpp-host import`: one run, and what came of it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from typing import Annotated

import typer

from pdpp_host.cli.opening import FAULT, STORAGE, Plugins, StorageUrl, clear, composed, progress, refuse
from pdpp_host.collect import Wanted, WantedAgain, collect
from pdpp_host.domain.entities import Run
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.importing import Arriving, Outcome, Target, receipt, take_in
from pdpp_host.runtime.imports import NAMELESS
from pdpp_host.waiting import FAILED, exit_status, summary

_MIB = 1024 * 1024


def collect_once(
    connector: Annotated[str | None, typer.Option(help="The connector to run, such as mailbox.")] = None,
    source: Annotated[str | None, typer.Option(help="The folder that it reads.")] = None,
    connection: Annotated[
        str | None, typer.Option(help="A connection that is configured, instead of the two.")
    ] = None,
    path: Annotated[int | None, typer.Option(help="Which of its paths, where several could run.")] = None,
    resources: Annotated[
        list[str] | None, typer.Option(help="Only these of a stream, as messages=inbox,sent.")
    ] = None,
    storage: StorageUrl = STORAGE,
    plugin: Plugins = None,
) -> None:
    """Collect a source once; exit 0 all collected, 5 with known gaps, 1 failed or cancelled."""
    began = time.monotonic()
    narrowed = dict(map(_named_resources, resources or ()))
    wanted = _wanted(connector, source, connection, path, narrowed)
    host = composed(storage, plugin)
    try:
        run = collect(host, wanted, _stored)
    except RequestRefused as error:
        refuse(error.message)
    finally:
        host.close()
    _tell(run, began)
    raise typer.Exit(exit_status(run))


def import_artifact(
    artifact: Annotated[str, typer.Argument(help="The file, or a zip of files; - reads stdin.")],
    connection: Annotated[str | None, typer.Option(help="The connection that it is for.")] = None,
    connector: Annotated[str | None, typer.Option(help="Instead: what reads it, such as mailbox.")] = None,
    account: Annotated[str | None, typer.Option(help="And whose it is; a new one is a connection.")] = None,
    coverage: Annotated[
        list[str] | None, typer.Option(help="It holds all of a stream: messages=full_refresh.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="What it is called, if not as the file.")] = None,
    storage: StorageUrl = STORAGE,
    plugin: Plugins = None,
) -> None:
    """Import a file; exit 0 all imported or known already, 5 with known gaps, 1 failed or cancelled."""
    began = time.monotonic()
    target = _target(connection, connector, account)
    claimed = dict(map(_claim, coverage or ()))
    with _content(artifact) as content:
        given = name or (NAMELESS if artifact == "-" else os.path.basename(artifact))
        outcome = _imported(Arriving(given, content, _size(content), claimed), target, storage, plugin)
    if outcome.recognised:
        clear()
        typer.echo(f"recognised: the same bytes were imported {outcome.batch.started_at}; nothing is written")
    else:
        _tell(outcome.run, began)
    for line in receipt(outcome.batch):
        typer.echo(line)
    raise typer.Exit(0 if outcome.recognised else exit_status(outcome.run))


def _imported(arriving: Arriving, target: Target, storage: str, plugins: Sequence[str] | None) -> Outcome:
    host = composed(storage, plugins)
    try:
        return take_in(host, target, arriving, _read, _stored)
    except RequestRefused as error:
        refuse(error.message, FAULT if error.code == "storage_failed" else 2)
    except OSError as error:
        refuse(f"the artifact could not be read: {error.strerror}; nothing is written", FAULT)
    except KeyboardInterrupt:
        refuse("cancelled before the artifact was read; nothing is written", FAILED)
    finally:
        host.close()


def _wanted(
    connector: str | None,
    source: str | None,
    connection: str | None,
    path: int | None,
    resources: dict[str, list[str]],
) -> Wanted | WantedAgain:
    again = connection is not None and connector is None and source is None
    first = connection is None and connector is not None and source is not None and path is None
    if not again and not first:
        refuse("say --connector and --source, or --connection and where needed --path")
    if connection is not None:
        return WantedAgain(connection, path, resources)
    return Wanted(connector or "", source or "", resources)


def _target(connection: str | None, connector: str | None, account: str | None) -> Target:
    there = connection is not None and connector is None and account is None
    if not there and not (connection is None and connector and account):
        refuse("say --connection, or --connector and --account")
    return Target(connection, connector or "", account or "")


@contextmanager
def _content(artifact: str) -> Iterator[BufferedReader]:
    with ExitStack() as stack:
        try:
            # The descriptor, not sys.stdin, which is None where nothing is there to read.
            place, own = (0, False) if artifact == "-" else (artifact, True)
            content = stack.enter_context(open(place, "rb", closefd=own))
        except OSError as error:
            refuse(f"cannot read {artifact!r}: {error.strerror}")
        yield content


def _size(content: BufferedReader) -> int | None:
    told = os.fstat(content.fileno())
    return told.st_size if stat.S_ISREG(told.st_mode) else None


def _tell(run: Run, began: float) -> None:
    clear()
    for line in summary(run, time.monotonic() - began):
        typer.echo(line)


def _stored(records: int) -> None:
    progress(f"{records} records stored")


def _read(size: int) -> None:
    progress(f"{size // _MIB} MiB read")


def _claim(text: str) -> tuple[str, str]:
    stream, sign, claim = text.partition("=")
    if not sign or not stream or not claim:
        refuse(f"--coverage {text!r} is not of the form STREAM=full_refresh")
    return stream, claim


def _named_resources(text: str) -> tuple[str, list[str]]:
    stream, sign, names = text.partition("=")
    if not sign or not stream or not all(names.split(",")):
        refuse(f"--resources {text!r} is not of the form STREAM=NAME,NAME")
    return stream, names.split(",")
