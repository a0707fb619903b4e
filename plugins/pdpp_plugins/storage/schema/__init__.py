"""The tables; a column that holds an entity's field has the field's name.

No foreign keys are declared: the host checks what it refers to in the transaction in which it writes,
and a look-up of connection and batch for every record written would buy nothing but time.
"""

from pdpp_plugins.storage.schema.acquired import batches, record_history, records, stream_state
from pdpp_plugins.storage.schema.configured import (
    connections,
    connectors,
    identity_rules,
    paths,
    profile_keys,
    proofs,
    schedules,
)
from pdpp_plugins.storage.schema.maintained import evidence, path_gaps, retained, surfaces
from pdpp_plugins.storage.schema.runs import SUCCEEDED, leases, runs, spine_events
from pdpp_plugins.storage.schema.whole import metadata

__all__ = [
    "SUCCEEDED",
    "batches",
    "connections",
    "connectors",
    "evidence",
    "identity_rules",
    "leases",
    "metadata",
    "path_gaps",
    "paths",
    "profile_keys",
    "proofs",
    "record_history",
    "records",
    "retained",
    "runs",
    "schedules",
    "spine_events",
    "stream_state",
    "surfaces",
]
