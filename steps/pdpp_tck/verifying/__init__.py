"""Verifying a report: whether its evidence says what it says, and nothing was edited, dropped or added."""
