"""Connectors that emit what was not asked for, by resource, field or time: PR-03, CP-05, CP-14, CP-15."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from pdpp_plugins.mutants.connectors import breaks
from pdpp_plugins.mutants.folders import STREAM, present, scope, without
from pdpp_plugins.mutants.lines import Lines, Said


@breaks("PR-03.1/T3", "seen record ['alphabet', 'alphabet-1']")
@breaks("PR-03/odd-names/T1", "seen record ['Strasse', 'Strasse-1']")
@breaks("CP-05/T1", "its resource is none of the 1 that were asked for")
def ignores_resources(lines: Lines) -> Iterator[Said]:
    """Each run collects all there is."""
    scope(lines).pop("resources", None)
    yield from lines


@breaks("PR-03.1/T3", "seen record ['alphabet', 'alphabet-1']")
@breaks("PR-03/odd-names/T1", "seen record ['in box 2', 'in box 2-1']")
@breaks("CP-05/T1", "its resource is none of the 1 that were asked for")
def takes_what_begins_alike(lines: Lines) -> Iterator[Said]:
    """A resource is looked for as the beginning of a name."""
    _widen(lines, lambda name, asked: name.startswith(asked))
    yield from lines


@breaks("PR-03/odd-names/T1", "seen record ['in-box', 'in-box-1']")
def takes_names_as_slugs(lines: Lines) -> Iterator[Said]:
    """Names are compared as they stand in addresses, where a blank is a hyphen."""
    _widen(lines, lambda name, asked: name.replace(" ", "-") == asked.replace(" ", "-"))
    yield from lines


@breaks("PR-03/odd-names/T1", "seen record ['Strasse', 'Strasse-1']")
def folds_names(lines: Lines) -> Iterator[Said]:
    """Names are compared without regard to case, by which a sharp s is two."""
    _widen(lines, lambda name, asked: name.casefold() == asked.casefold())
    yield from lines


def _widen(lines: Lines, meant: Callable[[str, str], bool]) -> None:
    for stream in lines.start["scope"]["streams"]:
        if asked := stream.get("resources"):
            stream["resources"] = [n for n in present(lines) if any(meant(n, each) for each in asked)]


@breaks("CP-14/T1", "its field 'reply_to' was not asked for")
def ignores_fields(lines: Lines) -> Iterator[Said]:
    """Each record has all the fields that there are."""
    scope(lines).pop("fields", None)
    yield from lines


@breaks("CP-14/T1", "its field 'reply_to' was not asked for")
def fills_fields_up(lines: Lines) -> Iterator[Said]:
    """What was not asked for is emptied in place of being left out."""
    for message in lines:
        if message["type"] == "RECORD" and message["stream"] == STREAM:
            message["data"] = {"reply_to": "", **message["data"]}
        yield message


BEYOND = "its time, the field 'at', is outside the window"


@breaks("CP-15/T1", f"'[\"alpha\",\"before\"]' of stream 'messages': {BEYOND}")
def ignores_windows(lines: Lines) -> Iterator[Said]:
    """Each run collects from the beginning of time."""
    scope(lines).pop("time_range", None)
    yield from lines


@breaks("CP-15/T1", f"'[\"alpha\",\"before\"]' of stream 'messages': {BEYOND}")
def looks_back_before_the_window(lines: Lines) -> Iterator[Said]:
    """The lookback that cursors need is taken off the window's edge too."""
    window = scope(lines).get("time_range") or {}
    if window.get("since"):
        since = datetime.fromisoformat(window["since"]) - timedelta(hours=6)
        window["since"] = since.isoformat()
    yield from lines


@breaks("CP-15/T1", f"'[\"alpha\",\"after\"]' of stream 'messages': {BEYOND}")
def takes_the_end_in(lines: Lines) -> Iterator[Said]:
    """What is at the very end of a window is held to be in it."""
    window = scope(lines).get("time_range") or {}
    if window.get("until"):
        until = datetime.fromisoformat(window["until"]) + timedelta(seconds=1)
        window["until"] = until.isoformat()
    yield from lines


@breaks("CP-15/T1", f"'[\"alpha\",\"before\"]' of stream 'messages': {BEYOND}")
def compares_days(lines: Lines) -> Iterator[Said]:
    """A source that knows days alone is asked for the whole of the first one."""
    window = scope(lines).get("time_range") or {}
    if window.get("since"):
        window["since"] = f"{window['since'][:10]}T00:00:00Z"
    yield from lines


@breaks("CP-15/T1", f"'[\"alpha\",\"before\"]' of stream 'messages': {BEYOND}")
def compares_windows_as_text(lines: Lines) -> Iterator[Said]:
    """Times are held against the window as they are written, whatever their offset."""
    window = scope(lines).pop("time_range", None) or {}
    since, until = window.get("since") or "", window.get("until") or "~"
    yield from without(lines, lambda record: not since <= record["data"]["at"] < until)
