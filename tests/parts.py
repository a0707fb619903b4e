"""Parts that a machine may lack: a test that needs a missing one is listed as not run, with the reason.

`PDPP_REQUIRE` names the parts that a machine promises, as `spec,docker`; a promised part that is
missing fails the test instead.
"""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def missing(part: str, reason: str) -> NoReturn:
    """End the test: `part` is not here, and why."""
    promised = {name.strip() for name in os.environ.get("PDPP_REQUIRE", "").split(",")}
    if part in promised:
        pytest.fail(f"PDPP_REQUIRE promises {part!r}: {reason}", pytrace=False)
    pytest.skip(f"not run, {part} is missing: {reason}")
