"""Judging recorded transcripts and captures by themselves: nothing is run, nothing is held but counts."""

from pdpp_tck.checking.judging import Checked, check_files
from pdpp_tck.checking.reading import Unreadable

__all__ = ["Checked", "Unreadable", "check_files"]
