"""Registration: a connector of this room as the host knows it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.resources import files

from pdpp_host.domain.entities import Connector
from pdpp_host.domain.manifest import parse_manifest


def registered(package: str, passed_on: Sequence[str] = ()) -> Connector:
    """The connector in `package`, run by the Python that runs the host.

    Variables of the host's own environment that are `passed_on` become declared ones, where they are set.
    """
    manifest = parse_manifest(json.loads(files(package).joinpath("manifest.json").read_bytes()))
    environment = {name: os.environ[name] for name in passed_on if os.environ.get(name)}
    return Connector(manifest, (sys.executable, "-P", "-m", package), environment)
