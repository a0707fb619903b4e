"""A connection's run history as it goes over HTTP."""

from __future__ import annotations

import msgspec

from pdpp_host.readmodel.deep import DeepRun
from pdpp_host.web.shapes.runs import RunDetail


def runs_shown(runs: tuple[DeepRun, ...]) -> tuple[RunDetail, ...]:
    """Deep runs as they go over HTTP."""
    return tuple(_shown(deep) for deep in runs)


def _shown(deep: DeepRun) -> RunDetail:
    names = (name for name in RunDetail.__struct_fields__ if name != "failure_reason")
    told = {name: getattr(deep.run, name) for name in names}
    return msgspec.convert(told | {"failure_reason": deep.failure_reason}, RunDetail)
