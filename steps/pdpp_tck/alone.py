"""A connector alone: the kit starts it and is all the host that it has.

Nothing is stored and no cursor is kept; what crosses its pipes is recorded as in any run.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pdpp_tck.evidence.door import TEE

SHOWN = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SYSTEMROOT")
"""Variables that a connector sees whichever host starts it."""

OWN = ("PDPP_OWNER_TOKEN", "PDPP_STAGE_TOKEN", "PDPP_POSTGRES_URL")
"""Variables that are the kit's and the host's own, and that no program under test is shown."""


def environment() -> dict[str, str]:
    """The kit's environment without its own secrets, for programs that are started for their author."""
    return {name: value for name, value in os.environ.items() if name not in OWN}


def as_host(declared: Mapping[str, str], where: dict[str, str]) -> dict[str, str]:
    """What a host shows a connector: a few variables of its own, and those that are declared.

    One that is declared as `{host}` has the kit's present value, and is not there where the kit has none.
    """
    own = {name for name, value in declared.items() if value == "{host}"}
    values = dict(zip(declared, filled(tuple(declared.values()), where), strict=True))
    given = {name: value for name, value in values.items() if name not in own}
    return {name: os.environ[name] for name in (*SHOWN, *own) if name in os.environ} | given


def start_line(
    manifest: dict[str, Any], where: dict[str, str], state: dict[str, Any] | None, run_id: str
) -> dict[str, Any]:
    """START for all the streams of a manifest."""
    bindings: dict[str, Any] = {"network": {}}
    if "root" in where:
        bindings["filesystem"] = {"root": where["root"]}
    return {
        "type": "START",
        "run_id": run_id,
        "collection_mode": "full_refresh" if state is None else "incremental",
        "scope": {"streams": [{"name": stream["name"]} for stream in manifest["streams"]]},
        "state": state,
        "bindings": bindings,
        "detail_gaps": [],
    }


def filled(command: tuple[str, ...], where: dict[str, str]) -> list[str]:
    """The command with its placeholders replaced, as hosts replace them."""
    named = {"{source}": where.get("root", ""), "{base_url}": where.get("base_url", "")}
    words = list(command)
    for place, value in named.items():
        words = [word.replace(place, value) for word in words]
    return words


@contextmanager
def recorded(
    command: list[str], home: Path, folder: Path | None, more: dict[str, str], **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """The command behind the recorder, whose transcript lies in `home`; its whole group ends with this."""
    recorder = [sys.executable, "-S", "-E", str(TEE), str(home), "0", str(folder or "."), "--", *command]
    child = subprocess.Popen(recorder, env=environment() | more, start_new_session=True, bufsize=0, **pipes)
    try:
        yield child
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in filter(None, (child.stdin, child.stdout, child.stderr)):
            with suppress(OSError):
                pipe.close()


def said(message: dict[str, Any]) -> bytes:
    """A message as a line."""
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"
