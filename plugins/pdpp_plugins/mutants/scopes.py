"""Hosts that lose, widen or mend what a run was asked for: PR-03.1."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Callable
from urllib.parse import quote

import msgspec

from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.messages import StreamScope
from pdpp_host.domain.requests import RunRequest
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks, legal

Scopes = tuple[StreamScope, ...]
ALL = "['inbox', ' inbox', 'Inbox', 'a,b', 'Straße 7', 'e\u0301'] for stream 'messages'"


def _started(services: Services, change: Callable[[Scopes, Manifest], Scopes]) -> Services:
    def changed(manifest: Manifest, request: RunRequest, since: str | None) -> Scopes:
        return change(services.start_streams(manifest, request, since), manifest)

    return dataclasses.replace(services, start_streams=changed)


def _renamed(services: Services, rename: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Services:
    def changed(scopes: Scopes, manifest: Manifest) -> Scopes:
        return tuple(
            msgspec.structs.replace(scope, resources=scope.resources and rename(scope.resources))
            for scope in scopes
        )

    return _started(services, changed)


@breaks("PR-03.1/T1", "1 resources for stream 'files' of connection 'first'; seen None")
@breaks("PR-03.1/T2", f"{ALL} of connection 'first'; seen None")
def forgets_resources(services: Services) -> Services:
    """A resource-scoped request becomes a run of the whole stream."""

    def widened(scopes: Scopes, manifest: Manifest) -> Scopes:
        return tuple(msgspec.structs.replace(scope, resources=None) for scope in scopes)

    return _started(services, widened)


@breaks("PR-03.1/T1", "seen ['files', 'labels', 'messages']")
def starts_the_others_too(services: Services) -> Services:
    """Streams that a request does not name are started whole."""

    def widened(scopes: Scopes, manifest: Manifest) -> Scopes:
        named = {scope.name for scope in scopes}
        return (*scopes, *(StreamScope(s.name) for s in manifest.streams if s.name not in named))

    return _started(services, widened)


@breaks("PR-03.1/T1", "1 resources for stream 'files' of connection 'first'; seen ['inbox', ' inbox'")
def pools_resources(services: Services) -> Services:
    """All identifiers of a request are sent to each of its streams."""

    def pooled(scopes: Scopes, manifest: Manifest) -> Scopes:
        together = tuple(dict.fromkeys(name for scope in scopes for name in scope.resources or ()))
        return tuple(msgspec.structs.replace(scope, resources=together or None) for scope in scopes)

    return _started(services, pooled)


@breaks("PR-03.1/T1", "connection 'second' started with the streams ['messages']; seen ['files', 'messages']")
def remembers_the_first_request(services: Services) -> Services:
    """Scopes are cached by connector, as if it had one connection."""
    kept: dict[str, Scopes] = {}
    return _started(services, lambda scopes, manifest: kept.setdefault(manifest.connector_key, scopes))


@breaks("PR-03.1/T1", "6 resources for stream 'messages' of connection 'first'; seen ['inbox', 'a,b'")
def folds_what_looks_alike(services: Services) -> Services:
    """Identifiers that differ in case or blanks are sent once."""

    def folded(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.strip().casefold() for name in names))

    return _renamed(services, folded)


@breaks("PR-03.1/T2", "seen ['inbox', 'inbox', 'Inbox'")
def trims_identifiers(services: Services) -> Services:
    """Blanks around an identifier are taken for slips of the pen."""
    return _renamed(services, lambda names: tuple(name.strip() for name in names))


@breaks("PR-03.1/T2", "seen ['inbox', ' inbox', 'inbox', 'a,b'")
def lowers_identifiers(services: Services) -> Services:
    """Identifiers are sent in small letters."""
    return _renamed(services, lambda names: tuple(name.lower() for name in names))


@breaks("PR-03.1/T2", "'Straße 7', '\u00e9']")
def composes_identifiers(services: Services) -> Services:
    """Identifiers are normalised to composed characters."""
    return _renamed(services, lambda names: tuple(unicodedata.normalize("NFC", name) for name in names))


@breaks("PR-03.1/T2", "'a', 'b', 'Straße 7'")
def splits_identifiers(services: Services) -> Services:
    """A list is joined by commas on its way and split at them again."""
    return _renamed(services, lambda names: tuple(",".join(names).split(",")))


@breaks("PR-03.1/T2", "'Stra%C3%9Fe%207'")
def quotes_identifiers(services: Services) -> Services:
    """Identifiers are escaped as in an address, and nobody undoes it."""
    return _renamed(services, lambda names: tuple(quote(name) for name in names))


@legal("PR-03.1")
def sorts_identifiers(services: Services) -> Services:
    """Identifiers are sent in an order of the host's own, each once."""
    return _renamed(services, lambda names: tuple(sorted(set(names), reverse=True)))


@breaks("PR-03/scoped-then-full/T1", "in START.state of run 'judged'; seen {'messages': {'mark': 'scoped'}}")
def commits_narrowed_cursors(services: Services) -> Services:
    """A narrowed run that ends well commits its cursors like any other."""
    return dataclasses.replace(services, may_commit=lambda end, narrowed: services.may_commit(end, False))


@breaks("PR-03/scoped-then-full/T1", "in START.state of run 'judged'; seen None")
def begins_anew_after_a_narrowed_run(services: Services) -> Services:
    """A narrowed run puts its connection's cursors aside, and the next one finds none."""
    narrowed: set[bool] = set()

    def asked(manifest: Manifest, request: RunRequest, since: str | None) -> Scopes:
        if request.narrowed:
            narrowed.add(True)
        return services.start_streams(manifest, request, since)

    def state(manifest: Manifest, scopes: Scopes, committed: dict[str, object]) -> dict[str, object] | None:
        return None if narrowed else services.start_state(manifest, scopes, committed)

    return dataclasses.replace(services, start_streams=asked, start_state=state)
