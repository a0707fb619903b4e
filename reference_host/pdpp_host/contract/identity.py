"""The contract of an identity rule: what a host relies on, whatever the rule knows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Any, get_args

import msgspec

from pdpp_host.domain.entities import Method
from pdpp_host.domain.identity import IdentityRule, Proof, SourceBinding

_METHODS: tuple[Method, ...] = get_args(Method)
_MAIL = "ana@mail.example"
_ODD = (
    None,
    "",
    " ",
    _MAIL,
    _MAIL.upper(),
    f"mailto:{_MAIL}",
    "imap://",
    "imap://[",
    "\0",
    "\ud800",
    "é" * 400,
)
_ODD_VALUES: tuple[Any, ...] = (None, 1, [], {}, "", "\0")
_ODD_DATA: tuple[dict[str, Any], ...] = (
    {},
    {"id": None, "mailbox": None, "message_id": None},
    {"id": 1, "mailbox": [], "message_id": {}},
    {"id": "", "mailbox": "", "message_id": ""},
    {"id": "\ud800@\0", "mailbox": "\ud800", "message_id": "@"},
)


class IdentityContract:
    """Subclass it with a `rule`, and name the subclass `Test…` under pytest.

    `same` are pairs of bindings that the rule proves to be one source, `records` are
    (stream, method, key, data) of records that it names: a rule that proves nothing, or names nothing,
    leaves the one or the other empty, but not both.
    """

    rule: IdentityRule
    same: tuple[tuple[SourceBinding, SourceBinding], ...] = ()
    records: tuple[tuple[str, Method, str, dict[str, Any]], ...] = ()

    def test_it_has_something_to_say(self) -> None:
        """It has a name, and proves or names what its author says that it does."""
        assert isinstance(self.rule.name, str)
        assert self.rule.name
        assert isinstance(self.rule.from_the_start, bool)
        assert self.same or self.records, "say in `same` or `records` what the rule proves or names"
        for a, b in self.same:
            assert self.rule.prove_same_source(a, b) is not None, f"{a} and {b} are not proved to be one"
        for record in self.records:
            assert self.rule.logical_record(*record) is not None, f"{record} has no name"

    def test_it_is_deterministic(self) -> None:
        """Asked again it says the same."""
        for a, b in self._pairs():
            assert self.rule.prove_same_source(a, b) == self.rule.prove_same_source(a, b)
            assert self.rule.wanting(a, b) == self.rule.wanting(a, b)
        for record in self._records():
            assert self.rule.logical_record(*record) == self.rule.logical_record(*record)

    def test_it_is_symmetric(self) -> None:
        """What it says of (a, b) it says of (b, a)."""
        for a, b in self._pairs():
            assert self.rule.prove_same_source(a, b) == self.rule.prove_same_source(b, a), f"{a}, {b}"

    def test_an_e_mail_address_alone_proves_nothing(self) -> None:
        """Two bindings that have an e-mail address in common, and nothing else, are not proved to be one."""
        for part in ("account", "profile", "device", "local"):
            for address in (_MAIL, _MAIL.upper(), f" {_MAIL} ", f"mailto:{_MAIL}", f"<{_MAIL}>"):
                a = _binding("import", "owner_artifact", **{part: address})
                b = _binding("api", "provider_api", **{part: address})
                assert self.rule.prove_same_source(a, b) is None, f"{part} {address!r}"

    def test_nothing_known_proves_nothing(self) -> None:
        """Two bindings of which nothing is known are not proved to be one, not even of one connector."""
        for method in _METHODS:
            a = _binding("same", method)
            assert self.rule.prove_same_source(a, a) is None

    def test_a_proof_says_why(self) -> None:
        """A proof names the rule and has a reason, and what is wanting is told in words."""
        for a, b in self._pairs():
            proof = self.rule.prove_same_source(a, b)
            assert proof is None or (proof.rule == self.rule.name and proof.reason)
            assert isinstance(self.rule.wanting(a, b), str)

    def test_reconciliation_is_a_question_of_its_own(self) -> None:
        """Whether a refresh may cross is answered with yes or no, for streams nobody has heard of too."""
        for stream in ("messages", "", "\ud800", *(record[0] for record in self.records)):
            proof = Proof(self.rule.name, "the contract asks")
            assert self.rule.authorises_reconciliation(proof, stream) in (True, False)

    def test_records_of_missing_or_odd_fields_are_no_mistake(self) -> None:
        """A record that lacks what the rule looks for has no name, and raises nothing."""
        for record in self._records():
            name = self.rule.logical_record(*record)
            assert name is None or (isinstance(name, str) and name)
        for stream, method, key, _ in self.records:
            assert self.rule.logical_record(stream, method, key, {}) is None or key

    def _pairs(self) -> Iterator[tuple[SourceBinding, SourceBinding]]:
        yield from self.same
        odd = [_binding("import", _METHODS[n % len(_METHODS)], account=text) for n, text in enumerate(_ODD)]
        odd += [_binding("api", "provider_api", profile=text, local=text) for text in _ODD]
        known = [binding for pair in self.same for binding in pair]
        lacking = [msgspec.structs.replace(binding, account=None, local=None) for binding in known]
        yield from combinations_with_replacement([*odd, *known, *lacking], 2)

    def _records(self) -> Iterator[tuple[str, Method, str, dict[str, Any]]]:
        yield from self.records
        for stream in {"messages", "", *(record[0] for record in self.records)}:
            for method in _METHODS:
                for data in _ODD_DATA:
                    yield stream, method, "", data
        for stream, method, key, data in self.records:
            for name in data:
                rest = {each: data[each] for each in data if each != name}
                yield stream, method, key, rest
                for odd in _ODD_VALUES:
                    yield stream, method, key, rest | {name: odd}


def _binding(connector: str, method: Method, **known: str | None) -> SourceBinding:
    return SourceBinding(connector, method, **known)
