from collections.abc import Mapping, Sequence
from pathlib import Path

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.reports.writer import ReportWriter


class Size:
    name, file = "size", "size.txt"

    def write(self, report: Mapping[str, object], folder: Path) -> str:
        return f"{len(report)} parts\n"


@hookimpl
def register_report_writers() -> Sequence[ReportWriter]:
    return [Size()]
