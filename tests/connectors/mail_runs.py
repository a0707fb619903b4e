"""Mailboxes on disk, and the `mailbox` program run over them."""

from __future__ import annotations

import sys
from pathlib import Path

from connector_runs import CANARY, Source

COMMAND = (sys.executable, "-P", "-m", "pdpp_plugins.connectors.mailbox")

POSTMARK = b"From ann@x Thu Jan  1 00:00:00 2026\n"


def mail(
    ident: int | str | None,
    body: str | bytes = "",
    date: str = "Thu, 01 Jan 2026 00:00:00 +0000",
    **fields: str,
) -> bytes:
    """One message; a field's name is written with `_` for `-`."""
    lines = [f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items()]
    lines += [f"Message-ID: <m{ident}@x>\n"] if ident is not None else []
    lines += [f"Date: {date}\n", "From: Ann <ann@x>\n", "\n"]
    text = body or f"{CANARY} {ident}\n"
    return "".join(lines).encode() + (text if isinstance(text, bytes) else text.encode())


def mbox(*messages: bytes) -> bytes:
    """The messages as an mbox file; what needs quoting must have it."""
    return b"".join(POSTMARK + message.removesuffix(b"\n") + b"\n\n" for message in messages)


class Mail(Source):
    """A source that tests write, and runs over it."""

    command = COMMAND
    streams = ("messages",)

    def append(self, name: str, *messages: bytes) -> Path:
        """Append messages to an mbox file, which comes to be with the first one."""
        file = self.root / name
        file.parent.mkdir(exist_ok=True, parents=True)
        with file.open("ab") as out:
            out.write(mbox(*messages))
        return file

    def deliver(self, folder: str, name: str, message: bytes | None = None) -> Path:
        """Put a message into a Maildir folder, or only make the folder."""
        for part in ("cur", "new", "tmp"):
            (self.root / folder / part).mkdir(exist_ok=True, parents=True)
        file = self.root / folder / name
        if message is not None:
            file.write_bytes(message)
        return file
