"""`imap` as a plugin of the host."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from typing import Any

from connector_runs import environment
from imap_runs import COMMAND, Imap
from mail_runs import mail

from pdpp_plugins.connectors.imap import cursor, plugin


def manifest(name: str) -> Any:
    """The manifest of a connector of ours."""
    return json.loads(files(f"pdpp_plugins.connectors.{name}").joinpath("manifest.json").read_bytes())


def test_registers_one_connector() -> None:
    """The plugin registers `imap`, which has of the host's own where passwords lie and whom to trust."""
    (connector,) = plugin.register_connectors()
    assert connector.key == "imap"
    assert connector.command == COMMAND
    assert connector.environment == {"PDPP_IMAP_NETRC": "{host}", "SSL_CERT_FILE": "{host}"}
    assert connector.manifest.runtime_requirements.bindings == ("network",)


def test_one_definition_of_messages() -> None:
    """The stream is the very same as `mailbox`'s, to the last word."""
    assert manifest("imap")["streams"] == manifest("mailbox")["streams"]
    assert manifest("imap")["streams"][0]["coverage_authority"] == "full_refresh"


def test_the_program_is_light() -> None:
    """Until there is a START to read the program imports none of the slow modules."""
    heavy = {"email", "datetime", "socket", "ssl", "imaplib", "imapclient", "pdpp_host", "msgspec", "pluggy"}
    code = "import sys, pdpp_plugins.connectors.imap.__main__; print(*sys.modules)"
    command = [sys.executable, "-P", "-c", code]
    child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
    assert not heavy & set(child.stdout.split())


def test_streams_and_cursors_that_are_not_there(imap: Imap) -> None:
    """An unknown stream is named; a cursor of another connector is refused before the server is asked."""
    run = imap.run(messages={}, likes={})
    assert run.said("SKIP_RESULT", "likes")[0]["reason"] == "stream_unknown"
    imap.append("INBOX", mail(1))
    known: dict[str, Any] = {"uidvalidity": 1, "uid": 1, "names": ""}
    for spoilt in (
        {"partitions": []},
        {"partitions": {}, "other": 1},
        {"partitions": {"a": known | {"uid": -1}}},
        {"partitions": {"a": known | {"names": "AAAA"}}},
        {"partitions": {"a": known | {"names": 7}}},
        {"partitions": {"a": {"uidvalidity": 1, "uid": 1}}},
        {"partitions": {"a": known | {"passed_over": {"x": {}}}}},
        {"partitions": {}, "window": 7},
    ):
        run = imap.run({"messages": spoilt})
        assert [m["type"] for m in run.lines] == ["DONE"]
        assert run.done["error"]["code"] == "cursor_not_understood"


def test_a_cursor_has_a_bound() -> None:
    """Names beyond the bound are forgotten with their mailbox, which is then read again as a whole."""
    many = {number.to_bytes(5, "big"): b"abc" for number in range(cursor.MOST_KNOWN - 1)}
    few = {b"12345": b"abc", b"12346": b"abc"}
    encoded = cursor.encode({"a": cursor.Reached(3, 7, many), "b": cursor.Reached(3, 7, few)})
    assert encoded["partitions"]["a"]["uid"] == 7
    assert encoded["partitions"]["b"] == cursor.Reached().encode()
    assert len(json.dumps(encoded)) < 5 * 1024 * 1024
