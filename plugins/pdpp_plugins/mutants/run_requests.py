"""Hosts that make sense of run requests that have none: PR-03.3."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Callable
from typing import Any

from pdpp_host.domain.manifest import Manifest
from pdpp_host.domain.requests import RequestRefused, RunRequest
from pdpp_host.services import Services
from pdpp_plugins.mutants.hosts import breaks, legal

ABSENT = object()


def _mending(services: Services, mend: Callable[[Any], Any]) -> Services:
    """The services with a request's resources mended before they are parsed."""

    def parse(body: bytes, manifest: Manifest) -> RunRequest:
        try:
            asked = json.loads(body)
            resources = mend(asked.pop("resources"))
        except (ValueError, KeyError, AttributeError):
            return services.parse_run_request(body, manifest)
        if resources is not ABSENT:
            asked["resources"] = resources
        return services.parse_run_request(json.dumps(asked).encode(), manifest)

    return dataclasses.replace(services, parse_run_request=parse)


def _each(resources: Any, mend: Callable[[Any], Any]) -> Any:
    if not isinstance(resources, dict):
        return resources
    mended = {stream: mend(names) for stream, names in resources.items()}
    left = {stream: names for stream, names in mended.items() if names is not ABSENT}
    return left if left or not resources else ABSENT


@breaks("PR-03.3/T1", 'expected {"resources": {}} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": {}}']""")
def takes_an_empty_object_for_all(services: Services) -> Services:
    """No stream in `resources` means that none is narrowed."""
    return _mending(services, lambda resources: ABSENT if resources == {} else resources)


@breaks("PR-03.3/T1", 'expected {"resources": {"messages": []}} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": {"messages": []}}'""")
def takes_an_empty_list_for_all(services: Services) -> Services:
    """A list without identifiers does not narrow its stream."""
    return _mending(services, lambda r: _each(r, lambda names: ABSENT if names == [] else names))


@breaks("PR-03.3/T1", 'expected {"resources": {"messages": null}} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": {"messages": null}}'""")
def takes_null_for_all(services: Services) -> Services:
    """A stream with null is one that was not narrowed, so all is started."""
    return _mending(services, lambda r: _each(r, lambda names: ABSENT if names is None else names))


@breaks("PR-03.3/T1", 'expected {"resources": ["messages"]} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": ["messages"]}'""")
def takes_a_list_of_streams(services: Services) -> Services:
    """A list in the place of an object names streams, to be run whole."""
    return _mending(services, lambda resources: ABSENT if isinstance(resources, list) else resources)


@breaks("PR-03.3/T1", 'expected {"resources": {"messages": "inbox"}} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": {"messages": "inbox"}}'""")
def wraps_a_single_name(services: Services) -> Services:
    """A text in the place of a list is the one identifier in it."""
    return _mending(services, lambda r: _each(r, lambda names: [names] if isinstance(names, str) else names))


@breaks("PR-03.3/T1", 'expected {"resources": {"messages": [1]}} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": {"messages": [1]}}'""")
def writes_numbers_as_text(services: Services) -> Services:
    """A number in a list is an identifier in its decimals."""

    def text(names: Any) -> Any:
        return [str(n) if isinstance(n, int) else n for n in names] if isinstance(names, list) else names

    return _mending(services, lambda resources: _each(resources, text))


@breaks("PR-03.3/T1", 'expected {"resources": {"messages": [["inbox"]]}} refused')
def flattens_lists(services: Services) -> Services:
    """A list in a list is taken apart."""

    def flat(names: Any) -> Any:
        nested = isinstance(names, list) and all(isinstance(name, list) for name in names)
        return [name for part in names for name in part] if nested else names

    return _mending(services, lambda resources: _each(resources, flat))


@breaks("PR-03.3/T1", 'expected {"resources": {"messages": ["inbox", 1]}} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": {"messages": ["inbox", 1]}}'""")
def passes_over_bad_names(services: Services) -> Services:
    """What is no text in a list is left out, and the rest of it is asked for."""

    def good(names: Any) -> Any:
        return [name for name in names if isinstance(name, str)] if isinstance(names, list) else names

    return _mending(services, lambda resources: _each(resources, good))


@breaks("PR-03.3/T1", 'expected {"resources": {"messages": ["inbox"], "files": []}} refused')
@breaks("PR-03.3/T2", """seen ['{"resources": {"messages": ["inbox"], "files": []}}'""")
def passes_over_bad_streams(services: Services) -> Services:
    """A stream with a bad list is left out, and the other one is started."""

    def good(resources: Any) -> Any:
        if not isinstance(resources, dict) or not any(resources.values()):
            return resources
        return {stream: names for stream, names in resources.items() if names}

    return _mending(services, good)


def _refusing(services: Services, refusal: Callable[[RequestRefused], RequestRefused]) -> Services:
    def parse(body: bytes, manifest: Manifest) -> RunRequest:
        try:
            return services.parse_run_request(body, manifest)
        except RequestRefused as error:
            raise refusal(error) from None

    return dataclasses.replace(services, parse_run_request=parse)


@breaks("PR-03.3/T1", "'message': ''")
def refuses_without_a_word(services: Services) -> Services:
    """A refusal has a code and says nothing."""
    return _refusing(services, lambda error: RequestRefused(error.code, ""))


@breaks("PR-03.3/T1", "seen 404")
def denies_the_connection(services: Services) -> Services:
    """A request that makes no sense is answered as if there were no connection."""
    return _refusing(services, lambda error: RequestRefused("not_found", "no such connection"))


@breaks("PR-03.3/T2", "no start of a connector besides the right request's; seen [None]")
def warms_connectors_up(services: Services) -> Services:
    """A connector is started as soon as anybody asks, and its request is read meanwhile."""
    warm: set[str] = set()

    def parse(body: bytes, manifest: Manifest) -> RunRequest:
        if manifest.connector_key not in warm:
            warm.add(manifest.connector_key)
            with services.storage.read() as view:
                connector = view.connector(manifest.connector_key)
            words = [word.replace("{source}", "") for word in connector.command] if connector else []
            subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
        return services.parse_run_request(body, manifest)

    return dataclasses.replace(services, parse_run_request=parse)


@legal("PR-03.3")
def refuses_as_a_conflict(services: Services) -> Services:
    """A refusal has another code and status."""
    return _refusing(services, lambda error: RequestRefused("not_supported", error.message, error.param))


@legal("PR-03.3")
def refuses_null_too(services: Services) -> Services:
    """`resources` that is null is refused, where ours takes it as absent."""

    def strict(resources: Any) -> Any:
        if resources is None:
            raise RequestRefused("invalid_resources", "resources must be an object, not null", "resources")
        return resources

    return _mending(services, strict)
