import sys
from collections.abc import Sequence

from pdpp_host.domain.entities import Connector
from pdpp_host.domain.manifest import parse_manifest
from pdpp_host.hookspecs import hookimpl

STREAM = {"name": "notes", "semantics": "append_only", "schema": {"type": "object"}, "primary_key": ["id"]}
MANIFEST = {"connector_key": "notes", "version": "1", "display_name": "Notes", "streams": [STREAM]}


@hookimpl
def register_connectors() -> Sequence[Connector]:
    return [Connector(parse_manifest(MANIFEST), (sys.executable, "-m", "notes_connector"), {})]
