"""What a run knows it did not collect, as the owner sees it (PR-01)."""

from __future__ import annotations

from typing import Any

import msgspec

from pdpp_host.domain.entities import Gap, Severity
from pdpp_host.domain.messages import DetailGap, Done, RecoveryHint, SkipResult, key_text

INFORMATIONAL = frozenset({"not_available_in_mode", "out_of_scope", "user_disabled"})
_ACTIONABLE = frozenset({"refresh_credentials", "manual_action_required", "retry_on_connector_upgrade"})


def gap_of(message: SkipResult | DetailGap | Done) -> Gap | None:
    """The gap that a message reports; None for a DONE without an error."""
    if isinstance(message, SkipResult):
        return _skip(message)
    if isinstance(message, DetailGap):
        return Gap(
            kind="detail_gap",
            reason=message.reason or "unknown",
            severity="recoverable" if message.retryable else "actionable",
            stream=message.stream,
            message=None if message.record_key is None else f"record {key_text(message.record_key)!r}",
        )
    if message.error is None:
        return None
    return Gap(
        kind="run_failed",
        reason=message.error.code or "unknown",
        severity="transient" if message.error.retryable else "actionable",
        message=message.error.message,
        recovery_hint=_hint(message.error.recovery_hint),
    )


def _skip(message: SkipResult) -> Gap:
    reason = message.reason or "unknown"
    hint = _hint(message.recovery_hint)
    return Gap(
        kind="missing_partition" if reason == "source_partition_missing" else "stream_skipped",
        reason=reason,
        severity=_severity(reason, hint),
        stream=message.stream,
        partitions=_partitions(message.diagnostics),
        message=message.message,
        recovery_hint=hint,
        diagnostics=message.diagnostics,
    )


def _severity(reason: str, hint: dict[str, Any] | None) -> Severity:
    if reason in INFORMATIONAL:
        return "informational"
    if hint is None:
        return "recoverable"
    if hint["action"] in _ACTIONABLE:
        return "actionable"
    return "transient" if hint["action"] == "retry_by_runtime" else "recoverable"


def _partitions(diagnostics: dict[str, Any] | None) -> tuple[str, ...] | None:
    named = (diagnostics or {}).get("missing_partitions")
    if not isinstance(named, list):
        return None
    return tuple(name for name in named if isinstance(name, str)) or None


def _hint(hint: str | RecoveryHint | None) -> dict[str, Any] | None:
    if hint is None:
        return None
    return {"action": hint} if isinstance(hint, str) else msgspec.to_builtins(hint)
