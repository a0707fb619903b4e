"""Callers of a host over a real socket; every answer that they get is held to the host's description."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema_rs

OWNER, STAGE = "the-owner's-token", "the-stage's-token"


@dataclass
class Answer:
    """An HTTP answer: its status, its JSON body and its headers."""

    status: int
    body: Any
    headers: httpx.Headers

    @property
    def code(self) -> str | None:
        return self.body["error"]["code"] if "error" in self.body else None


@dataclass
class Caller:
    """Calls one host; `token` None sends no Authorization."""

    client: httpx.Client
    token: str | None = OWNER
    described: dict[str, Any] = field(default_factory=dict)

    def bearing(self, token: str | None) -> Caller:
        return Caller(self.client, token, self.described)

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, query=query)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", path, body)

    def call(self, method: str, path: str, body: Any = None, query: Any = None) -> Answer:
        headers = {} if self.token is None else {b"Authorization": f"Bearer {self.token}".encode()}
        sent: dict[str, Any] = (
            {"content": body} if isinstance(body, bytes) else {"json": body} if body else {}
        )
        response = self.client.request(method, path, params=query or None, headers=headers, **sent)
        answer = Answer(response.status_code, response.json(), response.headers)
        self._hold(method, path, answer)
        return answer

    def _hold(self, method: str, path: str, answer: Answer) -> None:
        """Every answer is one that the host's description allows for that route."""
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        if not self.described:
            self.described |= self.client.get("/openapi.json").json()
        for pattern, methods in self.described["paths"].items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path) and method.lower() in methods:
                told = methods[method.lower()]["responses"]
                assert str(answer.status) in told, f"{method} {path} never answers {answer.status}"
                if answer.code is not None:
                    assert answer.code in told[str(answer.status)]["description"].split(", ")
                schema = told[str(answer.status)]["content"]["application/json"]["schema"]
                jsonschema_rs.validate(
                    schema | {"components": self.described["components"]}, answer.body, validate_formats=True
                )
