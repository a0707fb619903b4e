"""Transcripts: every line that crossed a connector's pipes, read tolerantly and judged strictly."""

from __future__ import annotations

import base64
import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

GAP_BEARING = ("SKIP_RESULT", "DETAIL_GAP")
INFORMATIONAL = frozenset({"not_available_in_mode", "out_of_scope", "user_disabled"})
_EXIT_LENGTH = 4096
_ERROR = re.compile(r"\s*(?:Uncaught )?[\w.]*(?:Error|Exception)(?: \[\w+\])?: ")


@dataclass(frozen=True)
class Line:
    """One noted line of a run's transcript; `message` is its JSON object, None for anything else.

    `utf8` tells whether its bytes were UTF-8; where they were not, `text` stands in for them. `t` is when
    it crossed, in seconds of the epoch.
    """

    n: int
    direction: str
    text: str
    run: str = ""
    utf8: bool = True
    t: float = 0.0

    @cached_property
    def message(self) -> dict[str, Any] | None:
        """The object in the line, whatever it holds."""
        try:
            value = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def type(self) -> str | None:
        """The message's type, None when there is none."""
        kind = self.message.get("type") if self.message else None
        return kind if isinstance(kind, str) else None


class Transcript:
    """One start of a connector."""

    def __init__(self, entries: list[dict[str, Any]], run: str = "") -> None:
        self.lines = [_line(entry, run) for entry in entries]

    @cached_property
    def start(self) -> dict[str, Any] | None:
        """The START message as the connector could read it."""
        sent = (line.message for line in self.lines if line.direction == "in" and line.type == "START")
        return next(sent, None)

    @property
    def run_id(self) -> str | None:
        """The run that this start belongs to, by its START line."""
        return None if self.start is None else self.start.get("run_id")

    @property
    def over(self) -> bool:
        """Whether the connector ended by itself, or could not be started."""
        return bool(self.lines) and self.lines[-1].direction == "exit"

    @property
    def launch_failed(self) -> str | None:
        """Why the connector could not be started; None for one that was."""
        told = self.lines[-1].message if self.over else None
        return str(told["launch_failed"]) if told and "launch_failed" in told else None

    @cached_property
    def exit_status(self) -> int | None:
        """The connector's exit status; None when its group was killed."""
        ends = [line.message for line in self.lines if line.direction == "exit"]
        return ends[-1].get("status") if ends and ends[-1] else None

    def said(self, *types: str) -> list[Line]:
        """What the connector said, of these types, in order."""
        return [line for line in self.lines if line.direction == "out" and line.type in types]

    def last_words(self) -> str:
        """What the connector wrote to stderr, for a reader to know what broke it: the line of its error.

        Interpreters end with other things than that: node with its version, others with notes and blanks.
        """
        if self.launch_failed is not None:
            return f"({self.launch_failed})"
        errors = [line.text for line in self.lines if line.direction == "err" and line.text.strip()]
        named = [text for text in errors if _ERROR.match(text)]
        if named:
            return f"(on stderr: {named[-1].strip()[:300]})"
        return f"(its last line on stderr: {errors[-1][:300]})" if errors else ""

    def gaps(self) -> list[Line]:
        """Lines by which the connector says that it did not collect something (not informational ones)."""
        found = []
        for line in self.said(*GAP_BEARING, "DONE"):
            message = line.message or {}
            if line.type == "DONE" and not message.get("error"):
                continue
            if line.type == "SKIP_RESULT" and message.get("reason") in INFORMATIONAL:
                continue
            found.append(line)
        return found


def _line(entry: dict[str, Any], run: str) -> Line:
    text = entry.get("line")
    if text is not None:
        return Line(entry["n"], entry["dir"], text, run, t=entry.get("t", 0.0))
    content = base64.b64decode(entry.get("b64", ""))
    text = content.decode("utf-8", "replace")
    utf8 = "\ufffd" not in text or text.encode() == content
    return Line(entry["n"], entry["dir"], text, run, utf8=utf8, t=entry.get("t", 0.0))


def read_transcripts(folder: Path) -> list[list[dict[str, Any]]]:
    """The transcripts in a folder, oldest first; a line cut off by a kill is left out."""
    found = []
    for path in sorted(folder.glob("*.jsonl")):
        lines = path.read_bytes().split(b"\n")[:-1]
        found.append([json.loads(line) for line in lines])
    return found


def ended(folder: Path) -> int:
    """How many transcripts in a folder have their exit line, at the cost of a look at each one's end."""
    with os.scandir(folder) as entries:
        return sum(_has_exit(entry.path) for entry in entries)


def _has_exit(path: str) -> bool:
    with open(path, "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _EXIT_LENGTH))
        # What a connector says stands there too, but with its quotes escaped.
        return b'"dir": "exit"' in file.read()
