"""Records are looked for by a number, and told apart by their names."""

from __future__ import annotations

import pytest

from pdpp_host.domain.entities import Counts
from pdpp_plugins.storage import incoming, reading
from pdpp_plugins.storage.incoming import fingerprint
from pdpp_plugins.storage.sql_storage import SqlStorage

from .builders import delete, digest, keys, read, upsert, write


def test_a_fingerprint_stays_what_it_is() -> None:
    """It is kept, so that another one for the same names would lose every record that is there."""
    assert fingerprint("con_1", "messages", "a") == -8322264829035541370


def test_records_of_one_fingerprint_stay_apart(storage: SqlStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two with the same fingerprint connection, stream and record id decide which is meant."""
    for module in (incoming, reading):
        monkeypatch.setattr(module, "fingerprint", lambda *names: 7)
    assert write(storage, upsert("1"), upsert("2")) == Counts(accepted=2)
    assert write(storage, upsert("1"), connection="con-2") == Counts(accepted=1)
    assert write(storage, upsert("1"), stream="calls") == Counts(accepted=1)
    assert write(storage, upsert("1"), upsert("2", n=2), upsert("3")) == Counts(accepted=2, updated=1)
    assert write(storage, delete("1"), connection="con-2") == Counts(deleted=1)
    kept = [(found.key, found.data.get("n")) for found in read(storage)]
    assert kept == [("1", None), ("2", 2), ("3", None)]
    with storage.read() as view:
        for key in ("1", "2", "3"):
            found = view.record("messages", digest(key), ["con-2", "con-1"])
            assert found is not None
            assert (found.connection_id, found.key) == ("con-1", key)
        assert view.record("messages", digest("1"), ["con-2"]) is None
        assert view.record("messages", digest("1"), ["con-3"]) is None
    assert write(storage, upsert("1", n=3), connection="con-2") == Counts(accepted=1)
    assert keys(read(storage, "con-2")) == ["1"]
