"""The bundled rules keep the contract, and rules that do not are told so."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from pdpp_host.contract.identity import IdentityContract
from pdpp_host.domain.declared_rules import DeclaredRule
from pdpp_host.domain.identity import Proof, SourceBinding
from pdpp_plugins.identity.imap_account import ImapAccount
from pdpp_plugins.identity.rfc5322_message_id import MessageId

ARCHIVE = SourceBinding("mailbox", "owner_artifact", account="imap://ana@mail.example")
SERVER = SourceBinding("imap", "provider_api", account="imaps://ana@MAIL.example:993/")
MESSAGE = ("messages", "provider_api", '["INBOX","1@x"]', {"mailbox": "INBOX", "id": "1@x"})


class TestImapAccount(IdentityContract):
    """Accounts of a mail server."""

    rule = ImapAccount()
    same = ((ARCHIVE, SERVER),)


class TestMessageId(IdentityContract):
    """Messages by mailbox and Message-ID."""

    rule = MessageId()
    records = (MESSAGE,)  # type: ignore[assignment]


class TestDeclared(IdentityContract):
    """Rules that are told in data."""

    rule = DeclaredRule("declared", ({"account": "a"}, {"account": "b"}), {"messages": "text"}, ("messages",))
    same = ((structs.replace(ARCHIVE, account="a"), structs.replace(SERVER, account="b")),)
    records = (("messages", "device_sync", "k", {"text": "hello"}),)


class Wrong(ImapAccount):
    """Proves what has the same address, one way round, and another reason each time."""

    asked = 0

    def prove_same_source(self, a: SourceBinding, b: SourceBinding) -> Proof | None:
        self.asked += 1
        mail = (a.account or "").rpartition("//")[2].lower()
        if "@" in mail and mail in (b.account or "").lower() and a.method != "provider_api":
            return Proof("other", f"asked {self.asked} times")
        return None

    def logical_record(self, stream: str, method: Any, key: str, data: dict[str, Any]) -> Any:
        return data["id"]


@pytest.mark.parametrize(
    "name",
    [
        "test_it_is_deterministic",
        "test_it_is_symmetric",
        "test_an_e_mail_address_alone_proves_nothing",
        "test_a_proof_says_why",
        "test_records_of_missing_or_odd_fields_are_no_mistake",
    ],
)
def test_the_contract_bites(name: str) -> None:
    """A rule with these mistakes fails each of these tests."""

    class Case(IdentityContract):
        rule = Wrong()
        same = ((ARCHIVE, SERVER),)

    with pytest.raises((AssertionError, KeyError)):
        getattr(Case(), name)()


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("imap://ana@mail.example", "imap://ana@mail.example:143", True),
        ("imap://ana@mail.example", "imaps://ana@mail.example", True),
        ("imap://ana%40home@mail.example", "imaps://ana%40home@mail.example", True),
        ("imap://ana@mail.example", "imap://bea@mail.example", False),
        ("imap://ana@mail.example", "imap://ana@mail.example:1143", False),
        ("imap://ana@mail.example", "imap://ana@other.example", False),
        ("imap://mail.example", "imap://mail.example", False),
        ("http://ana@mail.example", "http://ana@mail.example", False),
        ("ana@mail.example", "ana@mail.example", False),
    ],
)
def test_an_account_is_a_login_of_a_server(a: str, b: str, same: bool) -> None:
    """Accounts are one where login and server are, whichever way is taken to it."""
    left, right = structs.replace(ARCHIVE, account=a), structs.replace(SERVER, account=b)
    assert (ImapAccount().prove_same_source(left, right) is not None) is same


def test_a_message_is_named_within_its_mailbox() -> None:
    """The same Message-ID in two mailboxes is two records, whatever else a run asked for; INBOX is one."""
    rule, (stream, method, key, data) = MessageId(), MESSAGE
    name = rule.logical_record(stream, method, key, data)  # type: ignore[arg-type]
    assert name == rule.logical_record(
        stream, "owner_artifact", "", {**data, "mailbox": "inbox", "text": "x"}
    )
    assert name != rule.logical_record(stream, "owner_artifact", "", {**data, "mailbox": "Archive"})
    assert rule.logical_record("calls", "owner_artifact", "", data) is None
    assert rule.logical_record(stream, "owner_artifact", "", {**data, "id": "0" * 64}) is None
