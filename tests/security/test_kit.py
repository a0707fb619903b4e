"""Secrets that the kit is told stay out of reports and evidence, and out of the programs that it starts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from canaries import Places, canary, files_below, seen
from host.cli.test_serve import serving
from kit_runs import KIT, ROOT, Ran, started

from pdpp_plugins.sources.command import CommandSource
from pdpp_plugins.subjects import remote_host
from pdpp_tck.hookspecs import HostWanted
from pdpp_tck.subject import SubjectError

pytestmark = pytest.mark.long

OURS = {"PDPP_OWNER_TOKEN": canary("owner's token"), "PDPP_STAGE_TOKEN": canary("stage's token")}
POSTGRES = {"PDPP_POSTGRES_URL": f"postgresql://ana:{canary('postgres')}@127.0.0.1:1/x"}
CHILD, FAULTED, REPORT = "connector's environment", "faulted connector's environment", "report"

MAY_BE: dict[str, set[str]] = {
    # The kit's own and its host's: for nobody else.
    "owner's token": set(),
    "stage's token": set(),
    "postgres": set(),
    # Settings name it for the connector, which alone gets it.
    "declared": {CHILD, FAULTED},
    # Like a host, the kit shows a connector none of its variables but the few that every program needs.
    "kit's variable": set(),
    # What crossed a connector's pipes is the evidence, and nobody may alter what is judged.
    "said": {"evidence"},
}
"""Where each secret may be, and has to be, or the search would not see that place."""

TOLD = """
with open({file!r}, "a") as told:
    told.write(json.dumps(dict(os.environ)) + "\\n")
print({said!r}, file=sys.stderr)
"""


def stranger(home: Path) -> Path:
    """A stranger with a secret in its settings, which notes its environment and says something on stderr."""
    folder = shutil.copytree(ROOT / "tests" / "strangers", home / "stranger")
    program, settings = folder / "byte_offsets.py", folder / "byte_offsets.toml"
    told = TOLD.format(file=str(home / "children"), said=canary("said"))
    program.write_text(program.read_text().replace("\n\n\ndef say", f"\n{told}\n\ndef say", 1))
    environment = f'environment = {{ DECLARED = "{canary("declared")}" }}'
    settings.write_text(settings.read_text().replace("\n\n[source]", f"\n{environment}\n\n[source]", 1))
    return folder


def places_of(ran: Ran, report: Path) -> Places:
    """What a run printed and left."""
    evidence = files_below(report / "evidence", "evidence")
    shutil.rmtree(report / "evidence")
    said = {"stdout": ran.out.encode(), "stderr": ran.err.encode()}
    return said | evidence | files_below(report, REPORT)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Every place after a stranger was judged, with and without faults."""
    home = tmp_path_factory.mktemp("kit")
    folder = stranger(home)
    variables = OURS | POSTGRES | {"KITS_VARIABLE": canary("kit's variable")}
    asked = ("--config", "byte_offsets.toml", "--report", str(home / "report"), "--select")
    ran = started(("run", *asked, "PR-01.1,PR-01.2"), folder, variables)
    assert ran.status == 0, ran.out + ran.err
    places = places_of(ran, home / "report")
    places[CHILD] = (home / "children").read_bytes()
    (home / "children").unlink()
    faulted = started(("run", *asked, "CP-18", "--faults"), folder, variables)
    places[FAULTED] = (home / "children").read_bytes()
    more = places_of(faulted, home / "report")
    return places | {name: places[name] + more[name] for name in more}


@pytest.mark.parametrize("name", MAY_BE)
def test_a_secret_is_where_it_may_be_and_nowhere_else(name: str, swept: Places) -> None:
    """Nowhere else than the table says, and there, so that the search does see these places."""
    assert seen({name: canary(name)}, swept)[name] == MAY_BE[name]


def test_every_form_of_report_was_searched(swept: Places) -> None:
    """JSON, JUnit, Markdown and the page lie in the report; the evidence holds the register with its name."""
    for form in (b"report.json", b".xml", b".md", b".html"):
        assert form in swept[REPORT]
    assert b'\\"DECLARED\\": \\"[redacted]\\"' in swept["evidence"]


def test_a_host_that_is_judged_gives_nothing_away(tmp_path: Path) -> None:
    """Tokens of a host elsewhere, and the grants that it gives the kit, are used and noted nowhere."""
    home, report = tmp_path / "home", tmp_path / "report"
    home.mkdir()
    with serving(home, "--stage", **OURS) as (_, [where]):
        url = where.removeprefix("listening on ")
        asked = ("run", "--host", url, "--select", "CI-03.4", "--report", str(report), "--format", "json")
        ran = started(asked, tmp_path, OURS)
    assert ran.status == 0, ran.out + ran.err
    places = places_of(ran, report)
    # How every signed token begins.
    secrets = {"owner": OURS["PDPP_OWNER_TOKEN"], "stage": OURS["PDPP_STAGE_TOKEN"], "grant": "eyJhbGciOi"}
    assert seen(secrets, places) == {"owner": set(), "stage": set(), "grant": set()}
    assert b'"token":"[redacted]"' in places["evidence"]


@pytest.mark.parametrize(
    ("spec", "token", "told"),
    [
        ("http://ana:{}@127.0.0.1:1", "a", "holds no user and no password"),
        ("http://127.0.0.1:1", "{}\n", "PDPP_OWNER_TOKEN holds what no header can carry"),
        ("http://127.0.0.1:1", "{}", "cannot be reached"),
        ("http://127.0.0.1:one", "{}", "cannot be reached"),
    ],
)
def test_a_refusal_repeats_no_secret(
    spec: str, token: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password in a URL, a token with a line break, a host that is not there."""
    secret = canary("refused")
    monkeypatch.setenv("PDPP_OWNER_TOKEN", token.format(secret))
    with pytest.raises(SubjectError, match=told) as caught:
        remote_host.open_subject(HostWanted(spec.format(secret), "sqlite", tmp_path))
    assert seen({"it": secret}, {"refusal": str(caught.value).encode()}) == {"it": set()}


ASKS = """
import json, os, sys
open("children", "w").write(json.dumps(dict(os.environ)))
print(json.dumps({"type": "INTERACTION", "request_id": "q", "kind": "otp", "message": "?"}), flush=True)
sys.stdin.readline()
print(sys.stdin.readline().replace("q", "r"), os.environ["SOME_TOKEN"], file=sys.stderr)
"""


def test_a_recording_keeps_no_answer_of_an_owners(tmp_path: Path) -> None:
    """An INTERACTION's answer and the tokens of the environment: not in the file, even where repeated."""
    (tmp_path / "asks.py").write_text(ASKS)
    answered = {"type": "INTERACTION_RESPONSE", "request_id": "q", "status": "success"}
    answer = json.dumps(answered | {"data": {"code": canary("answer")}})
    start = json.dumps({"type": "START", "run_id": "r", "state": {"t": {"token": canary("in state")}}})
    known = {"SOME_TOKEN": canary("some token")} | OURS
    done = subprocess.run(
        [KIT, "record", "--output", "t.jsonl", "--", sys.executable, "asks.py"],
        cwd=tmp_path,
        env=os.environ | known,
        input=f"{start}\n{answer}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    places = {"recording": (tmp_path / "t.jsonl").read_bytes(), "child": (tmp_path / "children").read_bytes()}
    secrets = {name: canary(name) for name in ("answer", "in state", "some token")} | OURS
    found = seen(secrets, places)
    assert found == {name: {"child"} if name == "some token" else set() for name in secrets}
    assert (tmp_path / "t.jsonl").stat().st_mode & 0o077 == 0


def test_a_source_drivers_program_is_shown_no_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has its author's environment, and nothing of the kit's own."""
    for name, value in (OURS | POSTGRES).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AUTHORS", "variable")
    told = "import json, os, sys; sys.stdin.readline(); open('told', 'w').write(json.dumps(dict(os.environ)))"
    program = f"{told}; print(json.dumps({{'ok': True}}), flush=True); sys.stdin.readline()"
    CommandSource(tmp_path, [sys.executable, "-c", program], tmp_path, {}).close()
    shown = json.loads((tmp_path / "told").read_text())
    assert shown["AUTHORS"] == "variable"
    assert not shown.keys() & (OURS | POSTGRES).keys()
