"""Where a run writes: a folder beside the report, which takes the report's place only when it is whole."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from pdpp_tck.options import UsageError
from pdpp_tck.reports.swapping import swap

REPORT = "report.json"
EVIDENCE = "evidence"
_RUNNING = ".running"
_ELSE = "name another folder with --report"


@dataclass(slots=True)
class Place:
    """`building` is where a run writes, `final` where its report is found afterwards.

    `cut` are sentences about earlier runs into the same place that never ended.
    """

    final: Path
    building: Path
    cut: tuple[str, ...] = ()
    published: bool = False
    _mark: IO[bytes] | None = None

    def publish(self) -> None:
        """Put what was built in the place of what was there; never half of it is there."""
        self.published = True
        if self.building == self.final:
            return
        self._unmark()
        left = swap(self.building, self.final)
        if left is not None:
            shutil.rmtree(left)

    def abandon(self) -> None:
        """Leave what was there, and nothing of what was built; once published there is nothing to do."""
        if not self.published:
            self._unmark()
            shutil.rmtree(self.building, ignore_errors=True)

    def _unmark(self) -> None:
        if self._mark is not None:
            (self.building / _RUNNING).unlink(missing_ok=True)
            self._mark.close()
            self._mark = None


def fresh_place() -> Place:
    """A folder of its own under `reports/`, where nothing can be in the way."""
    made = (Path("reports") / _stamp()).absolute()
    _made(made)
    return Place(made, made)


def place_at(report: Path, files: Iterable[str]) -> Place:
    """A place that ends as the folder `report`; raises UsageError where that would lose anything.

    `files` are the names that reports consist of: a folder with anything else in it is no report's.
    """
    final = report.resolve()
    _check(report, final, {REPORT, EVIDENCE, *files})
    cut = tuple(_swept(final))
    building = final.parent / f"{final.name}.running-{_stamp()}"
    _made(building)
    mark = (building / _RUNNING).open("wb")
    fcntl.lockf(mark, fcntl.LOCK_EX)
    return Place(final, building, cut, _mark=mark)


def cut_off(final: Path) -> list[Path]:
    """The folders of runs into this place that were killed; those that still run are not among them."""
    pattern = re.compile(re.escape(final.name) + r"\.running-\d{8}T\d{6}\.\d+Z-\d+")
    beside = final.parent.iterdir() if final.parent.is_dir() else iter(())
    return sorted(path for path in beside if pattern.fullmatch(path.name) and not _runs(path))


def told_of(cut: Path, final: Path) -> str:
    """What is to be known of a run that was cut off."""
    when = cut.name.rpartition(".running-")[2].rpartition("-")[0].partition(".")[0]
    kept = "still holds the report of a run before it" if (final / REPORT).exists() else "has no report of it"
    return f"a run into {final} that began at {when}Z was cut off; {final.name} {kept}"


def write_file(path: Path, text: str) -> None:
    """Write a file at once: whoever looks finds it whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    Path(name).chmod(0o644)
    Path(name).replace(path)


def _check(report: Path, final: Path, known: set[str]) -> None:
    here = Path.cwd()
    if final == here or final in here.parents:
        raise UsageError(f"--report {str(report)!r} would replace the folder you are in; name one inside it")
    if final.is_mount():
        raise UsageError(f"--report {str(report)!r} is a mount point; name a folder inside it")
    if final.exists() and not final.is_dir():
        raise UsageError(f"--report {str(report)!r} is a file; {_ELSE}")
    others = sorted(path.name for path in final.iterdir() if path.name not in known) if final.exists() else []
    if others:
        told = ", ".join(map(repr, others[:5]))
        raise UsageError(f"--report {str(report)!r} holds {told}, which is no part of a report; {_ELSE}")


def _swept(final: Path) -> Iterator[str]:
    """Remove what killed runs left, and tell of each."""
    for path in cut_off(final):
        yield f"{told_of(path, final)}; its remains are removed"
        shutil.rmtree(path, ignore_errors=True)


def _runs(building: Path) -> bool:
    """Whether the run that builds there is alive: a killed one holds no lock, nor do processes it forked."""
    with suppress(OSError), (building / _RUNNING).open("r+b") as mark:
        try:
            fcntl.lockf(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{os.getpid()}"


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        told = f"cannot write to {str(folder.parent)!r}: {error.strerror}"
        raise UsageError(f"{told}; name a folder with --report") from None
