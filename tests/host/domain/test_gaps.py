"""What a connector could not collect, as the owner sees it (PR-01)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pdpp_host.domain.gaps import gap_of
from pdpp_host.domain.messages import DetailGap, Done, SkipResult


@pytest.mark.parametrize(
    ("message", "kind", "reason", "severity"),
    [
        (
            {"reason": "source_partition_missing"},
            "missing_partition",
            "source_partition_missing",
            "recoverable",
        ),
        ({}, "stream_skipped", "unknown", "recoverable"),
        ({"reason": "user_disabled"}, "stream_skipped", "user_disabled", "informational"),
        (
            {"reason": "out_of_scope", "recovery_hint": "unknown"},
            "stream_skipped",
            "out_of_scope",
            "informational",
        ),
        ({"reason": "x", "recovery_hint": "refresh_credentials"}, "stream_skipped", "x", "actionable"),
        (
            {"reason": "x", "recovery_hint": {"action": "retry_by_runtime"}},
            "stream_skipped",
            "x",
            "transient",
        ),
        ({"reason": "x", "recovery_hint": "upstream_unblock"}, "stream_skipped", "x", "recoverable"),
    ],
)
def test_a_skip(message: dict[str, Any], kind: str, reason: str, severity: str) -> None:
    """A skip becomes a gap whose severity says who can do something about it."""
    gap = gap_of(msgspec.convert(message, SkipResult, strict=False))
    assert gap is not None
    assert (gap.kind, gap.reason, gap.severity) == (kind, reason, severity)


def test_the_partitions_of_a_gap() -> None:
    """Missing partitions are named as the connector names them; what is no list of names is left out."""
    for named, expected in ((["b", "a"], ("b", "a")), ("a", None), ([], None), ([1, "a"], ("a",))):
        gap = gap_of(SkipResult("s", "source_partition_missing", None, {"missing_partitions": named}))
        assert gap is not None
        assert gap.partitions == expected


def test_other_gaps() -> None:
    """A detail gap and a DONE with an error are gaps, a DONE without one is none."""
    detail = gap_of(DetailGap("s", record_key=["a", "b"], reason="gone", retryable=False))
    assert detail is not None
    assert (detail.kind, detail.severity, detail.message) == (
        "detail_gap",
        "actionable",
        'record \'["a","b"]\'',
    )
    assert gap_of(Done("succeeded", 0)) is None
    raw = {
        "status": "failed",
        "records_emitted": 0,
        "error": {"message": "m", "retryable": True, "code": "c"},
    }
    failed = gap_of(msgspec.convert(raw | {"type": "DONE"}, Done))
    assert failed is not None
    assert (failed.kind, failed.reason, failed.severity, failed.message) == (
        "run_failed",
        "c",
        "transient",
        "m",
    )
