"""Whether what DETAIL_COVERAGE counts adds up with what was fetched and what is told as a gap (CP-09)."""

from __future__ import annotations

from collections.abc import Iterator

from pdpp_tck.monitor.bounds import key_text
from pdpp_tck.monitor.heard import Breach, Heard


class Details:
    """Hears coverage and gaps; what a coverage leaves open must be told as a gap before the run ends."""

    def __init__(self) -> None:
        self._owed: dict[tuple[str, str], int] = {}
        self._told: set[tuple[str, str]] = set()
        self._whole: set[str] = set()

    def heard(self, heard: Heard) -> Iterator[Breach]:
        """A coverage whose keys do not add up; a succeeded DONE while a gap was not told."""
        if heard.direction != "out" or heard.message is None or heard.flaw:
            return
        stream = heard.stream or ""
        if heard.type == "DETAIL_COVERAGE":
            yield from self._coverage(heard, stream)
        elif heard.type == "DETAIL_GAP" and heard.message.get("record_key") is not None:
            self._told.add((stream, key_text(heard.message["record_key"])))
        elif heard.type in ("DETAIL_GAP", "SKIP_RESULT"):
            self._whole.add(stream)
        elif heard.type == "DONE" and heard.message.get("status") == "succeeded":
            yield from self._untold()

    def ended(self, n: int, status: int) -> Iterator[Breach]:
        """Nothing: DONE is where accounts are closed."""
        return iter(())

    def _coverage(self, heard: Heard, stream: str) -> Iterator[Breach]:
        message = heard.message or {}
        required, hydrated = set(message["required_keys"]), set(message["hydrated_keys"])
        gaps = set(message.get("gap_keys") or ())
        for what, keys in (
            ("neither fetched nor named as a gap", required - hydrated - gaps),
            ("fetched and named as a gap as well", hydrated & gaps),
            ("accounted for and was never required", (hydrated | gaps) - required),
        ):
            if keys:
                yield Breach("CP-09", heard.n, f"the detail {min(keys)!r} of stream {stream!r} is {what}")
                return
        self._owed.update({(stream, key): heard.n for key in gaps})

    def _untold(self) -> Iterator[Breach]:
        for (stream, key), n in self._owed.items():
            if (stream, key) not in self._told and stream not in self._whole:
                yield Breach("CP-09", n, f"the gap {key!r} of stream {stream!r} is in no DETAIL_GAP")
                return
