"""What a run is to do: which scenarios, on which subjects."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pdpp_tck.features import Scenario
from pdpp_tck.ledger import Ledger
from pdpp_tck.subject import Connector, Host, Kind


@dataclass(frozen=True, slots=True)
class Cell:
    """One execution: a Gherkin scenario on one subject; no connector means the kit's scripted one."""

    scenario: Scenario
    connector: Connector | None

    @property
    def pair(self) -> tuple[str, Kind, str]:
        """(scenario id, subject kind, subject name) as the accounting counts them."""
        return (self.scenario.id, self.scenario.kind, self.connector.name if self.connector else "host")

    @property
    def label(self) -> str:
        """The cell as a test id."""
        return f"{self.scenario.id}-{self.connector.name if self.connector else 'host'}"


@dataclass(frozen=True, slots=True)
class Plan:
    """One run of the kit."""

    features: Path
    scenarios: tuple[Scenario, ...]
    ledger: Ledger
    connectors: tuple[Connector, ...]
    host: Host
    host_is_subject: bool
    reports: Path
    seed: int
    selection: frozenset[str] = frozenset()
    recorded: dict[tuple[str, str], Path] | None = None
    results: list[Any] = field(default_factory=list)

    def cells(self, scenario: Scenario) -> list[Cell]:
        """The executions of a scenario: one for each subject of its kind that is judged."""
        if not self.selected(scenario.id):
            return []
        if scenario.kind == "connector":
            return [Cell(scenario, connector) for connector in self.connectors]
        return [Cell(scenario, None)] if self.host_is_subject else []

    def selected(self, identifier: str) -> bool:
        """Whether the selection holds this scenario, by its own id or its requirement's."""
        return not self.selection or bool(self.selection & {identifier, identifier.partition(".")[0]})

    def obliged(self) -> list[tuple[str, Kind, str]]:
        """Every (scenario id, subject kind, subject name) that the ledger demands of this run."""
        pairs: list[tuple[str, Kind, str]] = []
        for scenario in filter(lambda scenario: self.selected(scenario.id), self.ledger.scenarios):
            if scenario.obliged("connector"):
                pairs += [(scenario.id, "connector", connector.name) for connector in self.connectors]
            if scenario.obliged("host") and self.host_is_subject:
                pairs.append((scenario.id, "host", "host"))
        return pairs
