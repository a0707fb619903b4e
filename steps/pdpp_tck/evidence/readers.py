"""A reader that asks at the same time as others do."""

from __future__ import annotations

import json
from threading import Thread
from typing import Any

from pdpp_tck.evidence.caller import CALL_ERRORS, Caller
from pdpp_tck.subject import Face


class Reader:
    """A call of the owner's, begun on a connection and a thread of its own."""

    def __init__(self, face: Face, path: str, request_id: str, query: dict[str, str] | None = None) -> None:
        self._face, self._path, self._query = face, path, query
        self.request_id = request_id
        self._answer: tuple[int, Any] = (0, "never asked")
        self._thread = Thread(target=self._ask, name=request_id)
        self._thread.start()

    def answered_within(self, seconds: float) -> bool:
        """Wait so long at most for the answer, and say whether it is there."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def answer(self) -> tuple[int, Any]:
        """Wait for the answer: its status and its decoded body."""
        self._thread.join()
        return self._answer

    def _ask(self) -> None:
        caller = Caller(self._face.base_url)
        try:
            token, query = self._face.owner_token, self._query
            status, body = caller.call("GET", self._path, token, query=query, request_id=self.request_id)
            self._answer = status, decoded(body)
        except CALL_ERRORS as error:
            self._answer = 0, f"{type(error).__name__}: {error}"
        finally:
            caller.close()


def decoded(body: bytes) -> Any:
    """A body as JSON, or as the text that it is."""
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
