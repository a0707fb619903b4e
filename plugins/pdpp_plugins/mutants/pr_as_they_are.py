"""Our own parts as they are, where that is one of the choices that a clause leaves."""

from __future__ import annotations

from types import SimpleNamespace

from pdpp_tck.falsify.declared import Variant

FOLDER = SimpleNamespace(
    declared=(
        Variant(
            "folder",
            "Cursors are offsets; an older one is used once, and gone when each partition has its own.",
            ("PR-01.1", "PR-01.2", "PR-02.1", "PR-02.2", "PR-03.1", "CP-08"),
            takes=("PR-02/R2a", "PR-02.2/T1"),
            connector="folder",
            driver="folder",
        ),
    )
)
MAILBOX = SimpleNamespace(
    declared=(
        Variant(
            "mailbox",
            "Messages are known again by their ids, and there never was an older cursor.",
            ("PR-01.1", "PR-01.2", "PR-02.1", "PR-03.1"),
            connector="mailbox",
            driver="mailbox",
        ),
    )
)
