"""Registers `folder` with the host."""

from __future__ import annotations

import json
import sys
from importlib.resources import files

import pluggy

from pdpp_host.domain.entities import Connector
from pdpp_host.domain.manifest import parse_manifest

hookimpl = pluggy.HookimplMarker("pdpp_host")


@hookimpl
def register_connectors() -> list[Connector]:
    """The `folder` connector, run by the Python that runs the host."""
    manifest = parse_manifest(json.loads(files(__package__).joinpath("manifest.json").read_bytes()))
    return [Connector(manifest, (sys.executable, "-P", "-m", "pdpp_plugins.connectors.folder"))]
