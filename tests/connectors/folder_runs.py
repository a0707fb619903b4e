"""A folder on disk, and the `folder` program run over it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from connector_runs import CANARY, Source, environment, judge

__all__ = ["CANARY", "COMMAND", "Folder", "environment", "judge", "message", "reaction"]

STREAMS = ("messages", "reactions")
COMMAND = (sys.executable, "-P", "-m", "pdpp_plugins.connectors.folder")


def message(number: int | str, at: str = "2026-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    """A line of messages.jsonl."""
    return {"id": f"m{number}", "at": at, "author": "ann", "text": f"{CANARY} {number}", **more}


def reaction(number: int | str, at: str = "2026-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    """A line of reactions.jsonl."""
    return {"id": f"r{number}", "at": at, "message_id": "m1", "author": "bob", "emoji": CANARY, **more}


class Folder(Source):
    """A source that tests write, and runs over it."""

    command = COMMAND
    streams = STREAMS

    def add(self, channel: str, *lines: dict[str, Any], stream: str = "messages", end: str = "\n") -> Path:
        """Append lines to a channel's file, which comes to be with the first one."""
        (self.root / channel).mkdir(exist_ok=True, parents=True)
        file = self.root / channel / f"{stream}.jsonl"
        if lines:
            with file.open("a") as out:
                out.write("\n".join(map(json.dumps, lines)) + end)
        return file
