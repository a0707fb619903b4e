"""Every error that the host answers with, in one table from code to status."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

STATUS = {
    "invalid_json": 400,
    "invalid_request": 400,
    "duplicate_key": 400,
    "unknown_field": 400,
    "invalid_resources": 400,
    "invalid_fields": 400,
    "invalid_time_range": 400,
    "time_range_not_supported": 400,
    "invalid_coverage": 400,
    "coverage_not_permitted": 400,
    "unknown_stream": 400,
    "unknown_record_field": 400,
    "unknown_connector": 400,
    "invalid_manifest": 400,
    "invalid_query": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "run_already_active": 409,
    "run_held_elsewhere": 409,
    "connection_paused": 409,
    "body_too_large": 413,
    "internal_error": 500,
    "host_stopping": 503,
}


def answer(value: Any, status: int = 200) -> Response:
    """A JSON response that no cache may keep."""
    return Response(
        msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, media_type="application/json"
    )


def refusal(code: str, message: str, param: str | None = None) -> Response:
    """The error response for `code`: `{"error": {"code", "message", "param"?}}`."""
    error = {"code": code, "message": message} | ({"param": param} if param is not None else {})
    return answer({"error": error}, STATUS[code])
