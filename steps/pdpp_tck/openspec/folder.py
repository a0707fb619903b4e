"""A folder of OpenSpec texts: main specs, the changes to them, and what is required once all are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from pdpp_tck.openspec.errors import ChangeNotFound, SpecNotFound
from pdpp_tck.openspec.finding import Finding
from pdpp_tck.openspec.lines import text_of
from pdpp_tck.openspec.lint import lint_file
from pdpp_tck.openspec.reading import parse
from pdpp_tck.openspec.tree import SpecFile, SpecRequirement

_Key = tuple[str, str]
"""(capability, title)"""


@dataclass(frozen=True, slots=True)
class Spec:
    """What is required, by path and then in file order, what is wrong in the texts, and what was removed."""

    folder: Path
    files: tuple[SpecFile, ...]
    requirements: tuple[SpecRequirement, ...]
    removed: tuple[SpecRequirement, ...]
    findings: tuple[Finding, ...]

    def of_change(self, name: str) -> tuple[SpecRequirement, ...]:
        """The requirements that one change brings or changes; raises ChangeNotFound."""
        known = sorted({file.change for file in self.files} - {""})
        if name not in known:
            raise ChangeNotFound(self.folder, name, known)
        return tuple(requirement for requirement in self.requirements if requirement.change == name)


def read_openspec(folder: Path) -> Spec:
    """All of it, once every change is made; raises SpecNotFound, UnreadableSpec.

    The folder holds ``specs/`` or ``changes/`` or both, or an ``openspec/`` that does.
    """
    paths = _paths(folder) or _paths(folder / "openspec")
    if not paths:
        raise SpecNotFound(folder)
    read = [parse(text_of(path), path, change, path.parent.name) for path, change in paths]
    files = tuple(file for file, _ in read)
    made = _Made(judges_names=any(not file.change for file in files))
    made.apply(files)
    findings = [finding for _, some in read for finding in some]
    findings += [finding for file in files for finding in lint_file(file)]
    required = sorted(made.required.values(), key=lambda requirement: (requirement.file, requirement.line))
    everything = tuple(sorted([*findings, *made.findings]))
    return Spec(folder, files, tuple(required), tuple(made.removed), everything)


def _paths(folder: Path) -> list[tuple[Path, str]]:
    """Each spec.md with the name of its change; archived changes are made already."""
    main = [(path, "") for path in sorted(folder.glob("specs/*/spec.md"))]
    changes = [(path, path.parents[2].name) for path in sorted(folder.glob("changes/*/specs/*/spec.md"))]
    return main + [(path, change) for path, change in changes if change != "archive"]


@dataclass(slots=True)
class _Made:
    """What is required while changes are made: additions first, for one change may build on another.

    Without main specs nobody knows which names there are, and none is called unknown.
    """

    judges_names: bool
    required: dict[_Key, SpecRequirement] = field(default_factory=dict)
    removed: list[SpecRequirement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def apply(self, files: tuple[SpecFile, ...]) -> None:
        """Make all changes of these files."""
        for requirement in (*_all(files, ""), *_all(files, "ADDED")):
            self._add(requirement)
        for file in files:
            self._rename(file)
        for requirement in _all(files, "REMOVED"):
            self._remove(requirement)
        for requirement in _all(files, "MODIFIED"):
            self._modify(requirement)

    def _add(self, requirement: SpecRequirement) -> None:
        there = self.required.get(_key(requirement))
        if there is not None and there.file != requirement.file:
            message = f"is required already at {there.file}:{there.line}; modify that one, or rename this"
            self._say(requirement, "duplicate-requirement", message)
        self.required[_key(requirement)] = requirement

    def _rename(self, file: SpecFile) -> None:
        for rename in file.renames:
            found = self.required.pop((file.capability, rename.old), None)
            here = SpecRequirement(file.change, file.capability, rename.old, line=rename.line, file=file.path)
            if found is None:
                self._unknown(here, "RENAMED")
            else:
                self.required[file.capability, rename.new] = replace(found, title=rename.new)

    def _remove(self, requirement: SpecRequirement) -> None:
        self.removed.append(requirement)
        if self.required.pop(_key(requirement), None) is None:
            self._unknown(requirement, "REMOVED")

    def _modify(self, requirement: SpecRequirement) -> None:
        there = self.required.get(_key(requirement))
        if there is None:
            self._unknown(requirement, "MODIFIED")
        elif there.operation == "MODIFIED":
            message = f"is modified at {there.file}:{there.line} too; the later one stands, agree on one text"
            self._say(requirement, "duplicate-requirement", message)
        self.required[_key(requirement)] = requirement

    def _unknown(self, requirement: SpecRequirement, operation: str) -> None:
        if self.judges_names:
            near = [title for _, title in self.required if title.casefold() == requirement.title.casefold()]
            hint = f"write it as {near[0]!r}" if near else "see the titles under specs/"
            message = f"is {operation} and no requirement of {requirement.capability} has the title; {hint}"
            self._say(requirement, "unknown-name", message)

    def _say(self, requirement: SpecRequirement, kind: str, message: str) -> None:
        id = f"{requirement.change or requirement.capability}: {requirement.title}"
        self.findings.append(Finding(requirement.file, requirement.line, id, kind, message))


def _key(requirement: SpecRequirement) -> _Key:
    return requirement.capability, requirement.title


def _all(files: tuple[SpecFile, ...], operation: str) -> Iterator[SpecRequirement]:
    return (r for file in files for r in file.requirements if r.operation == operation)
