"""read_ledger: what it makes of a right file, and how it refuses each wrong one."""

import re
from pathlib import Path

import pytest

from pdpp_tck.ledger import errors, read_ledger

_RIGHT = """\
ledger_version = 1

[spec]
digest = "9737b9766fba5b32f151fbbe3502cb649bea79d27a5c7feafc17e68fe87f0516"

[[requirement]]
id = "BR-01"
title = "Bread SHALL be weighed"
change = "weigh-bread"
capability = "bakery"

[[requirement.clause]]
id = "BR-01/R1"
level = "SHALL"
kinds = ["connector"]
tier = "wire"
says = "Loaves go over the scale."
hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
same_as = "BR-01.1/T1"

[[requirement.scenario]]
id = "BR-01.1"
title = "A loaf comes out"
sends = "A baked loaf."
freedom = "Any scale."

[[requirement.scenario.clause]]
id = "BR-01.1/T1"
level = "SHALL NOT"
kinds = ["connector", "host"]
tier = "http"
says = "No loaf leaves unweighed."
hash = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A small ledger that is right."""
    path = tmp_path / "requirements.toml"
    path.write_text(_RIGHT, encoding="utf-8")
    return path


def _edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_right_file_is_read(file: Path) -> None:
    """Every field of every entry reaches the ledger."""
    (requirement,) = read_ledger(file).requirements
    (body,), (scenario,) = requirement.clauses, requirement.scenarios
    (outcome,) = scenario.clauses
    assert (requirement.id, requirement.title) == ("BR-01", "Bread SHALL be weighed")
    assert (requirement.change, requirement.capability) == ("weigh-bread", "bakery")
    assert (body.id, body.level, body.kinds, body.tier) == ("BR-01/R1", "SHALL", ("connector",), "wire")
    assert (body.says, body.hash, body.same_as) == ("Loaves go over the scale.", "a" * 64, "BR-01.1/T1")
    assert (scenario.id, scenario.title) == ("BR-01.1", "A loaf comes out")
    assert (outcome.level, outcome.kinds, outcome.same_as) == ("SHALL NOT", ("connector", "host"), None)


_TWIN = 'same_as = "BR-01.1/T1"'
_LAST = 'says = "No loaf leaves unweighed."'


@pytest.mark.parametrize(
    ("old", "new", "error", "entry", "field"),
    [
        ("ledger_version = 1", "ledger_version =", errors.UnreadableLedger, "the file", "all of it"),
        ("ledger_version = 1", "ledger_version = 2", errors.UnknownVersion, "the file", "ledger_version"),
        ("ledger_version = 1", "ledger_version = true", errors.UnknownVersion, "the file", "ledger_version"),
        ("ledger_version = 1", "", errors.UnknownVersion, "the file", "ledger_version"),
        ("[spec]", "[spec]\nurl = 1", errors.UnknownField, "spec", "url"),
        ("[spec]", "[text]", errors.UnknownField, "the file", "text"),
        ("[spec]\ndigest", "spec", errors.WrongType, "the file", "spec"),
        ("ledger_version = 1", "ledger_version = 1\nnote = 1", errors.UnknownField, "the file", "note"),
        ('capability = "bakery"', 'capabilty = "bakery"', errors.UnknownField, "BR-01", "capabilty"),
        ('title = "A loaf', 'titel = "A loaf', errors.UnknownField, "BR-01.1", "titel"),
        (_TWIN, 'sameas = "BR-01.1/T1"', errors.UnknownField, "BR-01/R1", "sameas"),
        ('capability = "bakery"', "", errors.MissingField, "BR-01", "capability"),
        ('id = "BR-01/R1"', "", errors.MissingField, "clause 1 of BR-01", "id"),
        (_LAST, 'says = ""', errors.MissingField, "BR-01.1/T1", "says"),
        ('kinds = ["connector"]', "kinds = []", errors.MissingField, "BR-01/R1", "kinds"),
        (_LAST, "says = 7", errors.WrongType, "BR-01.1/T1", "says"),
        ('kinds = ["connector"]', 'kinds = "connector"', errors.WrongType, "BR-01/R1", "kinds"),
        ('kinds = ["connector"]', "kinds = [1]", errors.WrongType, "BR-01/R1", "kinds"),
        ('kinds = ["connector"]', 'kinds = ["client"]', errors.UnknownChoice, "BR-01/R1", "kinds"),
        ('"SHALL NOT"', '"MUST"', errors.UnknownChoice, "BR-01.1/T1", "level"),
        ('tier = "http"', 'tier = "HTTP"', errors.UnknownChoice, "BR-01.1/T1", "tier"),
        ('id = "BR-01"', 'id = "BR1"', errors.MalformedId, "BR1", "id"),
        ('id = "BR-01/R1"', 'id = "BR-02/R1"', errors.MalformedId, "BR-02/R1", "id"),
        ('id = "BR-01.1"', 'id = "BR-01.x"', errors.MalformedId, "BR-01.x", "id"),
        ('id = "BR-01.1/T1"', 'id = "BR-01.1/R1"', errors.MalformedId, "BR-01.1/R1", "id"),
        ("a" * 64, "A" * 64, errors.MalformedHash, "BR-01/R1", "hash"),
        (_TWIN, 'same_as = "BR-01.1/T2"', errors.DanglingTwin, "BR-01/R1", "same_as"),
        (_TWIN, 'same_as = "BR-01.1"', errors.DanglingTwin, "BR-01/R1", "same_as"),
        (_TWIN, 'same_as = "BR-01/R1"', errors.CircularTwin, "BR-01/R1", "same_as"),
        (_LAST, _LAST + '\nsame_as = "BR-01/R1"', errors.CircularTwin, "BR-01/R1", "same_as"),
        ('kinds = ["connector"]', 'kinds = ["storage"]', errors.UnobservedKind, "BR-01/R1", "kinds"),
        ("a" * 64, "c" * 64, errors.DigestMismatch, "spec", "digest"),
    ],
)
def test_a_wrong_file_is_refused(
    file: Path, old: str, new: str, error: type[errors.LedgerError], entry: str, field: str
) -> None:
    """Each mistake has an error of its own, which names the file, the entry and the field."""
    _edit(file, old, new)
    with pytest.raises(error, match=re.escape(f"{file}: {entry}: {field}: ")) as raised:
        read_ledger(file)
    assert (raised.value.file, raised.value.entry, raised.value.field) == (file, entry, field)


def test_two_entries_of_one_id_are_refused(file: Path) -> None:
    """An id that is given twice is an error, whatever the entries say."""
    text = file.read_text(encoding="utf-8")
    last = text.index("[[requirement.scenario.clause]]")
    file.write_text(text + "\n" + text[last:], encoding="utf-8")
    with pytest.raises(errors.DuplicateId, match=r"BR-01\.1/T1.*number one of them anew"):
        read_ledger(file)


def test_a_kind_named_twice_is_refused(file: Path) -> None:
    """A kind that a clause names twice would be accounted for twice."""
    _edit(file, 'kinds = ["connector"]', 'kinds = ["connector", "connector"]')
    with pytest.raises(errors.RepeatedChoice, match="'connector'"):
        read_ledger(file)


@pytest.mark.parametrize("table", ["[[requirement.clause]]", "[[requirement.scenario.clause]]"])
def test_an_entry_without_clauses_is_refused(file: Path, table: str) -> None:
    """A requirement or scenario that obliges nobody to anything would be green by omission."""
    text = file.read_text(encoding="utf-8")
    start = text.index(table)
    end = text.find("[[requirement.scenario]]", start)
    file.write_text(text[:start] + (text[end:] if end > 0 else ""), encoding="utf-8")
    with pytest.raises(errors.MissingField, match="clause: is absent or empty"):
        read_ledger(file)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    """A ledger that is not there is a mistake of its own, not an empty ledger."""
    with pytest.raises(errors.UnreadableLedger, match="cannot be read"):
        read_ledger(tmp_path / "nothing.toml")


def test_the_digest_to_write_is_printed(file: Path) -> None:
    """Whoever changed a hash on purpose reads the new digest in the error."""
    _edit(file, "a" * 64, "c" * 64)
    with pytest.raises(errors.DigestMismatch) as raised:
        read_ledger(file)
    printed = str(raised.value).rsplit("'", 2)[1]
    _edit(file, "9737b9766fba5b32f151fbbe3502cb649bea79d27a5c7feafc17e68fe87f0516", printed)
    assert read_ledger(file).digest == printed
