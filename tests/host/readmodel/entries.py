"""A batch and a run, as a history writes them."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from pdpp_host.arguments import RecordBatch
from pdpp_host.domain.entities import RecordWrite, Run


def a_batch(
    connection_id: str,
    path: int,
    stream: str,
    number: int,
    now: datetime,
    records: list[tuple[str, str | None]],
    how: tuple[bool, bool],
) -> RecordBatch:
    """Records with their texts; no text deletes."""
    written = tuple(
        RecordWrite(key, key, None if text is None else f'{{"id":"{key}","text":"{text}"}}', "")
        for key, text in records
    )
    return RecordBatch(connection_id, path, stream, f"batch{number}", now, written, *how)


def a_run(name: str, connection_id: str, key: str | None, kind: str, now: datetime) -> Run:
    """A run that has just begun, `whole`, `narrowed` or an `import`."""
    narrowed = kind == "narrowed"
    run = Run(name, connection_id, 0, f"of {name}", "active", {"streams": []}, narrowed, now)
    return structs.replace(run, profile_key=key, imported=kind == "import")
