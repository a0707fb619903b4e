"""Summaries as a Then reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pdpp_tck.evidence.owing import Owed
from pdpp_tck.evidence.views import Evidence

Row = dict[str, Any]
STATEMENTS = 12
ROWS_EACH = 3


class Summarised:
    """What was seen of summaries; everything here is a host's to show."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    def look(self, moment: str | None = None) -> Row:
        """The look of that moment, or the last one."""
        self.ready()
        looks = list(self._evidence.entries("summaries"))
        for entry in looks:
            if entry["moment"] == moment:
                return entry
        if not looks or moment is not None:
            raise Owed("kit", f"nobody looked at {moment!r}")
        return looks[-1]

    def row(self, name: str, moment: str | None = None, which: str = "list") -> Row:
        """The connection's row of the full list; `again` is the list that was read last."""
        return row_of(self.look(moment), name, which)

    def alone(self, name: str, what: str, moment: str | None = None) -> Row:
        """A connection by itself: its `detail`, its `scoped` row or its `diagnostics`."""
        status, body = self.look(moment)["alone"][name][what]
        if status != 200 or not isinstance(body, dict):
            raise Owed("host", f"the {what} of connection {name!r} were answered {status} {body!r}")
        return listed([status, body])[0] if what == "scoped" else body

    def answer(self, name: str, what: str) -> Any:
        """The status and the body of such a read, whatever they are."""
        return self.look()["alone"][name][what]

    def run(self, called: str) -> str:
        """The id of a staged run."""
        self.ready()
        for entry in self._evidence.entries("staged run"):
            if entry["called"] == called and entry["run_id"]:
                return str(entry["run_id"])
        raise Owed("host", f"the stage made no run {called!r}")

    def told(self) -> set[str]:
        """The reasons that staged runs or their surfaces gave."""
        return {reason for entry in self._evidence.entries("staged run") for reason in entry["told"]}

    def run_of(self, name: str, which: str) -> Row | None:
        """`last_run` or `last_successful_run`: from the list, else, where it omits both, scoped."""
        row = self.row(name)
        if not any("last_run" in each or "last_successful_run" in each for each in self.rows()):
            row = self.alone(name, "scoped")
        found = row.get(which)
        return found if isinstance(found, dict) else None

    def rows(self) -> list[Row]:
        """The full list, the last time."""
        return listed(self.look()["list"])

    def costs(self, what: str) -> list[Row]:
        """What reads of that kind cost, in order; a host with a trace owes them."""
        self.ready()
        found = [entry for entry in self._evidence.entries("cost") if entry["what"] == what]
        for entry in found:
            if entry["status"] != 200 or not isinstance(entry["traced"], dict):
                raise Owed(
                    "host", f"a read of {what} was answered {entry['status']}, traced {entry['traced']}"
                )
        return found

    def flight(self) -> Row:
        """What readers saw who came while a look was held open."""
        self.ready()
        for entry in self._evidence.entries("flight"):
            return entry
        raise Owed("kit", "nobody read together")

    def failed_flight(self) -> Row:
        """What readers saw who came while a look was held open that failed in the end."""
        self.ready()
        for entry in self._evidence.entries("failed flight"):
            return entry
        raise Owed("kit", "nobody read together")

    def ready(self) -> None:
        """Nothing, when the stage did what it was told."""
        self._evidence.configured()
        for entry in self._evidence.entries("stage"):
            if entry.get("status") != 200:
                told = entry.get("body", entry.get("unreachable"))
                raise Owed("host", f"the stage answered {entry['path']} by {entry.get('status')} {told!r}")


def listed(answer: Any) -> list[Row]:
    """The rows of a list's answer; a host owes it."""
    status, page = answer
    rows = page.get("data") if isinstance(page, dict) else None
    if status != 200 or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Owed("host", f"the list was answered {status} {str(page)[:200]}")
    return rows


def row_of(look: Row, name: str, which: str = "list") -> Row:
    """A connection's row of a list in one look; a host owes it."""
    for row in listed(look[which]):
        if row.get("connection_id") == look["ids"][name]:
            return row
    raise Owed("host", f"the list has no row of connection {name!r}")


def counted(page: Any) -> dict[str, Any]:
    """How many connections a list names, and whether it says that there are more."""
    told = page if isinstance(page, dict) else {}
    rows = told.get("data")
    named = [row.get("connection_id") for row in rows or () if isinstance(row, dict)] if rows else []
    more = bool(told.get("has_more") or told.get("next_cursor"))
    return {"named": len(set(map(str, named))), "more": more}


def most_statements(connections: int) -> int:
    """For the full list: pages and chunks of a hundred are legal, statements for each connection are not."""
    return STATEMENTS + connections // 100 * STATEMENTS


def most_rows(connections: int) -> int:
    """For the full list: evidence and sizes, no records, no history, no spine, no runs."""
    return ROWS_EACH * connections + STATEMENTS


def beyond(costs: Sequence[Row]) -> bool:
    """Whether what was seen so far is too much already, so that larger sizes would show nothing new."""
    alone: dict[str, set[tuple[int, int]]] = {}
    for cost in costs:
        traced, connections = cost["traced"], cost["connections"]
        if cost["status"] != 200 or not isinstance(traced, dict):
            return True
        if cost["what"] != "list":
            alone.setdefault(cost["what"], set()).add((traced["reads"], traced["rows_read"]))
        elif (
            traced["writes"]
            or traced["reads"] > most_statements(connections)
            or traced["rows_read"] > most_rows(connections)
        ):
            return True
    return any(len(seen) > 1 for seen in alone.values())
