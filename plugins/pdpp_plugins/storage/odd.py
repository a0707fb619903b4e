"""Values that one database would take and another would not: refused by all, before anything is written."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pdpp_host.arguments import RecordBatch
from pdpp_plugins.storage.columns import storable
from pdpp_plugins.storage.errors import Unstorable

IDENTITY_BYTES = 2600
"""What batch, connection, stream and record id may take up together: PostgreSQL's indexes, which hold
several of them side by side, have rows so long."""

NESTING = 200
"""How deep data may nest: what could be written here could not be read where the stack is deeper."""

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def check_storable(batch: RecordBatch) -> None:
    """Raise Unstorable for a batch with something in it that not every database could give back."""
    owner = len(storable(batch.batch_id + batch.connection_id + batch.stream).encode())
    # All texts at once: one look costs a hundredth of a look at each.
    whole = storable("".join(text for w in batch.records for text in (w.record_id, w.key, w.emitted_at)))
    datas = [write.data for write in batch.records if write.data is not None]
    escapes = "\\u" in storable("".join(datas))
    longest = max((len(write.record_id) for write in batch.records), default=0)
    if not whole.isascii():
        longest = max(len(write.record_id.encode()) for write in batch.records)
    if owner + longest > IDENTITY_BYTES:
        raise Unstorable(f"batch, connection, stream and record id are longer than {IDENTITY_BYTES} bytes")
    for data in datas:
        # Two looks that cost little, so that nearly all data is never decoded here.
        nested = data.count("{") + data.count("[") > NESTING
        if nested or (escapes and _ESCAPED_SURROGATE.search(data)):
            _check_data(data)


def _check_data(data: str) -> None:
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
