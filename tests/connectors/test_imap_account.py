"""`imap` before the first mailbox: the account, its password, the connection, and the library."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from imap_runs import Imap
from imap_server import PASSWORD, serving
from mail_runs import mail


def refused(imap: Imap) -> dict[str, object]:
    """The error of a run that could not begin, of which DONE is the only line."""
    run = imap.run()
    assert len(run.lines) == 1
    assert run.done["status"] == "failed"
    error: dict[str, object] = run.done["error"]
    return error


def test_a_wrong_password(imap: Imap) -> None:
    """A password that the server refuses is for the owner to mend, and is not told."""
    imap.netrc.write_text(f"machine {imap.account.host} login {imap.account.login} password wrong-4411\n")
    error = refused(imap)
    assert error["code"] == "credentials_refused"
    assert (error["recovery_hint"], error["retryable"]) == ("refresh_credentials", False)
    assert "wrong-4411" not in json.dumps(error)


@pytest.mark.parametrize(
    "entry",
    [
        "machine {host} login other password {password}",
        "machine other@{host} login {login} password {password}",
        "default login {login} password {password}",
        "machine {host} login {login} password",
        "machine {host} login {login} {password}",
        "",
        None,
    ],
)
def test_no_password(imap: Imap, entry: str | None) -> None:
    """Without an entry for login and server there is no password; the file is never quoted."""
    imap.netrc.unlink()
    if entry is not None:
        account = imap.account
        imap.netrc.write_text(entry.format(host=account.host, login=account.login, password=PASSWORD))
    error = refused(imap)
    assert error["code"] == "credentials_missing"
    assert (error["recovery_hint"], error["retryable"]) == ("refresh_credentials", False)


def test_several_logins_at_one_server(imap: Imap) -> None:
    """The entry of login and server comes before the server's; without a named file HOME's is read."""
    account = imap.account
    imap.append("INBOX", mail(1))
    (imap.root / ".netrc").write_text(
        f"machine {account.host} login {account.login} password wrong\n"
        f"machine {account.login}@{account.host} login {account.login} password {PASSWORD}\n"
    )
    imap.more = {"PDPP_IMAP_NETRC": "", "HOME": str(imap.root)}
    assert imap.run().keys() == ["INBOX/m1@x"]


def test_a_login_is_percent_encoded(imap: Imap) -> None:
    """What a URL gives meaning to is encoded in it."""
    imap.url = imap.url.replace("@example", "%40example")
    assert imap.run().done["status"] == "succeeded"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (None, "source_not_bound"),
        ("", "source_not_bound"),
        ("https://ann@x", "account_not_understood"),
        (f"imap://ann:{PASSWORD}@x", "account_not_understood"),
        ("imap://x", "account_not_understood"),
        ("imap://ann@", "account_not_understood"),
        ("imap://ann@x:port", "account_not_understood"),
        ("imap://ann@x/INBOX", "account_not_understood"),
        ("imap://a%FFnn@x", "account_not_understood"),
        ("imap://[ann@x", "account_not_understood"),
    ],
)
def test_urls_that_are_no_account(imap: Imap, url: str | None, code: str) -> None:
    """A URL that names no account is refused before anything is asked, and never quoted."""
    imap.url = url  # type: ignore[assignment]
    error = refused(imap)
    assert (error["code"], error["recovery_hint"]) == (code, "manual_action_required")


def test_nobody_listens(imap: Imap) -> None:
    """A server that is not there is worth another run."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        imap.url = f"imap://{imap.account.login}@127.0.0.1:{taken.getsockname()[1]}"
        error = refused(imap)
    assert error["code"] == "source_unavailable"
    assert error["retryable"]


def test_no_password_in_the_clear(imap: Imap) -> None:
    """A server that is not on loopback gets no password where it offers no STARTTLS."""
    # The address is loopback's, spelt as no address is; so nothing has to leave the machine.
    imap.url = imap.url.replace("127.0.0.1", "127.1")
    imap.netrc.write_text(imap.netrc.read_text().replace("127.0.0.1", "127.1"))
    error = refused(imap)
    assert (error["code"], error["retryable"]) == ("server_not_secure", False)


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_certificates(scheme: str, tmp_path: Path) -> None:
    """With STARTTLS as with imaps, a certificate that nobody vouches for is refused, and no password sent."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run([*make.split(), *more], check=True, capture_output=True)
    with serving(tls=(cert, key)) as server:
        imap = Imap(server, tmp_path)
        port = server.port if scheme == "imap" else server.tls_port
        imap.url = f"{scheme}://{imap.account.login}@127.0.0.1:{port}"
        error = refused(imap)
        assert (error["code"], error["retryable"]) == ("server_not_trusted", False)
        imap.more = {"SSL_CERT_FILE": str(cert)}
        assert imap.run().done["status"] == "succeeded"
        log = (server.home / "log").read_text()
        assert log.count("Login: ") == log.count(", TLS, ") == 1


def test_a_server_that_does_not_list(imap: Imap) -> None:
    """Where LIST is refused there is no inventory: nothing is missing, and the run fails."""
    with answering({"LIST": "NO [SERVERBUG] secret things"}) as port:
        imap.append("a", mail(1))
        state = imap.run().state
        imap.url = f"imap://{imap.account.login}@127.0.0.1:{port}"
        run = imap.run(state)
    assert len(run.lines) == 1
    assert run.done["error"]["code"] == "source_unavailable"
    assert "secret" not in json.dumps(run.lines)


def test_without_the_library(imap: Imap) -> None:
    """Where the extra is not installed the run says what to install."""
    hidden = "import runpy, sys; sys.modules['imapclient'] = None"
    code = f"{hidden}; runpy.run_module('pdpp_plugins.connectors.imap', None, '__main__')"
    imap.command = (sys.executable, "-P", "-c", code)  # type: ignore[misc]
    error = refused(imap)
    assert error["code"] == "library_missing"
    assert "pip install 'pdpp-tck[imap]'" in str(error["message"])


@contextmanager
def answering(said: dict[str, str]) -> Iterator[int]:
    """A server of one connection that answers OK to everything but these commands; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rwb", buffering=0) as stream:
                stream.write(b"* OK [CAPABILITY IMAP4rev1] here\r\n")
                while words := stream.readline().decode().split():
                    stream.write(f"{words[0]} {said.get(words[1], 'OK done')}\r\n".encode())

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(10)
