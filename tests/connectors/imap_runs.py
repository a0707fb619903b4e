"""Accounts at a real IMAP server, and the `imap` program run over them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from connector_runs import Run, Source, environment, judge
from imap_server import PASSWORD, ImapServer

COMMAND = (sys.executable, "-P", "-m", "pdpp_plugins.connectors.imap")


class Imap(Source):
    """An account that tests write, and runs over it."""

    command = COMMAND
    streams = ("messages",)

    def __init__(self, server: ImapServer, home: Path) -> None:
        super().__init__(home)
        self.server = server
        self.account = account = server.account()
        self.url = account.url
        self.netrc = home / "netrc"
        self.netrc.write_text(f"machine {account.host} login {account.login} password {PASSWORD}\n")
        self.more: dict[str, str] = {}

    def append(self, mailbox: str, *messages: bytes) -> None:
        """Put messages into a mailbox."""
        self.account.append(mailbox, *messages)

    def disconnect(self) -> None:
        """End the server's side of every connection of this account."""
        self.server.disconnect(self.account.login)

    def start(self, state: Any = None, **scopes: dict[str, Any]) -> dict[str, Any]:
        """START, with the account's URL."""
        return {**super().start(state, **scopes), "bindings": {"network": {"base_url": self.url}}}

    def environment(self) -> dict[str, str]:
        """What the host lets the program see."""
        return {**environment(), "PDPP_IMAP_NETRC": str(self.netrc), **self.more}

    def speak(self, stdin: bytes) -> Run:
        """One run over these bytes of stdin; the password is nowhere in what it says."""
        child = subprocess.run(
            self.command, input=stdin, capture_output=True, env=self.environment(), timeout=120
        )
        assert PASSWORD.encode() not in child.stdout + child.stderr
        return judge(child.returncode, child.stdout, child.stderr)

    def popen(self) -> subprocess.Popen[bytes]:
        """A run whose START is written and of which nothing is read yet."""
        child = subprocess.Popen(self.command, stdin=-1, stdout=-1, stderr=-1, env=self.environment())
        assert child.stdin
        child.stdin.write(json.dumps(self.start()).encode() + b"\n")
        child.stdin.flush()
        return child
