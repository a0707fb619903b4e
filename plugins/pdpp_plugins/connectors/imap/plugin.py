"""Registers `imap` with the host."""

from __future__ import annotations

import pluggy

from pdpp_host.domain.entities import Connector
from pdpp_plugins.connectors.imap.password import NETRC
from pdpp_plugins.connectors.registration import registered

hookimpl = pluggy.HookimplMarker("pdpp_host")

_PASSED_ON = (NETRC, "SSL_CERT_FILE")
"""What the program may want of the host's own environment: where passwords lie, and whom to trust."""


@hookimpl
def register_connectors() -> list[Connector]:
    """The `imap` connector."""
    return [registered("pdpp_plugins.connectors.imap", _PASSED_ON)]
