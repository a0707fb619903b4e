"""Where a plugin meets the host."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pluggy

from pdpp_host.domain.entities import Connector
from pdpp_host.domain.identity import IdentityRule
from pdpp_host.ports import Databases, Storage
from pdpp_host.services import Services

hookspec = pluggy.HookspecMarker("pdpp_host")
hookimpl = pluggy.HookimplMarker("pdpp_host")


@hookspec
def register_connectors() -> Sequence[Connector]:  # type: ignore[empty-body]
    """Connectors that an owner can configure without registering them first.

    Each is a manifest (`pdpp_host.domain.manifest.parse_manifest` reads one from decoded JSON), the
    command that starts it, and environment variables to add. Two connectors of one key are an error
    that names both plugins.
    """


@hookspec
def register_identity_rules() -> Sequence[IdentityRule]:  # type: ignore[empty-body]
    """Rules of identity that an owner can install.

    A rule proves that two source bindings are one source, names the logical record behind a record, and
    says separately whether a refresh of one source may remove what only the other one has seen.
    `pdpp_host.domain.identity.IdentityRule` is what it must offer, `pdpp_host.contract.identity` holds it to
    it. Two rules of one name are an error that names it.
    """


@hookspec(firstresult=True)
def open_storage(url: str) -> Storage | None:
    """A storage for `url` (`sqlite:///FILE`, …), or None when the URL is another plugin's.

    The storage that is handed back is at the newest revision: an empty database is bootstrapped, an
    older one migrated. Raises `pdpp_host.ports.StorageError` with a sentence for a newer or
    unreadable one. `pdpp_host.ports.Storage` is what it must offer.
    """


@hookspec(firstresult=True)
def provide_databases(storage: str, home: Path) -> Databases | None:
    """Empty databases for a session of tests, or None when `storage` is another plugin's.

    `storage` is the text after `--storage`: a plugin's name (`sqlite`, `postgres`) or a URL; `home` is a
    folder to use. Raises `pdpp_host.ports.StorageMissing` where what it takes is not on this machine,
    and StorageError where it is there and cannot be used.
    """


@hookspec
def adapt_services(services: Services) -> Services | None:
    """Another set of services in place of `services`, or None to leave them as they are.

    Called once for each host, plugin after plugin, each seeing what the one before returned. Use
    `dataclasses.replace(services, inside=…)`; a decision that is replaced must keep its signature.
    """
