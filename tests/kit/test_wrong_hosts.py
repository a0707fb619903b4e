"""Hosts that only go through the motions do not pass."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from kit_runs import WRONG, Kit


@pytest.fixture(params=["refuses", pytest.param("idles", marks=pytest.mark.long)])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a running wrong host."""
    command = [sys.executable, str(WRONG / "host.py"), request.param]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        yield host.stdout.readline().strip()
        host.terminate()


def test_a_host_that_starts_nothing_is_caught(kit: Kit, url: str) -> None:
    """It fails what wants a run, and its refusals count for nothing without their control."""
    ran = kit("run", "--format", "json", "--host", url, env={"PDPP_OWNER_TOKEN": "any"})
    assert ran.status == 1, ran.err
    verdicts = ran.verdicts("host")
    asked = {name: verdict for name, verdict in verdicts.items() if name.startswith("PR-")}
    assert asked == {
        "PR-01.1": "failed",
        "PR-03.1": "failed",
        "PR-03.2": "failed",
        "PR-03.3": "not_observable",
    }
    assert "control: " in ran.reason("PR-03.3")
    assert set(verdicts.values()) == {"failed", "not_observable"}
