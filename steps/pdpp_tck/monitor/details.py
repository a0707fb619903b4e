"""Whether what DETAIL_COVERAGE counts adds up with what was fetched and what is told as a gap (CP-09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pdpp_tck.monitor.bounds import key_text
from pdpp_tck.monitor.heard import Breach, Heard, texts

INFORMATIONAL = frozenset({"not_available_in_mode", "out_of_scope", "user_disabled"})


@dataclass(frozen=True, slots=True)
class Coverage:
    """One DETAIL_COVERAGE: what was wanted, what was fetched, what it names as gaps."""

    n: int
    required: frozenset[str]
    hydrated: frozenset[str]
    gaps: frozenset[str]


HELD = 1_000_000
"""So many keys are held; a run that names more has no accounts, for memory has an end."""


class Details:
    """Hears coverage and gaps, and closes the accounts of each stream at DONE, by its last coverage."""

    def __init__(self) -> None:
        self._held = 0
        self._coverage: dict[str, Coverage] = {}
        self._told: dict[str, set[str]] = {}
        self._whole: set[str | None] = set()

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """At DONE, the accounts that do not add up."""
        message, stream = heard.message or {}, heard.stream
        if self._held > HELD:
            self._coverage, self._told = {}, {}
        elif heard.says("DETAIL_COVERAGE"):
            self._held += sum(len(texts(message.get(f"{n}_keys"))) for n in ("required", "hydrated", "gap"))
            sets = (frozenset(texts(message.get(f"{name}_keys"))) for name in ("required", "hydrated", "gap"))
            self._coverage[stream or ""] = Coverage(heard.n, *sets)
        elif heard.says("DETAIL_GAP") and message.get("record_key") is not None:
            self._held += 1
            self._told.setdefault(stream or "", set()).add(key_text(message["record_key"]))
        elif heard.says("DETAIL_GAP", "SKIP_RESULT") and message.get("reason") not in INFORMATIONAL:
            self._whole.add(stream)
        elif heard.says("DONE"):
            for name, coverage in self._coverage.items():
                yield from self._closed(name, coverage, message["status"] == "succeeded")

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """Nothing: DONE is where accounts are closed."""
        return iter(())

    def _closed(self, stream: str, coverage: Coverage, succeeded: bool) -> Iterator[Breach]:
        told = self._told.get(stream, set())
        excused = bool(self._whole & {stream, None})
        open_ = coverage.required - coverage.hydrated - coverage.gaps - told
        untold = coverage.gaps - told if succeeded else frozenset()
        accounts = (
            ("neither fetched nor named as a gap", set() if excused else open_),
            ("fetched and named as a gap as well", coverage.hydrated & coverage.gaps),
            ("accounted for and was never required", (coverage.hydrated | coverage.gaps) - coverage.required),
            ("a gap that no DETAIL_GAP tells", set() if excused else untold),
        )
        for what, keys in accounts:
            if keys:
                yield Breach("CP-09", coverage.n, f"the detail {min(keys)!r} of stream {stream!r} is {what}")
                return
