"""The program that stands between a real connector and its host, and lets a generator say what is said."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from threading import Thread
from types import ModuleType
from typing import Any

Said = dict[str, Any] | str


class Lines:
    """What the real connector says, message by message; it is started when the first is asked for."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._start: dict[str, Any] | None = None
        self.status = 0

    @property
    def start(self) -> dict[str, Any]:
        """START, read when it is first asked for; what is changed in it reaches the real connector."""
        if self._start is None:
            self._start = json.loads(sys.stdin.buffer.readline())
        return self._start

    @property
    def state(self) -> dict[str, Any]:
        """The cursors in START by stream, {} where it has none; to be changed in place."""
        state: dict[str, Any] = self.start.get("state") or {}
        return state

    def __iter__(self) -> Iterator[dict[str, Any]]:
        start = json.dumps(self.start, ensure_ascii=False)
        pipe = subprocess.PIPE
        with subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(start + "\n")
            child.stdin.flush()
            # What the host says later, answers above all, passes as it is.
            Thread(target=_forward, args=(child.stdin,), daemon=True).start()
            for line in child.stdout:
                yield json.loads(line)
        self.status = child.returncode


def _forward(to: Any) -> None:
    for line in sys.stdin:
        to.write(line)
        to.flush()
    to.close()


def say(said: Said) -> None:
    """Write a message, or a text as it is."""
    line = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False) + "\n"
    sys.stdout.buffer.write(line.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


def main() -> int:
    """Run the generator that the second argument names around the command in the others.

    The first one is the folder of its package, where Python would not find that by itself, or `-`.
    """
    folder, plugin, *command = sys.argv[1:]
    module, _, name = plugin.partition(":")
    if folder != "-":
        package = ModuleType(module.partition(".")[0])
        package.__path__ = [folder]
        sys.modules[package.__name__], sys.dont_write_bytecode = package, True
    lines = Lines(command)
    for said in getattr(import_module(module), name).rewrite(lines):
        say(said)
    return lines.status


if __name__ == "__main__":
    sys.exit(main())
