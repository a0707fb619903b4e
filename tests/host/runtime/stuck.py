"""A connector that is up and stays up."""

from __future__ import annotations

import threading
from pathlib import Path

from ..houses import House

STUCK = "say(type='PROGRESS', message='up'); open({flag!r}, 'w').close(); threading.Event().wait()"


def stuck(house: House) -> tuple[str, Path]:
    """A connector that is up and stays up, and the file that says that it is up."""
    flag = house.home / "up"
    return house.connect(house.program(STUCK.format(flag=str(flag)))), flag


def wait_for(flag: Path) -> None:
    waiting = threading.Event()
    for _ in range(6000):
        if flag.exists():
            return
        waiting.wait(0.005)
    raise AssertionError(f"no {flag}")
