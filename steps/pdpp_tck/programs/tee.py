"""Stand between a host and a connector and note every line that crosses its pipes.

Run as `python -S -E tee.py DIRECTORY -- COMMAND…`: one transcript a start is made in DIRECTORY, its
lines as in features/schemas/transcript.json. A line is noted before it is forwarded, bytes go
through unchanged, and the exit status is the command's own. A transcript without an exit line means
that the whole process group was killed.
"""

import base64
import json
import os
import subprocess
import sys
import threading
import time

HELD = 1024 * 1024
CHUNK = 256 * 1024


class Transcript:
    """The file of notes; one write a note, so that a kill leaves whole lines."""

    def __init__(self, directory: str) -> None:
        self._lock = threading.Lock()
        self._count = 0
        name = f"{time.time_ns():020d}-{os.getpid()}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = os.open(os.path.join(directory, name), flags, 0o600)

    def note(self, direction: str, content: bytes) -> None:
        """Note one line (without its LF) or, past a megabyte, a piece of one."""
        try:
            body = {"line": content.decode("utf-8")}
        except UnicodeDecodeError:
            body = {"b64": base64.b64encode(content).decode("ascii")}
        with self._lock:
            self._count += 1
            entry = {"n": self._count, "t": round(time.time(), 6), "dir": direction, **body}
            os.write(self._file, json.dumps(entry, ensure_ascii=False).encode("utf-8") + b"\n")


def pump(source: int, target: int, direction: str, transcript: Transcript) -> None:
    """Carry one pipe to its end: note whole lines, then forward them."""
    held = b""
    while True:
        chunk = os.read(source, CHUNK)
        held += chunk
        cut = held.rfind(b"\n") + 1
        if not chunk or len(held) - cut > HELD:
            cut = len(held)
        ready, held = held[:cut], held[cut:]
        for line in ready.removesuffix(b"\n").split(b"\n") if ready else ():
            transcript.note(direction, line)
        if not _forward(target, ready) or not chunk:
            return


def _forward(target: int, ready: bytes) -> bool:
    try:
        while ready:
            ready = ready[os.write(target, ready) :]
    except OSError:
        return False
    return True


def _feed(source: int, target: int, transcript: Transcript) -> None:
    pump(source, target, "in", transcript)
    os.close(target)


def main(directory: str, command: "list[str]") -> int:
    """Run `command` and note what crosses; the result is its exit status."""
    transcript = Transcript(directory)
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
    except OSError as error:
        message = f"cannot start {command[0]!r}: {error}"
        transcript.note("exit", json.dumps({"launch_failed": message}).encode())
        sys.stderr.write(message + "\n")
        return 127
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    feed = (0, child.stdin.fileno(), transcript)
    threading.Thread(target=_feed, args=feed, daemon=True).start()
    errors = threading.Thread(target=pump, args=(child.stderr.fileno(), 2, "err", transcript))
    errors.start()
    pump(child.stdout.fileno(), 1, "out", transcript)
    os.close(1)
    errors.join()
    status = child.wait()
    transcript.note("exit", json.dumps({"status": status}).encode())
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    code = main(sys.argv[1], sys.argv[3:])
    sys.stderr.flush()
    os._exit(code)
