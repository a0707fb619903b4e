"""What is judged, and what the kit asks of the things that give it access."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from pdpp_tck.settings import RUN_S, Table

Kind = Literal["connector", "host", "storage"]

CLAIMS: dict[Kind, frozenset[str]] = {
    "connector": frozenset(
        {
            "partitions",
            "inventory",
            "legacy_cursor",
            "resources",
            "fields",
            "time_range",
            "incremental",
            "interaction",
        }
    ),
    "host": frozenset({"stage", "trace", "grants", "imports", "browser_surface"}),
    "storage": frozenset({"sql_schema", "postgres"}),
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to put into a source: who it is, where it lies, when it happened, what it says."""

    partition: str
    ident: str
    at: datetime
    text: str


class ArrangedSource(Protocol):
    """A connector's source, arranged for one scenario."""

    def where(self) -> dict[str, str]:
        """What the connection is configured with: `root` or `base_url`."""

    def write(self, partition: str, items: list[Item]) -> None:
        """Make the partition exist, if it does not, and add these items at its end."""

    def remove(self, partition: str) -> None:
        """Make the partition disappear."""

    def obstruct(self) -> None:
        """Make the list of partitions unreadable, as a fault would: no permissions, tests run as root."""

    def close(self) -> None:
        """Let go of whatever serves the source."""


class SourceDriver(Protocol):
    """What arranges sources of one shape, and knows how they come out of a connector."""

    name: str
    stream: str
    """The stream in which a connector emits items."""
    claims: frozenset[str]
    """What a connector that reads such a source claims."""
    connectors: frozenset[str]
    """Keys of the connectors for which this driver is taken when none is named."""

    def open(self, home: Path) -> ArrangedSource:
        """A fresh, empty source below the folder `home`."""

    def key(self, item: Item) -> str | list[str]:
        """The record key under which an item comes out."""

    def resource(self, partition: str) -> str:
        """The resource identifier that selects a partition's records."""

    def legacy_cursor(self, at: datetime) -> dict[str, Any] | None:
        """The older, global cursor that stands at `at`; None when there never was one."""


@runtime_checkable
class ConfigurableDriver(Protocol):
    """A driver that knows nothing of any source until it is told, in the table `[source]`."""

    name: str

    def configured(self, source: Table) -> SourceDriver:
        """The driver that arranges sources as the table says; raises SettingsError about its keys."""


class Unarrangeable(Exception):
    """A source cannot be put into the state that a scenario asks for; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Connector:
    """A connector as a subject.

    `folder` is where its command runs, `patience_s` how long a run may take, `where` the source that it is
    given when no driver arranges one.
    """

    name: str
    version: str
    manifest: dict[str, Any]
    command: tuple[str, ...]
    claims: frozenset[str]
    driver: SourceDriver | None
    environment: dict[str, str]
    folder: Path | None = None
    patience_s: float = RUN_S
    where: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Face:
    """Where a host can be reached while a scenario runs; the stage token is None without a stage."""

    base_url: str
    owner_token: str
    stage_token: str | None


@dataclass(frozen=True, slots=True)
class ContractTest:
    """One obligation of a storage's contract: `run` raises where the storage does not keep it."""

    name: str
    says: str
    run: Callable[[], None]


class Host(Protocol):
    """A host as a subject, with the storage behind it."""

    name: str
    version: str
    storage_name: str
    storage_version: str
    claims: frozenset[str]
    storage_claims: frozenset[str]
    contract: tuple[ContractTest, ...]
    """What the storage by itself is held to; empty where nothing but the host can be asked."""
    missing: str | None
    """What is not on this machine and keeps every scenario from running; None where all is there."""
    concurrent: bool
    """Whether faces may be open in several forked processes at once and know nothing of each other."""

    def face(self, home: Path) -> AbstractContextManager[Face]:
        """A host for one scenario, empty where the subject can do that; `home` is a folder to use."""

    def close(self) -> None:
        """End whatever was started."""


@dataclass(frozen=True, slots=True)
class ConnectorWanted:
    """Which registered connector to open as a subject, with the plugins named beside the installed."""

    name: str
    plugins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HostWanted:
    """Which host to open: `reference` or a URL, on which storage, with which plugins.

    With `beside` it uses the databases of that host, which was opened before and stays open longer.
    """

    spec: str
    storage: str
    home: Path
    plugins: tuple[str, ...] = ()
    beside: Host | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part that runs may need, such as a storage: whether it is here, and what it is or what is missing."""

    name: str
    present: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What a host knows of a connector that is registered with it."""

    manifest: dict[str, Any]
    command: tuple[str, ...]
    environment: dict[str, str]


class SubjectError(Exception):
    """A subject cannot be opened as it was named; the message says what to do."""
