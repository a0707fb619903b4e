"""Stand between a host and a connector and note every line that crosses its pipes.

Run as `python -S -E tee.py DIRECTORY HOLD [FOLDER] -- COMMAND…`: one transcript a start is made in
DIRECTORY, its lines as in features/schemas/transcript.json. A line is noted before it is forwarded, bytes go
through unchanged, and the exit status is the command's own. A transcript without an exit line means
that the whole process group was killed. What the host says is held back for HOLD seconds, so that a
connector that does not wait for it shows itself. The command runs in FOLDER, where one is named.

Every run of a connector starts one, so nothing is imported that costs more than all else here:
`json`, `subprocess`, `threading` and `signal` would treble the start.
"""

import _thread
import os
import sys
import time
from _signal import SIGPIPE, SIGXFSZ  # type: ignore[import-not-found]
from binascii import b2a_base64

try:
    from _json import encode_basestring as quoted
except ImportError:  # an interpreter without the C part of `json`
    from json.encoder import encode_basestring as quoted

# The longest line of the wire; what is longer is noted in pieces, which no reader takes for messages.
HELD = 64 * 1024 * 1024
CHUNK = 256 * 1024


class Transcript:
    """The file of notes; one write a note, so that a kill leaves whole lines."""

    def __init__(self, directory: str) -> None:
        self._lock = _thread.allocate_lock()
        self._count = 0
        name = f"{time.time_ns():020d}-{os.getpid()}.jsonl"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = os.open(os.path.join(directory, name), flags, 0o600)

    def note(self, direction: str, content: bytes) -> None:
        """Note one line (without its LF) or a piece of one that is too long."""
        try:
            body = f'"line": {quoted(content.decode("utf-8"))}'
        except UnicodeDecodeError:
            body = f'"b64": "{b2a_base64(content, newline=False).decode("ascii")}"'
        with self._lock:
            self._count += 1
            at = round(time.time(), 6)
            entry = f'{{"n": {self._count}, "t": {at}, "dir": "{direction}", {body}}}\n'
            os.write(self._file, entry.encode("utf-8"))


def pump(source: int, target: int, direction: str, transcript: Transcript) -> None:
    """Carry one pipe to its end: note whole lines, then forward them."""
    held = bytearray()
    while True:
        chunk = os.read(source, CHUNK)
        cut = chunk.rfind(b"\n") + 1
        if cut:
            ready, held = bytes(held) + chunk[:cut], bytearray(chunk[cut:])
        else:
            ready = b""
            held += chunk
        if not chunk or len(held) > HELD:
            ready, held = ready + bytes(held), bytearray()
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


def _feed(source: int, target: int, transcript: Transcript, hold: float) -> None:
    if hold:
        time.sleep(hold)
    pump(source, target, "in", transcript)
    os.close(target)


def _started(command: "list[str]") -> "tuple[int, int, int, int]":
    """Start the command; its process id and our ends of its stdin, stdout and stderr."""
    pipes = [os.pipe() for _ in range(3)]
    theirs = (pipes[0][0], pipes[1][1], pipes[2][1])
    moves = [(os.POSIX_SPAWN_DUP2, end, number) for number, end in enumerate(theirs)]
    # Python ignores these two, and what it starts would inherit that.
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=moves, setsigdef=[SIGPIPE, SIGXFSZ])
    for end in theirs:
        os.close(end)
    return pid, pipes[0][1], pipes[1][0], pipes[2][0]


def main(directory: str, hold: float, folder: str, command: "list[str]") -> int:
    """Run `command` and note what crosses; the result is its exit status."""
    transcript = Transcript(directory)
    try:
        os.chdir(folder)
        pid, stdin, stdout, stderr = _started(command)
    except OSError as error:
        message = f"cannot start {command[0]!r}: {error}"
        transcript.note("exit", f'{{"launch_failed": {quoted(message)}}}'.encode())
        sys.stderr.write(message + "\n")
        return 127
    drained = _thread.allocate_lock()
    drained.acquire()
    _thread.start_new_thread(_feed, (0, stdin, transcript, hold))
    _thread.start_new_thread(_drain, (stderr, transcript, drained))
    pump(stdout, 1, "out", transcript)
    os.close(1)
    drained.acquire()
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    transcript.note("exit", f'{{"status": {status}}}'.encode())
    return status if status >= 0 else 128 - status


def _drain(source: int, transcript: Transcript, drained: "_thread.LockType") -> None:
    try:
        pump(source, 2, "err", transcript)
    finally:
        drained.release()


if __name__ == "__main__":
    split = sys.argv.index("--")
    code = main(sys.argv[1], float(sys.argv[2]), (*sys.argv[3:split], ".")[0], sys.argv[split + 1 :])
    sys.stderr.flush()
    os._exit(code)
