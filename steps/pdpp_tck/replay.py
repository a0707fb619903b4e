"""Judging recorded evidence again: Given and When are skipped, the Thens read the files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pdpp_tck.assembly import read_requirements
from pdpp_tck.authors.folder import find_folder
from pdpp_tck.evidence.notes import EvidenceError, read_notes
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.options import UsageError
from pdpp_tck.plan import Plan
from pdpp_tck.subject import Connector, ContractTest, Face


class RecordedHost:
    """The host of a recording: a name and a version, and nothing that could be asked."""

    missing: str | None = None
    concurrent = False

    def __init__(self, subjects: dict[str, dict[str, Any]]) -> None:
        self.name, self.version = subjects["host"]["name"], subjects["host"]["version"]
        self.claims: frozenset[str] = frozenset(subjects["host"]["claims"])
        self.storage_claims: frozenset[str] = frozenset(subjects["storage"].get("claims", ()))
        self.contract: tuple[ContractTest, ...] = ()
        self.storage_name = subjects["storage"]["name"]
        self.storage_version = subjects["storage"]["version"]

    @contextmanager
    def face(self, home: Path) -> Iterator[Face]:
        """Never opened: a replay asks nothing."""
        raise AssertionError("a replay opens no host")
        yield

    def close(self) -> None:
        """Nothing was opened."""


def replay_plan(paths: list[Path], features: Path | None) -> Plan:
    """The plan that judges these evidence files, or those in these folders; raises UsageError."""
    root, scenarios, ledger = read_requirements(features)
    headers = dict(_headers(paths))
    digests = {(scenario.id, str(scenario.kind)): scenario.digest for scenario in scenarios}
    recorded: dict[tuple[str, str], Path] = {}
    for path, header in headers.items():
        if header["id"] not in {identifier for identifier, _ in digests}:
            raise UsageError(
                f"{path}: is of {header['id']}, which these features do not have; give --features"
            )
        if digests.get((header["id"], header["kind"])) != header["digest"]:
            raise UsageError(f"{path}: was made with another text of {header['id']}; run the scenario again")
        key = (header["id"], header["subjects"]["connector"]["name"])
        if key in recorded:
            raise UsageError(f"{path} and {recorded[key]} record the same scenario; replay one at a time")
        recorded[key] = path
    first = next(iter(headers.values()))
    return Plan(
        features=root,
        author=find_folder(features),
        scenarios=tuple(scenarios),
        ledger=ledger,
        connectors=tuple(_connectors(headers.values())),
        host=RecordedHost(first["subjects"]),
        host_is_subject=True,
        storage_is_subject=True,
        reports=_shared(paths[0]),
        seed=first["seed"],
        selection=frozenset(identifier for identifier, _ in recorded),
        recorded=recorded,
    )


def _headers(paths: list[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    files = [file for path in paths for file in (sorted(path.rglob("*.jsonl")) if path.is_dir() else [path])]
    if not files:
        raise UsageError(
            f"no evidence under {', '.join(map(str, paths))}; name a file or folder that a run made"
        )
    for file in files:
        try:
            header, entries = read_notes(file)
            Evidence(header, entries, file.parent).watched()
            yield file.resolve(), header
        except EvidenceError as error:
            raise UsageError(str(error)) from None


def _connectors(headers: Any) -> Iterator[Connector]:
    """One subject for each connector that was recorded; what it claims no longer matters."""
    seen: set[str] = set()
    for header in headers:
        subject = header["subjects"]["connector"]
        if header["kind"] == "connector" and subject["name"] not in seen:
            seen.add(subject["name"])
            claims = frozenset(subject.get("claims", ()))
            yield Connector(subject["name"], subject["version"], {}, (), claims, None, {})


def _shared(path: Path) -> Path:
    """The folder that evidence is named relative to: the root of the file system, so that any is."""
    return Path(path.resolve().anchor)
