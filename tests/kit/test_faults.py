"""What nobody foresaw is the kit's fault: status 3, one line, and a file that tells what happened."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from kit_runs import Kit

from pdpp_tck import cli

COMMANDS = {
    "run": ("judging.assemble", ["run"]),
    "replay": ("judging.replay_plan", ["replay", "x.jsonl"]),
    "explain": ("learning.explaining.explain", ["explain", "PR-01"]),
    "steps": ("learning.learning.told", ["steps"]),
    "doctor": ("doctoring.installation.examine", ["doctor"]),
    "doctor of a command": ("doctoring.adapter.examine", ["doctor", "--", "true"]),
    "judging": ("judging.carry_out", ["run", "--select", "PR-03.3"]),
}


@pytest.mark.parametrize("place", COMMANDS)
def test_a_fault_ends_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    """Wherever it comes from; a traceback is in the file and not on the terminal."""

    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    target, arguments = COMMANDS[place]
    monkeypatch.setattr(f"pdpp_tck.commands.{target}", broken)
    monkeypatch.setattr(sys, "argv", ["pdpp-tck", *arguments])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 3
    said = capsys.readouterr()
    assert said.out == ""
    line = r"pdpp-tck: this is the kit's own fault: RuntimeError: two \(test_faults\.py, line \d+\); "
    match = re.fullmatch(line + r"report it with (\S+), which tells what happened\n", said.err)
    assert match is not None, said.err
    assert "Traceback" in Path(match[1]).read_text()
    assert [path.name for path in tmp_path.iterdir() if path.name != "reports"] == [Path(match[1]).name]


def test_a_fault_of_a_plugin_shows_its_place(kit: Kit, tmp_path: Path) -> None:
    """The program ends, whatever had been started, and names the line that broke."""
    plugin = tmp_path / "spoils.py"
    plugin.write_text(
        "from pdpp_tck.hookspecs import hookimpl\n\n\n@hookimpl\ndef report_parts():\n    return 1 / 0\n"
    )
    env = {"PYTHONPATH": str(tmp_path), "TMPDIR": str(tmp_path)}
    ran = kit("doctor", "--plugin", "spoils", env=env)
    assert (ran.status, ran.out) == (3, "")
    assert "ZeroDivisionError: division by zero (spoils.py, line 6); report it with" in ran.err
    assert "Traceback" not in ran.err


def test_a_host_that_cannot_be_opened_is_an_error_told_once(kit: Kit, tmp_path: Path) -> None:
    """Nobody waits for a server that is gone, and the report says why nothing was judged."""
    plugin = tmp_path / "shuts.py"
    plugin.write_text(
        "from pdpp_plugins.subjects import reference_host\nfrom pdpp_tck.hookspecs import hookimpl\n\n\n"
        "class Gone:\n    started = False\n\n    def run(self, sockets):\n        pass\n\n\n"
        "reference_host.server = lambda app: Gone()\n\n\n@hookimpl\ndef report_parts():\n    return ()\n"
    )
    ran = kit(
        "run",
        "--format",
        "json",
        "--plugin",
        "shuts",
        "--select",
        "PR-03.3",
        env={"PYTHONPATH": str(tmp_path)},
    )
    assert ran.status == 3, ran.err
    (told,) = ran.report["scenarios"]
    assert (told["verdict"], {step["status"] for step in told["steps"]}) == ("error", {"skipped"})
    assert "ended before it had started" in told["reason"]
