"""A host that runs already and is named by its URL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.subject import ConnectorWanted, ContractTest, Face, Host, HostWanted, Registered, SubjectError


class RemoteHost:
    """A stranger's host on this machine; every scenario makes connections of its own in it."""

    missing: str | None = None
    concurrent = False
    storage_claims: frozenset[str] = frozenset()
    contract: tuple[ContractTest, ...] = ()

    def __init__(self, url: str, owner: str, stage: str | None) -> None:
        self._face = Face(url.rstrip("/"), owner, stage)
        description = _described(self._face.base_url)
        told = description.get("info")
        info = told if isinstance(told, dict) else {}
        storage = info.get("x-storage")
        kept = storage if isinstance(storage, dict) else {}
        self.name = str(info.get("title") or "host")
        self.version = str(info.get("version") or "unknown")
        self.storage_name = str(kept.get("name") or "unknown")
        self.storage_version = str(kept.get("version") or "unknown")
        self.claims = frozenset({"stage"} if stage else ()) | _shown(description.get("paths"))

    @contextmanager
    def face(self, home: Path) -> Iterator[Face]:
        """The host as it is."""
        yield self._face

    def close(self) -> None:
        """Nothing was started."""


@hookimpl
def open_subject(wanted: HostWanted | ConnectorWanted) -> Host | Registered | None:
    """Hosts by URL; their tokens are in PDPP_OWNER_TOKEN and, where there is a stage, PDPP_STAGE_TOKEN."""
    if not isinstance(wanted, HostWanted) or "://" not in wanted.spec:
        return None
    # Anywhere: a password with a `/` in it ends the server's name before its `@`.
    if "@" in wanted.spec:
        raise SubjectError("a host's URL holds no user and no password; tokens are told by PDPP_OWNER_TOKEN")
    owner = _token("PDPP_OWNER_TOKEN")
    if owner is None:
        raise SubjectError(f"the host {wanted.spec} wants its owner's token; set PDPP_OWNER_TOKEN")
    return RemoteHost(wanted.spec, owner, _token("PDPP_STAGE_TOKEN"))


def _token(name: str) -> str | None:
    """The token in a variable; what refuses a header that cannot be sent would repeat it."""
    token = os.environ.get(name)
    if token is not None and not (token.isascii() and token.isprintable()):
        raise SubjectError(f"{name} holds what no header can carry; is there a line break at its end?")
    return token


def _described(url: str) -> dict[str, Any]:
    """The host's own description; a host without one is nameless, one that cannot be reached is no host."""
    # This module is imported with every run, and most name no URL.
    import httpx

    try:
        response = httpx.get(f"{url}/openapi.json", verify=False, trust_env=False, timeout=5)
        description = response.json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SubjectError(f"the host {url} cannot be reached: {error}; is it running?") from None
    except (ValueError, AttributeError):
        return {}
    return description if isinstance(description, dict) else {}


def _shown(paths: Any) -> frozenset[str]:
    """What a description shows that a host can do."""
    routes = set(paths) if isinstance(paths, dict) else set()
    grants = {"grants"} if "/_ref/grants" in routes else set()
    return frozenset(grants | ({"imports"} if any(path.endswith("/imports") for path in routes) else set()))
