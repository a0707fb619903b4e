"""A real IMAP server on loopback: dovecot, with a configuration and mail of its own below one folder."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from imapclient import IMAPClient
from parts import missing

PASSWORD = "correct-horse-7d21"
"""Every login's; it may stand nowhere in what a connector says."""

_CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
auth_mechanisms = plain
auth_failure_delay = 0
disable_plaintext_auth = no
first_valid_uid = 1
mail_location = maildir:~/mail:LAYOUT=fs
mail_fsync = never
imap_fetch_failure = no-after
service imap-login {{
  {chroot}
  service_count = 0
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  {chroot}
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  {chroot}
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/homes/%u
}}
"""


@dataclass(slots=True)
class Account:
    """One login of the server, with no mail yet."""

    login: str
    port: int
    maildir: Path
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """As a path's source names it."""
        return f"imap://{self.login}@{self.host}:{self.port}"

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """The owner's own mail program."""
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20) as client:
            client.plain_login(self.login, PASSWORD)
            yield client

    def append(self, mailbox: str, *messages: bytes) -> None:
        """Put messages into a mailbox, which comes to be with the first one; names have `.` in them."""
        with self.client() as client:
            if mailbox != "INBOX" and not client.folder_exists(mailbox):
                client.create_folder(mailbox)
            for message in messages:
                client.append(mailbox, message)

    def bury(self, mailbox: str, messages: Iterator[bytes]) -> None:
        """Put many messages into a new mailbox, behind the server's back."""
        self.append(mailbox)
        for number, message in enumerate(messages):
            (self.maildir / mailbox / "cur" / f"{number:06d}.x:2,").write_bytes(message)


@dataclass(slots=True)
class ImapServer:
    """A running dovecot."""

    home: Path
    port: int
    tls_port: int
    process: subprocess.Popen[bytes]
    _numbers: Iterator[int] = field(default_factory=count)

    def account(self) -> Account:
        """A login that nobody had before."""
        login = f"ann{next(self._numbers)}@example.org"
        return Account(login, self.port, self.home / "homes" / login / "mail")

    def disconnect(self, login: str) -> None:
        """End every connection of a login."""
        kick = ["doveadm", "-c", str(self.home / "dovecot.conf"), "kick", login]
        subprocess.run(kick, check=True, capture_output=True)

    def stop(self) -> None:
        """End it, and every connection."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(separator: str = ".", tls: tuple[Path, Path] | None = None) -> Iterator[ImapServer]:
    """A server, until the block is left; `tls` is a certificate and its key."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        missing("dovecot", "no such program; on Debian install the package dovecot-imapd")
    # Its sockets' names must be short, and its own users must get at them.
    home = Path(tempfile.mkdtemp(prefix="imap-"))
    home.chmod(0o755)
    try:
        server = _started(program, home, separator, tls)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _started(program: str, home: Path, separator: str, tls: tuple[Path, Path] | None) -> ImapServer:
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    (home / "homes").mkdir()
    os.chown(home / "homes", owner.pw_uid, owner.pw_gid)
    port, tls_port = _free_ports(2)
    config = _CONFIG.format(
        home=home,
        port=port,
        tls_port=tls_port if tls else 0,
        separator=separator,
        password=PASSWORD,
        uid=owner.pw_uid,
        gid=owner.pw_gid,
        chroot="" if os.geteuid() == 0 else "chroot =",
    )
    config += f"ssl = yes\nssl_cert = <{tls[0]}\nssl_key = <{tls[1]}\n" if tls else "ssl = no\n"
    if os.geteuid() != 0:
        names = ("default_internal_user", "default_login_user", "default_internal_group")
        config += "".join(f"{name} = {owner.pw_name}\n" for name in names)
    (home / "dovecot.conf").write_text(config)
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(
            [program, "-F", "-c", str(home / "dovecot.conf")],
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    server = ImapServer(home, port, tls_port, process)
    _await_greeting(server)
    return server


def _await_greeting(server: ImapServer) -> None:
    until = time.monotonic() + 20
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.port), 1) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        if server.process.poll() is not None or time.monotonic() > until:
            server.stop()
            said = [(server.home / name) for name in ("said", "log")]
            raise RuntimeError("".join(file.read_text() for file in said if file.exists()))
        time.sleep(0.02)


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    for taken in sockets:
        taken.bind(("127.0.0.1", 0))
    ports = [taken.getsockname()[1] for taken in sockets]
    for taken in sockets:
        taken.close()
    return ports
