"""Registers `mailbox` with the host."""

from __future__ import annotations

import pluggy

from pdpp_host.domain.entities import Connector
from pdpp_plugins.connectors.registration import registered

hookimpl = pluggy.HookimplMarker("pdpp_host")


@hookimpl
def register_connectors() -> list[Connector]:
    """The `mailbox` connector."""
    return [registered("pdpp_plugins.connectors.mailbox")]
