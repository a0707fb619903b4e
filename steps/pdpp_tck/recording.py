"""Making a recording: one start of a connector, noted line by line and written without its secrets."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pdpp_tck.alone import filled, recorded, said, start_line
from pdpp_tck.checking.redaction import redactor
from pdpp_tck.options import UsageError


@dataclass(frozen=True, slots=True)
class Recording:
    """What to start and what to tell it; without a START its stdin and stdout are ours."""

    command: tuple[str, ...]
    start: dict[str, Any] | None
    where: dict[str, str]
    seconds: float


def started_by(manifest: dict[str, Any], where: dict[str, str], state: Path | None) -> dict[str, Any]:
    """START for all streams of a manifest, with the cursors in a file; raises UsageError."""
    cursors = None
    if state is not None:
        try:
            cursors = json.loads(state.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise UsageError(f"--state {state}: cannot be read as JSON: {error}") from None
        if not isinstance(cursors, dict):
            raise UsageError(f"--state {state}: is no object from stream to cursor")
    return start_line(manifest, where, cursors, "recorded")


def record(recording: Recording, output: Path) -> int | None:
    """Run the command once and write its transcript; its exit status, None where it had to be ended.

    Raises UsageError where the file cannot be written or the command cannot be started.
    """
    try:
        # Before anything runs: a recording that is lost in the end has cost a run.
        with open(output, "xb", opener=_own) as file, tempfile.TemporaryDirectory(prefix="pdpp-tck-") as home:
            status = _run(recording, Path(home))
            file.writelines(_redacted(Path(home)))
            return status
    except FileExistsError:
        raise UsageError(f"{output}: is there already; name another with --output") from None
    except OSError as error:
        raise UsageError(
            f"{output}: cannot be written: {error.strerror}; name another with --output"
        ) from None


def _own(path: str, flags: int) -> int:
    """Open a file that nobody else may read: it holds what the connector collected."""
    return os.open(path, flags, 0o600)


def _run(recording: Recording, home: Path) -> int | None:
    told = recording.start
    pipes = {} if told is None else {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
    with recorded(filled(recording.command, recording.where), home, None, {}, **pipes) as child:
        if told is not None:
            assert child.stdin is not None
            _tell(child.stdin, said(told))
        try:
            return child.wait(recording.seconds)
        except subprocess.TimeoutExpired:
            return None


def _tell(pipe: Any, line: bytes) -> None:
    """Write START; a connector that is gone reads none, and its transcript says so."""
    try:
        while line:
            line = line[pipe.write(line) :]
    except BrokenPipeError:
        return


def _redacted(home: Path) -> Iterator[bytes]:
    """The lines of the recorder's one transcript, a line at a time, without secrets."""
    redact = redactor(os.environ)
    for path in home.glob("*.jsonl"):
        with path.open("rb") as file:
            yield from (_line(raw, redact) for raw in _whole(file))


def _whole(file: BinaryIO) -> Iterator[bytes]:
    """The lines that were written whole."""
    return (raw for raw in file if raw.endswith(b"\n"))


def _line(raw: bytes, redact: Any) -> bytes:
    note = json.loads(raw)
    if "line" in note:
        note["line"] = redact(note["line"])
    else:
        # What is no UTF-8 holds secrets all the same; bytes map to characters and back.
        text = redact(base64.b64decode(note["b64"]).decode("latin-1"))
        note["b64"] = base64.b64encode(text.encode("latin-1", "replace")).decode("ascii")
    return json.dumps(note, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
