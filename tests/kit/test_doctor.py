"""`pdpp-tck doctor`: what is here, and whether an adapter is alive, apart from conformant."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from kit_runs import WRONG, Kit

MANIFEST = ["--manifest", str(WRONG / "manifest.json")]
PYTHON = ["--", sys.executable, "-c"]


def test_what_is_installed_is_told(kit: Kit) -> None:
    """Version, features, plugins, drivers and storages, and nothing is found on a sound machine."""
    ran = kit("doctor")
    assert ran.status == 0, ran.out
    for told in ("pdpp-tck", "features", "spec", "source driver folder", "sqlite", "nothing found"):
        assert f"\n{told}" in f"\n{ran.out}"


def test_a_plugin_that_breaks_is_a_finding(kit: Kit) -> None:
    """The finding names the plugin and what to do."""
    ran = kit("doctor", "--plugin", "json")
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


def test_alive_and_not_conformant_are_two_things(kit: Kit) -> None:
    """What speaks the wire and breaks a rule of it is alive."""
    ran = kit(
        "doctor", *MANIFEST, "--source-driver", "folder", "--", sys.executable, str(WRONG / "miscounts.py")
    )
    assert ran.status == 0, ran.out
    assert "adapter alive: " in ran.out
    assert "not conformant: CP-11, line 5: DONE counts 3 records, 2 RECORD lines were said" in ran.out


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("pass", "it said nothing on stdout"),
        ("raise SystemExit('no such account')", "no such account"),
        ("print('hello world')", "nothing on its stdout is a message; line 2: hello world"),
        ('print(\'{"type":"PROGRESS","message":"on"}\')', "ended with exit status 0 and never said DONE"),
    ],
)
def test_a_broken_adapter(kit: Kit, program: str, told: str) -> None:
    """Each way of not speaking is named, with what the program said on stderr."""
    ran = kit("doctor", *MANIFEST, *PYTHON, program)
    assert ran.status == 1
    assert (
        "adapter broken: honest-folder: it " in ran.out
        or "adapter broken: honest-folder: nothing " in ran.out
    )
    assert told in ran.out


def test_what_cannot_be_tried_ends_2(kit: Kit) -> None:
    """A command that is not there, and one without a manifest."""
    assert kit("doctor", *MANIFEST, "--", "./nobody").status == 2
    ran = kit("doctor", "--", "true")
    assert ran.status == 2
    assert "--manifest" in ran.err
