"""`pdpp-tck doctor`: what is here, and whether an adapter is alive, apart from conformant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from kit_runs import WRONG, Kit

from pdpp_tck import adapter
from pdpp_tck.options import Options

MANIFEST = ["--manifest", str(WRONG / "manifest.json")]
PYTHON = ["--", sys.executable, "-c"]


def test_what_is_installed_is_told(kit: Kit) -> None:
    """Version, features, plugins, drivers and storages, and nothing is found on a sound machine."""
    ran = kit("doctor")
    assert ran.status == 0, ran.out
    for told in ("pdpp-tck", "features", "spec", "source driver folder", "sqlite", "nothing found"):
        assert f"\n{told}" in f"\n{ran.out}"


def test_a_part_that_is_promised_and_missing_is_a_finding(kit: Kit) -> None:
    """Without Docker PostgreSQL would not be run, which is a finding where CI promises it."""
    away = {"DOCKER_HOST": "tcp://127.0.0.1:1", "PDPP_POSTGRES_URL": "", "PDPP_REQUIRE": ""}
    ran = kit("doctor", env=away)
    assert ran.status == 0, ran.out
    assert "would be not_run: it does not answer" in ran.out
    assert "would be not_run: start Docker, or name a server with PDPP_POSTGRES_URL" in ran.out
    ran = kit("doctor", env=away | {"PDPP_REQUIRE": "postgres"})
    assert ran.status == 1
    assert "finding: PDPP_REQUIRE promises postgres: start Docker" in ran.out
    named = away | {"PDPP_POSTGRES_URL": "postgresql://somebody:secret@127.0.0.1/db"}
    ran = kit("doctor", env=named)
    assert "on the server that PDPP_POSTGRES_URL names" in ran.out
    assert "secret" not in ran.out


def test_a_plugin_that_breaks_is_a_finding(called: Kit) -> None:
    """The finding names the plugin and what to do."""
    ran = called("doctor", "--plugin", "json")
    assert ran.status == 1
    assert "finding: plugins: 'json' implements no hook" in ran.out


def test_a_living_adapter(kit: Kit, tmp_path: Path) -> None:
    """From START to DONE, with a line that does it again."""
    ran = kit(
        "doctor", *MANIFEST, "--source-driver", "folder", "--", sys.executable, str(WRONG / "honest.py")
    )
    assert ran.status == 0, ran.out
    assert "adapter alive: honest-folder: first message " in ran.out
    assert "2 records, DONE succeeded after " in ran.out
    assert "not conformant" not in ran.out
    again = next(line.removeprefix("again") for line in ran.out.splitlines() if line.startswith("again"))
    done = subprocess.run(again, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.count('"RECORD"') == 2


def test_alive_and_not_conformant_are_two_things(called: Kit) -> None:
    """What speaks the wire and breaks a rule of it is alive, and the breach is a finding."""
    ran = called(
        "doctor", *MANIFEST, "--source-driver", "folder", "--", sys.executable, str(WRONG / "miscounts.py")
    )
    assert ran.status == 1, ran.out
    assert "adapter alive: " in ran.out
    assert "not conformant: CP-11, line 5: DONE counts 3 records, 2 RECORD lines were said" in ran.out


READ = "import sys, time\nsys.stdin.readline()\n"
DONE = """print('{"type":"DONE","status":"succeeded","records_emitted":0}', flush=True)\n"""


@pytest.mark.parametrize(
    ("program", "told"),
    [
        (READ, "it said nothing on stdout and ended with exit status 0"),
        (READ + "raise SystemExit('no such account')", "no such account"),
        (READ + "print('hello world')", "nothing on its stdout is a message; line 2: hello world"),
        (
            READ + 'print(\'{"type":"PROGRESS","message":"on"}\')',
            "it never said DONE and ended with exit status 0",
        ),
        (
            READ + 'print(\'{"type":"BOGUS"}\', flush=True)\ntime.sleep(60)',
            "was ended by its host: connector_protocol_violation, Invalid value 'BOGUS'",
        ),
    ],
)
def test_a_broken_adapter(called: Kit, program: str, told: str) -> None:
    """Each way of not speaking is named with what ended it, and with what the program said on stderr."""
    ran = called("doctor", *MANIFEST, *PYTHON, program)
    assert ran.status == 1
    assert "adapter broken: honest-folder: " in ran.out
    assert told in ran.out


@pytest.mark.parametrize(
    "program",
    [
        READ + DONE + "time.sleep(60)",
        pytest.param(
            READ + DONE + "import subprocess; subprocess.Popen(['sleep', '60'])", marks=pytest.mark.long
        ),
    ],
)
def test_what_does_not_go_is_told(called: Kit, program: str) -> None:
    """A connector that stays after DONE, or leaves a child behind, is alive and not conformant."""
    ran = called("doctor", *MANIFEST, *PYTHON, program)
    assert ran.status == 1
    assert "adapter alive: honest-folder: " in ran.out
    assert "not conformant: it said DONE and did not exit, or left a process behind" in ran.out


def test_a_missing_interpreter_is_told(called: Kit, tmp_path: Path) -> None:
    """A program that is there and cannot be started reads no START; why is told all the same."""
    program = tmp_path / "connector"
    program.write_text("#!/nonexistent/interp\n")
    program.chmod(0o755)
    ran = called("doctor", *MANIFEST, "--", str(program))
    assert ran.status == 1
    assert f"adapter broken: honest-folder: cannot start '{program}': " in ran.out
    assert "launch_failed" in next(tmp_path.glob("reports/*/doctor/evidence.jsonl")).read_text()


def examined(tmp_path: Path, program: str, manifest: Path = WRONG / "manifest.json") -> list[str]:
    """What is told of a program that is examined in this process."""
    command = (sys.executable, "-c", program)
    options = Options(command=command, manifest=manifest, report=tmp_path / "reports")
    return list(adapter.examine(options).told())


def test_what_waits_for_the_end_of_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never comes, and the doctor says so instead of how long it waited."""
    monkeypatch.setattr(adapter, "PATIENCE_S", 1.5)
    told = examined(tmp_path, "import sys; sys.stdin.read()")[0]
    assert "it said nothing on stdout and was still running after 1.5 s; its stdin stays open, so" in told


def test_a_refused_manifest_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host may refuse what the kit takes; then its answer is told, and nothing after it is asked."""
    wrong = tmp_path / "m.json"
    manifest = json.loads((WRONG / "manifest.json").read_text())
    manifest["streams"][0]["schema"] = {"required": "id"}
    wrong.write_text(json.dumps(manifest))
    monkeypatch.setattr("pdpp_tck.manifest._schema", lambda number, schema: ())
    first, second = examined(tmp_path, "pass", wrong)
    assert first.startswith(
        "not started: honest-folder: its host refused it: POST /_ref/connectors was answered 400 {"
    )
    assert "is no JSON Schema 2020-12" in first
    evidence = Path(second.removeprefix("evidence").strip()).read_text()
    assert "/_ref/connections" not in evidence


@pytest.mark.parametrize("option", ["--manifest", "--source-driver", "--report"])
def test_an_option_of_a_command_wants_one(called: Kit, option: str) -> None:
    """What would have no effect is refused."""
    ran = called("doctor", option, "x")
    assert (ran.status, ran.out) == (2, "")
    assert f"{option} is for a command to start" in ran.err


def test_what_cannot_be_tried_ends_2(called: Kit) -> None:
    """A command that is not there, and one without a manifest."""
    assert called("doctor", *MANIFEST, "--", "./nobody").status == 2
    ran = called("doctor", "--", "true")
    assert ran.status == 2
    assert "--manifest" in ran.err
