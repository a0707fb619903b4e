"""Registration: a connector of this room as the host knows it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.resources import files

from pdpp_host.domain.entities import Connector
from pdpp_host.domain.manifest import parse_manifest


def registered(package: str, passed_on: Sequence[str] = ()) -> Connector:
    """The connector in `package`, run by the Python that runs the host.

    Variables that are `passed_on` are the host's own, as they are when the connector is started: what is
    written down holds none of them.
    """
    manifest = parse_manifest(json.loads(files(package).joinpath("manifest.json").read_bytes()))
    return Connector(manifest, (sys.executable, "-P", "-m", package), dict.fromkeys(passed_on, "{host}"))
