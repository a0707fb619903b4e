"""The page as a report writer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pdpp_tck.hookspecs import hookimpl
from pdpp_tck.reports.writer import ReportWriter


class Page:
    """One self-contained page: no network, and everything can be read without a script."""

    name = "html"
    file = "index.html"

    def write(self, report: Mapping[str, Any], folder: Path) -> str:
        """The whole report; nothing that a subject said is read as markup."""
        # What renders pages takes longer to import than most runs have for it.
        from pdpp_plugins.writers.page.rendering import rendered

        return rendered(report, folder)


@hookimpl
def register_report_writers() -> Sequence[ReportWriter]:
    """The page as `index.html`."""
    return [Page()]
