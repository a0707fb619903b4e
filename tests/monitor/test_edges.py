"""The monitor at its edges: odd shapes, long and deep lines, times to any fraction."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from conversations import LIMITS, Part, ending, lines, note, out, start, tag
from single_lines import (
    done,
    exits,
    raw,
    record,
    whole,
)

from pdpp_tck.monitor import Limits, watch
from pdpp_tck.monitor.bounds import instant


def test_without_a_manifest_only_the_wire_is_judged() -> None:
    """A manifest of the wrong shape draws no limits."""
    parts = whole(record({"id": 1}, "other", "notes"), tag("a", 1))
    assert watch(lines(parts), Limits.of({"streams": "none"}))[0].rule == "CP-05"
    assert watch(lines(whole(tag("a", 1))), Limits.of({})) == []


def test_an_array_key_selects_as_compact_json() -> None:
    """Resources name a key of several parts without blanks and without escapes."""
    narrowed = start()
    scope = {"streams": [{"name": "tags", "resources": ['["é","1"]']}]}
    narrowed = Part("START", "in", narrowed.message | {"scope": scope})
    for key, rules in ((("é", 1), []), (("e", 1), ["CP-05"])):
        parts = [narrowed, tag(*key), *ending([tag(*key)])]
        assert [breach.rule for breach in watch(lines(parts), LIMITS)] == rules


ODD: list[Any] = [None, True, 5, 1.5, "x", [], [1], [{}], {}, {"a": [None]}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_odd_shapes_are_judged_and_never_stumbled_over(odd: Any) -> None:
    """Whatever a host's START, a manifest or a last line holds, the monitor goes on."""
    streams: list[Any] = [odd, {"name": odd}]
    for part in ("schema", "primary_key", "state_stream", "consent_time_field", "selection", "semantics"):
        streams.append({"name": "notes", part: odd})
    run = [note("n-1"), out("STATE", stream="notes", cursor={}), done(1)]
    for stream in streams:
        for manifest in (odd, {"streams": odd}, {"streams": [stream]}):
            watch(lines([start(), *run, exits(0)]), Limits.of(manifest))
    for scope in (odd, {"streams": odd}, {"streams": [odd]}, {"streams": [{"name": odd}]}):
        sent = Part("START", "in", start().message | {"scope": scope})
        watch(lines([sent, *run, exits(0)]), LIMITS)
    for field in ("resources", "fields", "time_range"):
        sent = Part("START", "in", start().message | {"scope": {"streams": [{"name": "notes", field: odd}]}})
        watch(lines([sent, *run, exits(0)]), LIMITS)
    assert watch(lines([start(), done(0), Part("exit", "exit", {}, repr(odd).encode())]), LIMITS) == []


def test_a_line_of_64_mib_is_the_longest() -> None:
    """Bytes count, not characters."""
    fits = '{"type":"PROGRESS","message":"' + "é" * (32 * 1024 * 1024 - 20) + '"}'
    assert watch(lines(whole(raw(fits))), LIMITS) == []
    (breach,) = watch(lines(whole(raw(fits.replace("é", "éé", 40)))), LIMITS)
    assert (breach.rule, breach.n) == ("CP-02", 2)
    assert "longer than" in breach.what


def test_nesting_has_a_bound() -> None:
    """As many levels as every reader can take."""
    for levels, rules in ((150, []), (250, ["CP-02"])):
        text = '{"type":"STATE","stream":"notes","cursor":' + '{"a":' * levels + "1" + "}" * (levels + 1)
        assert [breach.rule for breach in watch(lines(whole(raw(text))), LIMITS)] == rules


def test_instants_compare_to_any_fraction_and_offset() -> None:
    """Fractions are decimals, not texts; the sign of an offset is in its hours even where these are zero."""
    day = "2024-05-01T00:00:00"
    ordered = [instant(f"{day}{part}Z") for part in ("", ".000000001", ".45", ".5", ".500000001")]
    assert all(one is not None and other is not None and one < other for one, other in pairwise(ordered))
    assert instant(f"{day}.50Z") == instant(f"{day}.5Z")
    assert instant("2024-05-01T00:30:00-00:30") == instant("2024-05-01T01:00:00Z")
    assert instant("2024-05-01T00:30:00+00:30") == instant(f"{day}Z")


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T24:00:00Z",
        "2024-05-01T00:60:00Z",
        "2024-05-01T00:00:61Z",
        "2024-05-01T00:00:00+24:00",
        "2024-05-01T00:00:00-24:00",
        "2024-05-01T00:00:00+00:60",
        "2024-02-30T00:00:00Z",
    ],
)
def test_what_is_beyond_a_clock_is_no_instant(text: str) -> None:
    """Each part has an end of its own."""
    assert instant(text) is None
