"""`record` makes a transcript without secrets, and `check` judges it, from the shell."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from kit_runs import WRONG
from typer.testing import CliRunner

from pdpp_tck.checking.redaction import redactor
from pdpp_tck.cli import app

MANIFEST = str(WRONG / "manifest.json")


def kit(*arguments: str) -> tuple[int, str, str]:
    """A command of the kit's in this process: status, stdout, stderr."""
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def channels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one channel of one message; we are beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "root" / "alpha").mkdir(parents=True)
    line = {"id": "1", "at": "2024-01-01T00:00:00Z", "text": "my-own-secret", "author": "x"}
    (tmp_path / "root" / "alpha" / "messages.jsonl").write_text(json.dumps(line) + "\n")
    return tmp_path


def recorded(program: str, *more: str) -> tuple[int, str, str]:
    """A recording of a connector of tests/wrong over the channels."""
    options = ["--manifest", MANIFEST, "--root", "root", "--output", "t.jsonl", *more]
    return kit("record", *options, "--", sys.executable, str(WRONG / f"{program}.py"))


def test_what_is_recorded_can_be_checked(channels: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A right connector passes what can be seen, with its exit status; known secrets are gone."""
    monkeypatch.setenv("SOME_TOKEN", "my-own-secret")
    status, out, err = recorded("honest")
    assert (status, out) == (0, "")
    assert "pdpp-tck check t.jsonl" in err
    text = (channels / "t.jsonl").read_text()
    assert "my-own-secret" not in text
    assert "[redacted]" in text
    status, out, _ = kit("check", "t.jsonl", "--manifest", MANIFEST, "--format", "json")
    assert status == 0
    verdicts = {each["clause"]: each["verdict"] for each in json.loads(out)["verdicts"]}
    passed = {clause for clause, verdict in verdicts.items() if verdict == "passed"}
    assert {f"CP-{n:02}/T1" for n in (2, 3, 4, 6, 7, 10, 11, 12)} == passed
    assert json.loads(out)["violations"] == []
    assert "is there already" in recorded("honest")[2]


def test_a_mistake_is_told_with_its_line(channels: Path) -> None:
    """The first offending line, what the clause says, and status 1."""
    recorded("miscounts")
    status, out, _ = kit("check", "t.jsonl", "--manifest", MANIFEST)
    assert status == 1
    lines = (channels / "t.jsonl").read_text().splitlines()
    at = next(n for n, line in enumerate(lines, 1) if '"dir": "out"' in line and "DONE" in line)
    assert "CP-11/T1  failed (SHALL)" in out
    assert f"  line {at}  " in out
    assert "DONE's records_emitted is the number" in out


def test_a_connector_that_never_ends_is_ended(channels: Path) -> None:
    """Its transcript has no exit line, and nothing is left of it."""
    status, _, err = recorded("hangs", "--seconds", "1")
    assert status == 1
    assert "ended after 1 s" in err
    assert kit("check", "t.jsonl")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["check", "nowhere.jsonl"], "nowhere.jsonl: cannot be read"),
        (["check", "."], ".: cannot be read: Is a directory"),
        (["check", "evidence.jsonl"], "is evidence of a run; judge it again with: pdpp-tck replay"),
        (["check", "empty.jsonl", "--manifest", "empty.jsonl"], "cannot be read as JSON"),
        (["record", "--", "./nobody"], "'./nobody' is not there"),
        (["record", "--root", ".", "--", "true"], "--root is for a START that the kit sends"),
        (["record", "--output", "no/where", "--", "true"], "no/where: cannot be written"),
        (["record", "--manifest", MANIFEST, "--state", "empty.jsonl", "--", "true"], "--state empty.jsonl"),
    ],
)
def test_mistakes_end_2(channels: Path, arguments: list[str], told: str) -> None:
    """One sentence, and no file."""
    (channels / "evidence.jsonl").write_text('{"entry": "header", "format": 1}\n')
    (channels / "empty.jsonl").write_text("")
    status, out, err = kit(*arguments)
    assert (status, out) == (2, "")
    assert told in err


def test_nothing_seen_is_no_pass(channels: Path) -> None:
    """A file in which no clause shows ends 4."""
    (channels / "empty.jsonl").write_text("\n\n")
    assert kit("check", "empty.jsonl")[0] == 4


def test_the_rule_of_redaction() -> None:
    """Variables by name, fields by name at any depth, and all that an owner answered; keys stay."""
    redact = redactor({"API_KEY": 'a"b\\cdef', "HOME": "/home/ana", "MY_SECRET": "short"})
    assert redact('said a"b\\cdef and short') == "said [redacted] and short"
    message = {"type": "RECORD", "key": "k", "data": {"a": [{"accessToken": "x", "n": 1}], "v": 'a"b\\cdef'}}
    assert json.loads(redact(json.dumps(message))) == {
        "type": "RECORD",
        "key": "k",
        "data": {"a": [{"accessToken": "[redacted]", "n": 1}], "v": "[redacted]"},
    }
    answer = {"type": "INTERACTION_RESPONSE", "request_id": "q", "status": "success", "data": {"code": "123"}}
    assert json.loads(redact(json.dumps(answer)))["data"] == {"code": "[redacted]"}
    assert redact("token, but no message") == "token, but no message"
