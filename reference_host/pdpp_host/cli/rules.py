"""`pdpp-host rules`: which identity rules there are, and having one in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from pdpp_host.cli.opening import STORAGE, Plugins, StorageUrl, composed, refuse
from pdpp_host.domain.entities import LinkProof
from pdpp_host.domain.identity import IdentityFault
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import View
from pdpp_host.runtime.rules import change, known


def rules(
    install: Annotated[str | None, typer.Option(help="Have this rule in force.")] = None,
    remove: Annotated[str | None, typer.Option(help="Have this rule in force no more.")] = None,
    storage: StorageUrl = STORAGE,
    plugin: Plugins = None,
) -> None:
    """List the identity rules; install or remove one, and tell which connections are one source by it."""
    name = remove if install is None else install
    if install is not None and remove is not None:
        refuse("--install and --remove are two changes; make one after the other")
    host = composed(storage, plugin)
    told: list[str] = []
    try:
        with host.services.storage.write() as unit:
            if name is not None:
                for proof in change(host.services, unit, name, installed=install is not None):
                    told += _linked(unit, proof)
            told += (_row(*rule) for rule in known(host.services, unit))
            unit.commit()
    except (RequestRefused, IdentityFault) as error:
        refuse(str(error))
    finally:
        host.close()
    for line in told:
        typer.echo(line)


def _row(name: str, since: datetime | None) -> str:
    return f"{name:<24}{f'installed since {since.isoformat()}' if since else 'not installed'}"


def _linked(view: View, proof: LinkProof) -> Iterator[str]:
    """Which connection goes on in which, and why."""
    yield f"{_named(view, proof.from_connection or '')} goes on in {_named(view, proof.connection_id)}"
    yield f"  as path {proof.path}, the same source as path {proof.with_path} by {proof.rule}: {proof.reason}"


def _named(view: View, connection_id: str) -> str:
    connection = view.connection(connection_id)
    return f"{connection_id} ({connection.display_name})" if connection else connection_id
