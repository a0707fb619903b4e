"""Calling a host: one kept HTTP connection, on the standard library.

A whole run makes hundreds of calls, and a client that can do more costs more than the host's answer.
"""

from __future__ import annotations

import select
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, quote, urlencode, urlsplit

TIMEOUT_S = 30.0
CALL_ERRORS = (OSError, HTTPException, ValueError)
"""What a call raises when there was no answer to it."""

_PLAIN = "/:@!$&'()*+,;=~%"


class Caller:
    """One host; not for two threads at once."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._prefix = parts.path.rstrip("/")
        self._connection = _connection(parts)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        token: str,
        text: str | None = None,
        query: dict[str, str] | None = None,
        request_id: str | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of the answer; raises one of CALL_ERRORS where there is none."""
        self._leave_if_closed()
        where = quote(self._prefix + path, safe=_PLAIN) + (f"?{urlencode(query)}" if query else "")
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept": "*/*"}
        if request_id is not None:
            headers["X-Request-Id"] = request_id
        try:
            self._connection.request(method, where, None if text is None else text.encode(), headers)
            response = self._connection.getresponse()
            return response.status, response.read()
        except BaseException:
            self._connection.close()
            raise

    def _leave_if_closed(self) -> None:
        """A host may end a connection that was idle; the next call then needs another one."""
        kept = self._connection.sock
        if kept is not None and select.select([kept], [], [], 0)[0]:
            self._connection.close()


def _connection(parts: SplitResult) -> HTTPConnection:
    if parts.scheme != "https":
        return HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    from ssl import CERT_NONE, PROTOCOL_TLS_CLIENT, SSLContext

    context = SSLContext(PROTOCOL_TLS_CLIENT)
    # Hosts on this machine sign for themselves.
    context.check_hostname = False
    context.verify_mode = CERT_NONE
    return HTTPSConnection(parts.netloc, timeout=TIMEOUT_S, context=context)
