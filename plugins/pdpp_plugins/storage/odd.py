"""Values that one database would take and another would not: refused by all, before anything is written."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pdpp_host.ports import RecordBatch
from pdpp_plugins.storage.columns import storable
from pdpp_plugins.storage.errors import Unstorable

IDENTITY_BYTES = 2600
"""What connection, stream and record id may take up together: they are one row of PostgreSQL's index."""

NESTING = 200
"""How deep data may nest: what could be written here could not be read where the stack is deeper."""

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def check_storable(batch: RecordBatch) -> None:
    """Raise Unstorable for the first write of a batch that not every database could give back as it was."""
    storable(batch.batch_id)
    owner = len(storable(batch.connection_id).encode()) + len(storable(batch.stream).encode())
    for write in batch.records:
        if owner + len(storable(write.record_id).encode()) > IDENTITY_BYTES:
            raise Unstorable(f"connection, stream and record id are longer than {IDENTITY_BYTES} bytes")
        storable(write.key)
        storable(write.emitted_at)
        if write.data is not None:
            _check_data(storable(write.data))


def _check_data(data: str) -> None:
    # Two looks that cost little, so that nearly all data is never decoded here.
    if data.count("{") + data.count("[") > NESTING or _ESCAPED_SURROGATE.search(data):
        try:
            whole = msgspec.json.decode(data)
        except msgspec.DecodeError as error:
            raise Unstorable(f"data that cannot be read again cannot be stored: {error}") from None
        except RecursionError:
            raise Unstorable(f"data nests deeper than {NESTING} levels") from None
        if _nests_too_deeply(whole):
            raise Unstorable(f"data nests deeper than {NESTING} levels")


def _nests_too_deeply(whole: Any) -> bool:
    level = [whole] if isinstance(whole, dict | list) else []
    for _ in range(NESTING):
        level = [
            part
            for each in level
            for part in (each.values() if isinstance(each, dict) else each)
            if isinstance(part, dict | list)
        ]
    return bool(level)
