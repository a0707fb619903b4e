"""How the console says what summaries hold: words, times and sizes for a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from pdpp_host.domain.entities import Method
from pdpp_host.summaries.shapes import Action, Freshness, KnownGap

ACTIONS: Mapping[Action, str] = {
    "none": "Nothing to do",
    "wait": "Wait",
    "run": "Run it",
    "retry": "Run it again",
    "resume": "End the pause",
    "import": "Import an artifact",
    "fix_credentials": "Give credentials that the source takes",
    "act_at_source": "Do what the source asks of you",
    "adjust_selection": "Choose again what is collected",
    "review_gaps": "Look at what is missing",
    "review_identity": "Look at the identity rules",
    "provide_surface": "Open a browser for the run",
    "reconnect": "Sign in again in the browser",
    "update_connector": "Get a connector that works",
    "rebuild": "Run pdpp-host rebuild",
}
METHODS: Mapping[Method, str] = {
    "owner_artifact": "owner artifact",
    "provider_api": "provider API",
    "device_sync": "device sync",
    "device_backup": "device backup",
    "browser_polyfill": "browser polyfill",
}
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def words(text: str) -> str:
    """A name of the protocol's as words."""
    return text.replace("_", " ")


def moment(at: datetime) -> Markup:
    """A time to the minute in UTC, which no machine has to guess."""
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        utc.isoformat().replace("+00:00", "Z"), f"{utc:%Y-%m-%d %H:%M} UTC"
    )


def span(seconds: float) -> str:
    """A stretch of time in its two largest units, rounded down."""
    left = int(seconds)
    told: list[str] = []
    for unit, size in _UNITS:
        if left >= size and len(told) < 2:
            told.append(f"{left // size} {unit}")
            left %= size
        elif told:
            break
    return " ".join(told) or f"{left} s"


def took(began: datetime, ended: datetime) -> str:
    """How long something took."""
    return span(max(ended - began, timedelta()).total_seconds())


def size(count: int) -> str:
    """A number of bytes in the unit that fits."""
    value, unit = float(count), 0
    while value >= 1024 and unit < len(_SIZES) - 1:
        value, unit = value / 1024, unit + 1
    return f"{count} B" if unit == 0 else f"{value:.1f} {_SIZES[unit]}"


def number(count: int) -> str:
    """A count, its thousands apart."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def spent(freshness: Freshness) -> int | None:
    """How many hundredths of the threshold have passed, at most 100; None where nothing is known."""
    if freshness.age_seconds is None or freshness.threshold_seconds <= 0:
        return None
    return min(100, round(100 * freshness.age_seconds / freshness.threshold_seconds))


def hint(gap: KnownGap) -> str | None:
    """What a gap's connector says would help, where it says so in a word."""
    action = (gap.recovery_hint or {}).get("action")
    return words(action) if isinstance(action, str) else None
