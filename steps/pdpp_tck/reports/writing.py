"""Writing a report in every form: `report.json` by the kit itself, the others by plugins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pluggy

from pdpp_tck.options import UsageError
from pdpp_tck.plugins import PluginError
from pdpp_tck.reports.document import ReportError
from pdpp_tck.reports.place import EVIDENCE, REPORT, write_file
from pdpp_tck.reports.writer import ReportWriter


def report_writers(manager: pluggy.PluginManager) -> dict[str, ReportWriter]:
    """Every writer by name; raises PluginError where two share a name or a file."""
    found: dict[str, ReportWriter] = {}
    files = {REPORT, EVIDENCE}
    for writers in manager.hook.register_report_writers():
        for writer in writers:
            if writer.name in found or writer.file in files or Path(writer.file).name != writer.file:
                told = f"the report writer {writer.name!r} writes {writer.file!r}"
                raise PluginError(f"{told}: that name or that file is taken, or no file's name; give another")
            found[writer.name] = writer
            files.add(writer.file)
    return found


def told(writer: ReportWriter, report: Mapping[str, Any], folder: Path) -> str:
    """What a writer makes of a report; raises ReportError that names a writer which breaks."""
    try:
        return writer.write(report, folder)
    except Exception as error:
        raise ReportError(f"the report writer {writer.name!r}: {type(error).__name__}: {error}") from error


def as_json(report: Mapping[str, Any]) -> str:
    """The report as its file's text."""
    return json.dumps(report, indent=2, ensure_ascii=False)


def write_all(report: Mapping[str, Any], folder: Path, writers: Mapping[str, ReportWriter]) -> None:
    """Every form into a folder, `report.json` last: where it is, the others are."""
    for writer in writers.values():
        write_file(folder / writer.file, told(writer, report, folder))
    write_file(folder / REPORT, as_json(report) + "\n")


def read_report(path: Path) -> tuple[dict[str, Any], Path]:
    """A report, given as a file or the folder it lies in, and that folder; raises UsageError."""
    file = path / REPORT if path.is_dir() else path
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}; name a report or its folder") from None
    except ValueError as error:
        raise UsageError(f"{file}: is no JSON: {error}; name the report.json of a run") from None
    if not isinstance(report, dict) or "report_version" not in report:
        raise UsageError(f"{file}: is no report of pdpp-tck; name the report.json of a run")
    return report, file.parent
