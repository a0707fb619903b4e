"""The program that a connector plays: what it says, where it waits, and how it ends."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path as Folder
from typing import Any

from .driven import PATIENCE_S
from .model import Asked, Line

PLAYED = 'read -r start; . "$0/to-play"'


def script(
    home: Folder, name: str, number: int, said: list[Line], asked: Asked, end: str, waits: bool
) -> tuple[bytes, Callable[[], None], dict[str, Any]]:
    """What the connector plays; what lets it go on where it waits; the cursors that it stages."""
    cursors = {each: {"n": number} for each in asked.streams}
    states = [{"type": "STATE", "stream": each, "cursor": cursor} for each, cursor in cursors.items()]
    first = [*map(_record, said), *states, *states]
    rest: list[dict[str, Any]] = []
    told = {"skip": {"stream": "notes"}, "skip elsewhere": {"stream": "log"}, "skip nameless": {}}
    if end in told:
        rest.append({"type": "SKIP_RESULT", "reason": "user_disabled", **told[end]})
    if end == "stray":
        rest.append(_record(Line("notes", "z", None, None, 0)) | {"stream": "unheard of"})
    if end != "cut off":
        status = "failed" if end == "failed" else "succeeded"
        emitted = len(said) + (end == "miscounted")
        rest.append({"type": "DONE", "status": status, "records_emitted": emitted})
    gate = home / f"gate{number}"
    wait = ""
    if waits:
        os.mkfifo(gate)
        wait = f"read -r go <'{gate}'\n"
    heard = f"printf '%s\\n' \"$start\" >'{home}/heard-{name}'\n"
    code = int(end == "failed")
    text = f"{heard}{_said(first)}{wait}{_said(rest)}exit {code}\n"
    return text.encode(), (lambda: _open(gate)) if waits else (lambda: None), cursors


def _record(line: Line) -> dict[str, Any]:
    told = {"type": "RECORD", "stream": line.stream, "key": line.key, "data": line.data}
    return told | {"emitted_at": "2026-05-01T10:00:00Z"} | ({"op": "delete"} if line.gone else {})


def _said(messages: list[dict[str, Any]]) -> str:
    told = "".join(json.dumps(message) + "\n" for message in messages)
    return f"cat <<'EOF'\n{told}EOF\n" if told else ""


def _open(gate: Folder) -> None:
    """Let the program behind a gate go on, once it has come there."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE_S * 1000)):
        try:
            os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:
            waiting.wait(0.001)
        else:
            return
    raise AssertionError("the program never came to its gate")
