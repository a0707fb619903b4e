"""`rfc5322_message_id`: a message of a mailbox is one record, by whichever method it was collected."""

from __future__ import annotations

from typing import Any

import msgspec
import pluggy

from pdpp_host.domain.entities import Method
from pdpp_host.domain.identity import Proof, SourceBinding

hookimpl = pluggy.HookimplMarker("pdpp_host")


class MessageId:
    """Names messages by their mailbox and Message-ID, as our mail connectors put them into `id`.

    Where another message of the mailbox has the same Message-ID, `id` tells them apart; one without a
    Message-ID has no name here. A copy in another mailbox is another record. Fields that a run did not ask
    for change nothing: every record of mail has these two.
    """

    name = "rfc5322_message_id"
    from_the_start = True

    def prove_same_source(self, a: SourceBinding, b: SourceBinding) -> None:
        """None: everybody in a conversation has the same messages."""

    def wanting(self, a: SourceBinding, b: SourceBinding) -> str:
        """That it never proves two sources to be one."""
        return "this rule knows messages, not sources"

    def logical_record(self, stream: str, method: Method, key: str, data: dict[str, Any]) -> str | None:
        """The mailbox and the Message-ID; INBOX is INBOX however it is spelt."""
        if stream != "messages":
            return None
        mailbox, ident = (data.get("mailbox"), data.get("id")) if data else _parts(key)
        if not isinstance(mailbox, str) or not isinstance(ident, str):
            return None
        if "@" not in ident:
            return None
        place = "INBOX" if mailbox.upper() == "INBOX" else mailbox
        return f"rfc5322:{place}\0{ident}"

    def authorises_reconciliation(self, proof: Proof, stream: str) -> bool:
        """Never: it proves no sources."""
        return False


def _parts(key: str) -> tuple[Any, Any]:
    """Mailbox and id of a delete, which has nothing but its key."""
    try:
        mailbox, ident = msgspec.json.decode(key, type=tuple[str, str])
    except msgspec.MsgspecError:
        return None, None
    return mailbox, ident


@hookimpl
def register_identity_rules() -> list[MessageId]:
    """The rule `rfc5322_message_id`."""
    return [MessageId()]
