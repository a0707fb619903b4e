"""Who holds a lease, and what can be said of that holder's life."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Literal
from uuid import uuid4

from msgspec import MsgspecError, Struct, json

Life = Literal["alive", "dead", "unknown"]

_MACHINE_ID = Path("/etc/machine-id")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_PID_SPACE = Path("/proc/self/ns/pid")
_here: set[str] = set()


class Holder(Struct, frozen=True):
    """A host's controller: the machine, its boot, the space of its process ids, the process, itself.

    A process id alone names nobody, for ids come back; with the moment at which the process started it
    does.
    """

    machine: str
    boot: str
    space: str
    pid: int
    started: str
    mark: str


def enter() -> str:
    """A holder for a controller of this process, as the text that a lease keeps."""
    pid = os.getpid()
    holder = Holder(_machine(), _boot(), _space(), pid, _started(pid) or "", uuid4().hex)
    _here.add(holder.mark)
    return json.encode(holder).decode()


def leave(holder: str) -> None:
    """A controller of this process holds nothing any more."""
    _here.discard(json.decode(holder, type=Holder).mark)


def life(text: str) -> Life:
    """Whether a holder lives: dead only where that is proved, unknown on another machine."""
    try:
        holder = json.decode(text, type=Holder)
    except MsgspecError:
        return "unknown"
    if holder.machine != _machine():
        return "unknown"
    if holder.boot != _boot():
        return "dead"
    if holder.space != _space():
        return "unknown"
    if holder.pid == os.getpid() and holder.started == (_started(holder.pid) or ""):
        return "alive" if holder.mark in _here else "dead"
    started = _started(holder.pid)
    return "alive" if started is not None and started == holder.started else "dead"


def _machine() -> str:
    with suppress(OSError):
        if known := _MACHINE_ID.read_text().strip():
            return f"{platform.node()} {known}"
    return platform.node()


def _boot() -> str:
    with suppress(OSError):
        return _BOOT_ID.read_text().strip()
    return ""


def _space() -> str:
    with suppress(OSError):
        return os.readlink(_PID_SPACE)
    return ""


def _started(pid: int) -> str | None:
    """When a process started, as its system tells it; None when there is no such process."""
    if _PID_SPACE.exists():
        try:
            after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if after_name[0] in "ZX" else after_name[19]
    told = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or None
