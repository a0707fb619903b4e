"""Every face of a host, held to the model."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, cast

from sqlalchemy import text as sql

from pdpp_plugins.storage.reading import View

from .asking import Going
from .choices import WORDS
from .driven import Driven
from .model import STREAMS, Batch, Connection, Model


def heard(driven: Driven, model: Model, going: Going, imported: bool) -> None:
    """START had the cursors of this path, of the streams that go on."""
    start = json.loads((driven.home / f"heard-{going.connection}").read_text())
    asked, own = going.asked, going.batch.path
    cursors = model.connections[going.connection].cursors
    due = {s: cursors[own, s] for s in asked.streams if (own, s) in cursors}
    if asked.claimed:
        due.pop("notes", None)
    assert start["state"] == (None if imported else due or None)


def look(driven: Driven, model: Model, name: str) -> None:
    """Every face of a connection shows what the model says, and nothing else."""
    connection = model.connections[name]
    listed = {each: driven.pages(f"/v1/streams/{each}/records", connection_id=name) for each in STREAMS}
    due = {
        each: Counter(
            _text(held.line.data) for held in connection.records.values() if held.line.stream == each
        )
        for each in STREAMS
    }
    for each, rows in listed.items():
        shown = Counter(_text(row["data"]) for row in rows)
        assert shown == due[each], f"{each} of {name}: +{shown - due[each]} -{due[each] - shown}"
        assert {row["connection_id"] for row in rows} <= {name}
        for row in rows:
            assert driven.ask("GET", f"/v1/streams/{each}/records/{row['record_id']}") == (200, row)
    for word in filter(None, WORDS):
        hits = driven.pages("/v1/search", q=word, connection_id=name)
        wanted = Counter(_text(h.line.data) for h in connection.records.values() if h.line.text == word)
        assert Counter(_text(row["data"]) for row in hits) == wanted, f"search for {word} in {name}"
    counted = {row["stream"]: row["records"] for row in driven.pages("/v1/streams", connection_id=name)}
    assert counted == {each: len(rows) for each, rows in listed.items() if rows}
    _behind(driven, name, connection)
    _inside(driven, name, connection)


def _behind(driven: Driven, name: str, connection: Connection) -> None:
    """Evidence, batches and cursors as the owner sees them."""
    told = driven.ask("GET", f"/_ref/connections/{name}/diagnostics")[1]
    assert told.get("superseded_by") == connection.superseded_by
    evidence = {(each["path"], each["stream"]): (each["seen"], each["only"]) for each in told["evidence"]}
    for own in range(len(connection.paths)):
        for each in STREAMS:
            there = [held.seen for held in connection.records.values() if held.line.stream == each]
            seen, only = sum(own in s for s in there), sum(s == {own} for s in there)
            assert evidence.get((own, each), (0, 0)) == (seen, only)
    batches = [
        Batch(
            each["batch_id"],
            each["path"],
            each["method"],
            each["status"],
            each["counts"]["parsed"],
            {claim["stream"]: claim.get("authority") for claim in each["coverage"]},
        )
        for each in driven.pages(f"/_ref/connections/{name}/batches")
    ]
    over = [batch for batch in connection.batches if batch.status != "open"]
    assert [batch.batch_id for batch in batches] == [batch.batch_id for batch in connection.batches]
    for batch, model in zip(batches, connection.batches, strict=True):
        if model in over and model.status == "completed":
            assert batch == model
        elif model in over:
            assert (batch.status, batch.path, batch.coverage) == (
                model.status,
                model.path,
                model.coverage,
            )
    state = driven.ask("GET", f"/_ref/connections/{name}/state")[1]["state"]
    cursors = {(int(own), each): c for own, streams in state.items() for each, c in streams.items()}
    assert cursors == connection.cursors


def _inside(driven: Driven, name: str, connection: Connection) -> None:
    """Every record has the batch that wrote it, of this connection, and the path of that batch."""
    asked = sql(
        "SELECT stream, data, seen_by, path, batch_id FROM records"
        " WHERE connection_id = :name AND NOT deleted"
    )
    with driven.host.services.storage.read() as view:
        rows = cast(View, view)._connection.execute(asked, {"name": name}).all()
    of = {batch.batch_id: batch.path for batch in connection.batches}
    found = Counter((each, _text(json.loads(data)), seen, by) for each, data, seen, _, by in rows)
    assert found == Counter(
        (h.line.stream, _text(h.line.data), sum(1 << own for own in h.seen), h.batch)
        for h in connection.records.values()
    )
    assert all(of[batch] == path for _, _, _, path, batch in rows)


def _text(data: Any) -> str:
    return json.dumps(data, sort_keys=True)
