"""`POST …/imports`: an owner's artifact, taken in as it streams (CI-01.3)."""

from __future__ import annotations

from typing import Any

import msgspec

from pdpp_host.domain.requests import RequestRefused, parse_object
from pdpp_host.runtime.imports import NAMELESS, ImportWanted, Receiving
from pdpp_host.web.answering import Answer
from pdpp_host.web.batches import shown
from pdpp_host.web.calls import Call, Operation, Query
from pdpp_host.web.shapes.batches import ImportStarted
from pdpp_host.web.shapes.configuring import Binding


def import_artifact(call: Call) -> Upload:
    """Import an artifact: the bytes of a file, or of a zip of such files, as the connector reads them."""
    wanted = ImportWanted(
        call.query.get("name") or NAMELESS, _binding(call), _request(call), size=call.announced
    )
    return Upload(call.host.imports.begin(call.path["connection_id"], wanted))


class Upload:
    """An import whose bytes are coming in over HTTP."""

    def __init__(self, receiving: Receiving) -> None:
        self.write = receiving.write
        self.abort = receiving.abort
        self._receiving = receiving

    def finish(self) -> Answer:
        """202 for a run that is under way, 200 for bytes that were imported before."""
        done = self._receiving.finish()
        if done.recognised is None:
            return Answer(ImportStarted(done.run_id, done.batch_id, "started"), 202)
        receipt = shown(done.recognised)
        return Answer(ImportStarted(done.run_id, done.batch_id, "recognised", receipt), 200)


def _binding(call: Call) -> dict[str, str] | None:
    given = _object(call, "binding")
    if given is None:
        return None
    try:
        binding: dict[str, str] = msgspec.to_builtins(msgspec.convert(given, Binding))
    except msgspec.ValidationError as error:
        raise RequestRefused("invalid_query", f"binding: {error}", "binding") from None
    return binding


def _request(call: Call) -> bytes:
    claimed = _object(call, "coverage")
    return b"" if claimed is None else msgspec.json.encode({"coverage": claimed})


def _object(call: Call, name: str) -> dict[str, Any] | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        return parse_object(text.encode("utf-8", "surrogatepass"))
    except RequestRefused as error:
        raise RequestRefused("invalid_query", f"{name}: {error.message}", name) from None


OPERATIONS = (
    Operation(
        "/_ref/connections/{connection_id}/imports",
        "POST",
        "owner",
        import_artifact,
        ImportStarted,
        202,
        streamed=True,
        also=(200,),
        query=(
            Query("name", "string", "what the artifact is called"),
            Query(
                "binding",
                "string",
                "the source that it is from, as JSON of a Binding",
            ),
            Query("coverage", "string", 'what it claims to hold all of, as JSON of {STREAM: "full_refresh"}'),
        ),
        refuses=(
            "not_found",
            "connection_superseded",
            "connection_paused",
            "no_upload_path",
            "path_required",
            "distinct_connection_required",
            "identity_rule_missing",
            "identity_rule_broken",
            "invalid_query",
            "invalid_coverage",
            "coverage_not_permitted",
            "unknown_stream",
            "run_already_active",
            "artifact_too_large",
            "upload_stalled",
            "artifact_unsafe",
            "artifact_unreadable",
            "host_stopping",
        ),
    ),
)
