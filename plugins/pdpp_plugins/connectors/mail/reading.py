"""Reading: one message out of a file that holds nothing else."""

from __future__ import annotations

from pdpp_plugins.connectors.mail.lines import pieces
from pdpp_plugins.connectors.mail.message import Message
from pdpp_plugins.connectors.prefix import Prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pdpp_plugins.connectors.mail.lines import Readable


def message_in(file: Readable, size: int) -> Message:
    """The message that the first `size` bytes of a file are."""
    message = Message(1, whole=True)
    for piece in pieces(file, size, Prefix()):
        message.feed(piece.raw, fresh=piece.fresh)
    message.finish()
    return message
