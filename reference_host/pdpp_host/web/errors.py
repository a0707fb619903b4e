"""Every error that the host answers with, in one table from code to status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from pdpp_host.domain.requests import RequestRefused
from pdpp_host.web.shapes.refusals import Error, Fault

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
    "grant_too_large": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "artifact_unsafe": 400,
    "artifact_unreadable": 400,
    "path_required": 400,
    "unknown_identity_rule": 400,
    "upload_stalled": 408,
    "run_already_active": 409,
    "connection_superseded": 409,
    "proof_required": 409,
    "profile_key_bound": 409,
    "distinct_connection_required": 409,
    "incompatible_stream": 409,
    "identity_rule_missing": 409,
    "identity_rule_broken": 409,
    "no_upload_path": 409,
    "too_many_paths": 409,
    "run_held_elsewhere": 409,
    "connection_paused": 409,
    "binding_missing": 409,
    "not_supported": 409,
    "body_too_large": 413,
    "artifact_too_large": 413,
    "internal_error": 500,
    "host_stopping": 503,
    "storage_failed": 503,
}


def answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response that no cache may keep and no browser may take for anything else."""
    kept = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})}
    return Response(msgspec.json.encode(value), status, kept, media_type="application/json")


def refusal(
    code: str, message: str, param: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The error response for `code`: `{"error": {"code", "message", "param"?}}`."""
    return _told(Fault(code, message, param), headers)


def refused(error: RequestRefused) -> Response:
    """The error response to a request that the host does not act on."""
    return _told(Fault(error.code, error.message, error.param, error.connection_id, error.candidates))


def _told(fault: Fault, headers: Mapping[str, str] | None = None) -> Response:
    status = STATUS[fault.code]
    told = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return answer(Error(fault), status, told | dict(headers or {}))
