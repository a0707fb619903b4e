"""Sentences about what the list of all connections, and one alone, ask of the database."""

from __future__ import annotations

from pdpp_tck.evidence.summarised import Row, Summarised, most_rows, most_statements
from pdpp_tck.evidence.views import Evidence
from pdpp_tck.judging import Judge
from pdpp_tck.sentence import then


@then("the list costs the same few statements at every size, and no write")
def bounded(evidence: Evidence, judge: Judge) -> None:
    """Pages and chunks are legal for strangers: statements may grow with pages of a hundred, no faster."""
    costs = Summarised(evidence).costs("list")
    told = [(cost["connections"], cost["traced"]) for cost in costs]
    judge(len(costs) > 1, expected="reads of the list at several sizes", seen=told)
    for cost in costs:
        most = most_statements(cost["connections"])
        reads = cost["traced"]["reads"]
        expected = f"1 to {most} statements at {cost['connections']} connections"
        judge(0 < reads <= most, expected=expected, seen=told)
        judge(not cost["traced"]["writes"], expected="no write in steady state", seen=told)
        _lists(judge, cost)


def _lists(judge: Judge, cost: Row) -> None:
    """What lists nothing costs nothing; a page may be one of several, and is none without a row."""
    rows, connections = cost["rows"], cost["connections"]
    whole = rows["named"] >= (1 if rows["more"] else connections)
    judge(whole, expected=f"a row for each of {connections} connections in the list", seen=rows)


@then("the list reads a few rows a connection, however many records there are")
def rows_read(evidence: Evidence, judge: Judge) -> None:
    """Evidence and sizes: no records, no history, no spine, no runs."""
    for cost in Summarised(evidence).costs("list"):
        most = most_rows(cost["connections"])
        expected = f"at most {most} rows at {cost['connections']} connections"
        judge(0 < cost["traced"]["rows_read"] <= most, expected=expected, seen=cost["traced"])
        _lists(judge, cost)


@then("one connection alone costs the same at every size")
def alone_costs(evidence: Evidence, judge: Judge) -> None:
    """A scoped read asks for nothing of the other connections."""
    for what in ("alone", "diagnostics"):
        costs = Summarised(evidence).costs(what)
        rows = [cost["traced"]["rows_read"] for cost in costs]
        reads = [cost["traced"]["reads"] for cost in costs]
        expected = f"one number of rows and statements for {what} at every size"
        judge(len({*rows}) == 1 == len({*reads}) and bool(rows[0]), expected=expected, seen=[rows, reads])
