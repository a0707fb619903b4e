"""`folder`, but what disappeared is not mentioned: breaks PR-01.1/T1."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import pluggy

hookimpl = pluggy.HookimplMarker("pdpp_host")


def change(message: dict[str, Any]) -> dict[str, Any] | None:
    """Drop the line about missing partitions."""
    return None if message.get("reason") == "source_partition_missing" else message


@hookimpl
def register_connectors() -> Sequence[Any]:
    """The real connector behind the filter, under a key of its own."""
    import msgspec

    from pdpp_host.plugins import load_plugins, registered_connectors

    real = registered_connectors(load_plugins())["folder"]
    manifest = msgspec.structs.replace(real.manifest, connector_key="folder_forgets_missing")
    command = (sys.executable, "-P", "-m", __name__, *real.command)
    return [msgspec.structs.replace(real, manifest=manifest, command=command)]


if __name__ == "__main__":
    from pdpp_plugins.mutants.line_filter import around

    sys.exit(around(change))
