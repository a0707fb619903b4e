"""What a user asks of a run, as the command line or plain pytest says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `pdpp-tck run`; without any, our own connectors, host and storage are judged.

    `report` is a folder in which the run gets a fresh one, `folder` one that is ready for this run alone.
    `config` names a pdpp-tck.toml; without a name that of the folder counts, where nothing else is judged.
    """

    connectors: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    manifest: Path | None = None
    claims: frozenset[str] = frozenset()
    source_driver: str | None = None
    host: str = "reference"
    storage: str | None = None
    selection: frozenset[str] = frozenset()
    advice: bool = False
    faults: bool = False
    features: Path | None = None
    report: Path | None = None
    folder: Path | None = None
    seed: int | None = None
    plugins: tuple[str, ...] = field(default=())
    workers: int = 1
    config: Path | None = None
    legacy_state: Path | None = None
    spec: Path | None = None


class UsageError(Exception):
    """The run was asked for in a way that cannot be carried out; one sentence says what to do."""
