"""How a result is printed."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """For people, or for programs."""

    TEXT = "text"
    JSON = "json"


class ReportFormat(StrEnum):
    """For people, for programs, or for the summary of a CI job."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
