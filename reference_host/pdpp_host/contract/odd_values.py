"""Values that databases disagree about: stored exactly, or refused before anything is written."""

from __future__ import annotations

import msgspec

from pdpp_host.contract.case import StorageCase
from pdpp_host.contract.entries import batch, raw_upsert, read, upsert
from pdpp_host.domain.entities import RecordWrite
from pdpp_host.ports import StorageError

ODD: dict[str, RecordWrite] = {
    "text of four bytes a character": upsert("🙂", text="𝔘𝔫𝔦𝔠𝔬𝔡𝔢 🙂"),
    "a megabyte": upsert("1", text="x" * 1_000_000),
    "a key of two kilobytes": upsert("k" * 2000),
    "a number beyond 64 bits": raw_upsert("1", f'{{"n":{10**30},"m":-{10**25}}}'),
    "an escaped NUL in data": raw_upsert("1", '{"text":"a\\u0000b"}'),
    "a NUL in a key": upsert("a\0b"),
    "an escaped lone surrogate in data": raw_upsert("1", '{"text":"\\ud800"}'),
    "an escaped pair of surrogates": raw_upsert("1", '{"text":"\\ud83d\\ude42"}'),
    "a lone surrogate in a key": raw_upsert("\ud800", "{}"),
    "a hundred levels": raw_upsert("1", '{"a":' * 100 + "1" + "}" * 100),
    "five thousand levels": raw_upsert("1", '{"a":' + "[" * 5000 + "]" * 5000 + "}"),
    "an empty text and an empty name": raw_upsert("", '{"":"","a":null,"b":[],"c":{}}'),
    "keys in no order, twice spelled": raw_upsert("1", '{"b":1,"a":2.50,"A":1e2}'),
    "text that SQL quotes": upsert("'; --", text="\\N\t\r\n\"'\\"),
    "an identity of three kilobytes": msgspec.structs.replace(upsert("1"), record_id="r" * 3000),
}


class OddValues(StorageCase):
    """Each odd value on a database of its own."""

    def test_odd_values_are_kept_exactly_or_refused_whole(self) -> None:
        """What was taken comes back equal; what was refused has left nothing, not even its neighbour."""
        for n, (name, odd) in enumerate(ODD.items()):
            connection = f"con-{n}"
            answer = self.outcome(odd, connection)
            found = {record.key: record for record in read(self.storage, connection)}
            if answer is None:
                assert odd.data is not None
                assert found.keys() == {"neighbour", odd.key}, name
                assert found[odd.key].data == msgspec.json.decode(odd.data), name
                assert found[odd.key].record_id == odd.record_id, name
            else:
                assert found == {}, f"{name}: refused ({answer}), and yet something was written"

    def test_odd_names_find_nothing(self) -> None:
        """A question that names something by text that no storage can hold finds nothing, and no fault."""
        with self.storage.read() as view:
            for odd in ("a\0b", "\ud800"):
                assert view.connection(odd) is None
                assert view.run(odd) is None
                assert view.record("messages", odd, ["con-1", odd]) is None
                assert view.timeline(odd) == []

    def outcome(self, odd: RecordWrite, connection: str) -> str | None:
        """How the storage answers to a batch with an odd record in it: None, or the refusal."""
        try:
            with self.storage.write() as unit:
                unit.write_records(batch(upsert("neighbour"), odd, connection=connection))
                unit.commit()
        except StorageError as error:
            return str(error)
        return None
