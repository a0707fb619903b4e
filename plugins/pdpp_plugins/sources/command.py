"""A program of the connector's author that arranges sources: one JSON line asks, one answers."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Timer
from typing import Any

from pdpp_plugins.sources.pattern import KEYS, read_pattern
from pdpp_tck.alone import environment
from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.settings import Table
from pdpp_tck.subject import ConfigurableDriver, Item, SourceDriver, Unarrangeable
from pdpp_tck.templates import fields

ANSWER_S = 30.0
Keys = dict[tuple[str, str], str | list[str]]


class CommandSource:
    """One start of the program, for one scenario; it ends when its stdin does."""

    def __init__(self, home: Path, command: Sequence[str], folder: Path, keys: Keys) -> None:
        self._command, self._keys = command, keys
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - it is open as long as the program
        try:
            self._child = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                text=True,
                encoding="utf-8",
            )
        except OSError as error:
            self._complaints.close()
            raise Unarrangeable(f"{self._told} could not be started: {error}") from None
        try:
            answer = self._ask("open", home=str(home))
        except Unarrangeable:
            self._child.kill()
            self.close()
            raise
        named: dict[str, str] = {name: str(answer[name]) for name in ("root", "base_url") if name in answer}
        self._where: dict[str, str] = named or {"root": str(home)}

    def where(self) -> dict[str, str]:
        """What the program said when it was told to open a source; its home where it said nothing."""
        return self._where

    def write(self, partition: str, items: list[Item]) -> None:
        """Have a partition made, and items added at its end."""
        answer = self._ask("write", partition=partition, items=[fields(item) for item in items])
        keys = answer.get("keys", [])
        if not isinstance(keys, list) or len(keys) not in (0, len(items)):
            raise Unarrangeable(f"{self._told} gave {keys!r} for {len(items)} items; one key each is wanted")
        self._keys.update({(item.partition, item.ident): key for item, key in zip(items, keys, strict=False)})

    def remove(self, partition: str) -> None:
        """Have a partition taken away."""
        self._ask("remove", partition=partition)

    def obstruct(self) -> None:
        """Have the source made unlistable."""
        self._ask("obstruct")

    def close(self) -> None:
        """Close the program's stdin, and end it where it does not end by that."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            self._child.stdin.close()
            self._child.wait(ANSWER_S)
        except (OSError, subprocess.TimeoutExpired):
            self._child.kill()
            self._child.wait()
        self._child.stdout.close()
        self._complaints.close()

    @property
    def _told(self) -> str:
        return f"the source driver's command {self._command[0]!r}"

    def _ask(self, do: str, **more: Any) -> dict[str, Any]:
        """One request and its answer; raises Unarrangeable where the program cannot do it or breaks down."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        timer, said = Timer(ANSWER_S, self._child.kill), ""
        timer.start()
        try:
            self._child.stdin.write(json.dumps({"do": do, **more}, ensure_ascii=False) + "\n")
            self._child.stdin.flush()
            said = self._child.stdout.readline()
            answer = json.loads(said)
        except (OSError, ValueError):
            status = self._child.poll()
            how = f"it ended with status {status}" if status is not None else f"it said {said[:200]!r}"
            how += self._complained()
            raise Unarrangeable(f"{self._told} gave no answer to {do!r}: {how}; {_WANTED}") from None
        finally:
            timer.cancel()
        if not isinstance(answer, dict) or answer.get("ok") is not True:
            why = answer.get("unable") if isinstance(answer, dict) else said[:200]
            raise Unarrangeable(f"{self._told} cannot {do}: {why}")
        return answer

    def _complained(self) -> str:
        """The end of what it said on stderr, if anything; the kit shows it nowhere else."""
        file = self._complaints.fileno()
        # The program writes where this file stands, so it is read without moving.
        end = os.fstat(file).st_size
        said = os.pread(file, _COMPLAINT, max(0, end - _COMPLAINT)).decode(errors="replace").strip()
        return f", and on stderr {said!r}" if said else ""


_COMPLAINT = 500
_WANTED = 'one line is wanted, {"ok": true} or {"unable": "why"}'


class Command:
    """`driver = "command"`."""

    name = "command"

    def configured(self, source: Table) -> SourceDriver:
        """The driver that asks this program; raises SettingsError about the table's keys."""
        source.only(*KEYS, "command")
        command, folder = source.texts("command"), source.folder
        if not command:
            source.refuse("command", 'is missing; write command = ["./arrange"]')
        pattern = read_pattern(source, lambda home: CommandSource(home, command, folder, pattern.keys))
        return pattern


@hookimpl
def register_source_drivers() -> Sequence[ConfigurableDriver]:
    """The driver `command`."""
    return [Command()]
