"""A program around a real connector that changes the lines it says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

Change = Callable[[dict[str, Any]], dict[str, Any] | None]


def around(change: Change) -> int:
    """Run the command in our arguments and pass each message through `change`; None drops it."""
    with subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for line in child.stdout:
            message = change(json.loads(line))
            if message is not None:
                sys.stdout.write(json.dumps(message) + "\n")
                sys.stdout.flush()
    return child.returncode
