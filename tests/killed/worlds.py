"""Where histories are lived: databases of one kind, and a process that has everything warm to fork from."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pluggy

from pdpp_host.plugins import load_plugins
from pdpp_host.ports import Databases

from . import living
from .dying import Dying
from .histories import History, drawn
from .lives import lived


@dataclass(frozen=True, slots=True)
class World:
    """Databases, and a folder for what connectors read."""

    databases: Databases
    home: Path

    def live(self, history: History, *adapting: object) -> tuple[int, ...]:
        """The steps in which hosts died; Broken where a law does not hold."""
        manager = _manager()
        for plugin in adapting:
            manager.register(plugin)
        try:
            with _fresh(self) as (url, home):
                return lived(manager, url, home, history)
        finally:
            for plugin in adapting:
                manager.unregister(plugin)


def warmed(databases: Databases, home: Path) -> World:
    """A world in which a whole history was lived by this process itself: its children find it warm."""
    world, kept = World(databases, home), tempfile.tempdir
    try:
        with _fresh(world) as (url, folder):
            living.lit(_manager(), None, lambda *_: None, counted=False)
            living.live(_manager(), url, folder, drawn(0), 0, lambda *_: None)
    finally:
        tempfile.tempdir = kept
    return world


@cache
def _manager() -> pluggy.PluginManager:
    manager = load_plugins()
    manager.register(Dying())
    return manager


@contextmanager
def _fresh(world: World) -> Iterator[tuple[str, Path]]:
    url, folder = world.databases.fresh(), Path(tempfile.mkdtemp(dir=world.home))
    try:
        yield url, folder
    finally:
        world.databases.drop(url)
