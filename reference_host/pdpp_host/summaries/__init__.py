"""What an owner is told of a connection: made from its evidence whenever somebody reads it (CS-07)."""

from __future__ import annotations

from pdpp_host.summaries.rules import RULES, Rule
from pdpp_host.summaries.shapes import Summary
from pdpp_host.summaries.synthesis import overview, synthesise

__all__ = ["RULES", "Rule", "Summary", "overview", "synthesise"]
