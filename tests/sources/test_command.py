"""The driver `command`: a program of the author's, one line for each request and one for its answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from tables import AT, item, table

from pdpp_plugins.sources.command import Command
from pdpp_tck.settings import SettingsError
from pdpp_tck.subject import ArrangedSource, Unarrangeable

PROGRAM = """\
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    open("log.jsonl", "a").write(line)
    answers = {"open": {"ok": True, "base_url": "http://there"}, "obstruct": {"unable": "no way"}}
    print(json.dumps(answers.get(asked["do"], {"ok": True})), flush=True)
"""


def opened(folder: Path, program: str) -> ArrangedSource:
    """A source that this program arranges."""
    (folder / "arrange.py").write_text(program)
    text = f'driver = "command"\nstream = "s"\ncommand = [{json.dumps(sys.executable)}, "arrange.py"]'
    return Command().configured(table(folder, text)).open(folder / "home")


def test_what_it_is_asked(tmp_path: Path) -> None:
    """It runs in the file's folder and is told what to do, with each time in every spelling."""
    source = opened(tmp_path, PROGRAM)
    source.write("a", [item("a", "1")])
    source.remove("a")
    with pytest.raises(Unarrangeable, match="cannot obstruct: no way"):
        source.obstruct()
    source.close()
    asked = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [each["do"] for each in asked] == ["open", "write", "remove", "obstruct"]
    assert asked[0]["home"] == str(tmp_path / "home")
    assert asked[1]["items"][0] == {
        "partition": "a",
        "id": "1",
        "number": 118_226_263_736_116,
        "text": "hello",
        "at": "2026-01-02T03:04:05Z",
        "date": "2026-01-02",
        "epoch": int(AT.timestamp()),
        "epoch_ms": int(AT.timestamp()) * 1000,
        "rfc822": "Fri, 02 Jan 2026 03:04:05 +0000",
    }
    assert source.where() == {"base_url": "http://there"}


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("", "gave no answer to 'open': "),
        ("import sys; sys.exit('no such shop')", "and on stderr 'no such shop'"),
        ("print('hello', flush=True); input(); input()", "it said 'hello\\\\n'"),
        ("print('[]', flush=True); input()", "cannot open: "),
    ],
)
def test_a_program_that_breaks_down(tmp_path: Path, program: str, told: str) -> None:
    """What it did is told, and it is no fault of the kit's or of the connector's."""
    with pytest.raises(Unarrangeable, match=told):
        opened(tmp_path, program)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    """It is told as such."""
    text = 'driver = "command"\nstream = "s"\ncommand = ["./nobody"]'
    with pytest.raises(Unarrangeable, match="could not be started"):
        Command().configured(table(tmp_path, text)).open(tmp_path)
    with pytest.raises(SettingsError, match="command: is missing"):
        Command().configured(table(tmp_path, 'driver = "command"\nstream = "s"'))
