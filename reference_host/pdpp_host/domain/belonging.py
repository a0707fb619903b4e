"""Which connection a run belongs to (CS-01)."""

from __future__ import annotations

from collections.abc import Collection

from pdpp_host.domain.entities import Run

NOBODY = ""
"""What stands for the connection of a run that names none."""


def matches_run(run: Run, connection_id: str, profile_keys: Collection[str]) -> bool:
    """Whether a run is evidence of a connection: by its profile key, else by the connection that it names.

    A key that was never bound here is another's, and one that contradicts the name belongs to nobody: so a
    run is never evidence of two connections (CS-01/R1 to R3).
    """
    if run.profile_key is None:
        return bool(connection_id) and run.connection_id == connection_id
    return run.profile_key in profile_keys and run.connection_id in (NOBODY, connection_id)
