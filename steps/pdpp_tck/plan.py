"""What a run is to do: which scenarios, on which subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdpp_tck.authors.folder import Folder
from pdpp_tck.features import Scenario, requirement_of
from pdpp_tck.ledger import Ledger
from pdpp_tck.subject import Connector, Host, Kind

STORAGE = "storage"
SCRIPTED = "scripted"
"""The name of the kit's own connector, through which hosts are judged."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One execution: a Gherkin scenario on one subject; no connector means the kit's scripted one."""

    scenario: Scenario
    connector: Connector | None

    @property
    def pair(self) -> tuple[str, Kind, str]:
        """(scenario id, subject kind, subject name) as the accounting counts them."""
        kind = self.scenario.kind
        return (self.scenario.id, kind, self.connector.name if self.connector else kind)

    @property
    def recording(self) -> tuple[str, str]:
        """(scenario id, connector name) under which the cell's evidence is kept."""
        if self.scenario.kind == "storage":
            return (self.scenario.id, STORAGE)
        return (self.scenario.id, self.connector.name if self.connector else SCRIPTED)

    @property
    def label(self) -> str:
        """The cell as a test id."""
        return f"{self.scenario.id}-{self.pair[2]}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the kit.

    `stale` are clauses whose sentence in the spec has changed, with where; `sentences` the spec's own.
    """

    features: Path
    scenarios: tuple[Scenario, ...]
    ledger: Ledger
    connectors: tuple[Connector, ...]
    host: Host
    host_is_subject: bool
    storage_is_subject: bool
    reports: Path
    seed: int
    selection: frozenset[str] = frozenset()
    advice: bool = True
    faults: bool = False
    workers: int = 1
    recorded: dict[tuple[str, str], Path] | None = None
    listener: Callable[[Any], None] | None = None
    results: list[Any] = field(default_factory=list)
    opened: ExitStack = field(default_factory=ExitStack)
    author: Folder | None = None
    stale: Mapping[str, str] = field(default_factory=dict)
    sentences: Mapping[str, str] = field(default_factory=dict)

    @property
    def beside(self) -> Path | None:
        """An author's folder that stands beside `features`, and has scenarios too."""
        return self.author.beside if self.author else None

    def close(self) -> None:
        """Let go of all that was opened for the run; a second time there is nothing left to do."""
        self.opened.close()

    def take(self, result: Any) -> None:
        """Take a result down, and tell whoever listens."""
        self.results.append(result)
        if self.listener is not None:
            self.listener(result)

    def evidence_of(self, connector: Connector | None) -> list[Path]:
        """What this session's executions on a connector left to be read, in the order of their ids."""
        mine = [result for result in self.results if result.cell.connector == connector]
        mine.sort(key=lambda result: result.cell.pair)
        return [result.evidence for result in mine if result.evidence is not None]

    def cells(self, scenario: Scenario) -> list[Cell]:
        """The executions of a scenario: one for each subject of its kind that is judged."""
        if not self.selected(scenario.id):
            return []
        if scenario.kind == "connector":
            cells = [Cell(scenario, connector) for connector in self.connectors]
        else:
            judged = self.host_is_subject if scenario.kind == "host" else self.storage_is_subject
            cells = [Cell(scenario, None)] if judged else []
        if self.recorded is None:
            return cells
        return [cell for cell in cells if cell.recording in self.recorded]

    def selected(self, identifier: str) -> bool:
        """Whether this scenario is to be judged: the selection names it or its requirement.

        Advice is judged where it was asked for, and always when an advice scenario is named itself; what
        takes long is judged only then.
        """
        if self.selection and not self.selection & {identifier, requirement_of(identifier)}:
            return False
        entry = self.ledger.scenario(identifier)
        long = entry.long and not (self.faults and entry.derived == "profile")
        unasked = long or (entry.derived == "advice" and not self.advice)
        return not unasked or identifier in self.selection

    def obliged(self) -> list[tuple[str, Kind, str]]:
        """Every (scenario id, subject kind, subject name) that this run must report.

        The ledger demands them; of a replay, those that were recorded.
        """
        if self.recorded is not None:
            return [cell.pair for scenario in self.scenarios for cell in self.cells(scenario)]
        pairs: list[tuple[str, Kind, str]] = []
        for scenario in filter(lambda scenario: self.selected(scenario.id), self.ledger.judged):
            if scenario.obliged("connector"):
                pairs += [(scenario.id, "connector", connector.name) for connector in self.connectors]
            if scenario.obliged("host") and self.host_is_subject:
                pairs.append((scenario.id, "host", "host"))
            if scenario.obliged("storage") and self.storage_is_subject:
                pairs.append((scenario.id, "storage", "storage"))
        return pairs
