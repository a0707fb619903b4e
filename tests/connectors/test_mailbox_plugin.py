"""`mailbox` as a plugin of the host."""

from __future__ import annotations

import json
import subprocess
import sys

import jsonschema_rs
import pytest
from connector_runs import environment
from mail_runs import COMMAND, Mail, mail

from pdpp_plugins.connectors.mailbox import plugin


def test_registers_one_connector() -> None:
    """The plugin registers `mailbox`, with one append-only stream that can be narrowed and goes on."""
    (connector,) = plugin.register_connectors()
    assert connector.key == "mailbox"
    assert connector.command == COMMAND
    assert connector.manifest.runtime_requirements.bindings == ("filesystem",)
    (stream,) = connector.manifest.streams
    assert stream.name == "messages"
    assert stream.semantics == "append_only"
    assert stream.primary_key == ("mailbox", "id")
    assert stream.consent_time_field == "date"
    assert stream.resource_field == "mailbox"
    assert stream.selection
    assert stream.selection.resources
    assert stream.selection.fields
    assert stream.incremental


def test_records_hold_against_the_manifest(mail_source: Mail) -> None:
    """Every record that the program emits is valid against the schema, and has the key that it declares."""
    part = "--b\nContent-Type: a/b; name=x\n\nx\n--b--\n"
    mail_source.append(
        "a.mbox", mail(1, To="x@y, Z <z@y>", Cc="(((", In_Reply_To="<a>"), mail(None, date="no")
    )
    mail_source.append("b", mail(2, part, Content_Type="multipart/mixed; boundary=b"))
    mail_source.deliver("c", "cur/1", b"\n\xff\n")
    records = mail_source.run().said("RECORD")
    assert len(records) == 4
    (stream,) = plugin.register_connectors()[0].manifest.streams
    validator = jsonschema_rs.validator_for(stream.schema, validate_formats=True)
    for record in records:
        validator.validate(record["data"])
        assert record["data"].keys() == stream.schema["properties"].keys()
        assert record["key"] == [record["data"][name] for name in stream.primary_key]


def test_the_program_is_light() -> None:
    """Until there is a message to read the program imports none of the standard library's slow modules."""
    heavy = {
        "email",
        "datetime",
        "socket",
        "random",
        "typing",
        "dataclasses",
        "pdpp_host",
        "msgspec",
        "pluggy",
    }
    code = "import sys, pdpp_plugins.connectors.mailbox.__main__; print(*sys.modules)"
    command = [sys.executable, "-P", "-S", "-c", code]
    child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    if child.returncode:  # an editable install is found through site only
        command.remove("-S")
        child = subprocess.run(command, capture_output=True, text=True, env=environment(), check=True)
        heavy -= {"typing"}
    assert not heavy & set(child.stdout.split())


@pytest.mark.parametrize("wanted", ["", "likes"])
def test_no_mailboxes(mail_source: Mail, wanted: str) -> None:
    """An empty root is an empty inventory; a stream that is not there is named."""
    run = mail_source.run(messages={}, **({wanted: {}} if wanted else {}))
    assert run.state == {"messages": {"partitions": {}}}
    assert run.done == {"type": "DONE", "status": "succeeded", "records_emitted": 0}
    assert len(run.said("SKIP_RESULT")) == len(run.said("SKIP_RESULT", wanted)) == bool(wanted)


def test_cancelled_while_it_collects(mail_source: Mail) -> None:
    """SIGTERM in the middle ends the run DONE cancelled, with the right count and no cursor."""
    mail_source.append("a.mbox", *(mail(n) for n in range(20_000)))
    with subprocess.Popen(COMMAND, stdin=-1, stdout=-1, env=environment()) as child:
        assert child.stdin
        assert child.stdout
        child.stdin.write(json.dumps(mail_source.start()).encode() + b"\n")
        child.stdin.flush()
        first = child.stdout.readline()
        child.terminate()
        said = [json.loads(line) for line in [first, *child.stdout]]
    assert said[-1]["status"] == "cancelled"
    assert said[-1]["records_emitted"] == len(said) - 1 < 20_000
