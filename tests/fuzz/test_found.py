"""What fuzzing found, each input once more."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from host.houses import manifest, stream

from pdpp_host.domain.manifest import ManifestError, parse_manifest
from pdpp_host.domain.requests import RequestRefused, parse_run_request
from pdpp_tck.assembly import read_requirements
from pdpp_tck.checking import check_files
from pdpp_tck.features import features_root
from pdpp_tck.manifest import TOLD, read_manifest
from pdpp_tck.options import UsageError


@pytest.mark.parametrize("content", ["[" + "[]," * 100_000 + "[]]", '{"streams": "' + "x" * 200_000 + '"}'])
def test_a_manifest_that_is_refused_is_not_repeated_whole(tmp_path: Path, content: str) -> None:
    """However long what is wrong with it, the refusal is a sentence for a person."""
    file = tmp_path / "manifest.json"
    file.write_text(content)
    with pytest.raises(UsageError, match="manifest.json: at ") as caught:
        read_manifest(file, features_root() / "schemas" / "manifest.json")
    assert len(str(caught.value)) < 3 * TOLD


LONG = "9" * 100_000


@pytest.mark.parametrize(
    "body",
    [{"coverage": {"notes": LONG}}, {"fields": {"notes": [LONG]}}, {"resources": {LONG: ["a"]}}, {LONG: 1}],
)
def test_a_run_request_that_is_refused_is_not_repeated_whole(body: object) -> None:
    """The host's refusal neither, and its `param` as little."""
    with pytest.raises(RequestRefused) as caught:
        parse_run_request(msgspec.json.encode(body), parse_manifest(manifest()))
    assert len(caught.value.message) + len(caught.value.param or "") < 3 * TOLD


def test_a_manifest_that_the_host_refuses_is_not_repeated_whole() -> None:
    """A stream of a long name that is there twice."""
    with pytest.raises(ManifestError, match="declared 2 times") as caught:
        parse_manifest(manifest(stream(LONG), stream(LONG)))
    assert len(str(caught.value)) < 2 * TOLD


def test_a_noted_line_with_half_a_character(tmp_path: Path) -> None:
    """A transcript may hold what no connector can have said: it is read as a host stores it."""
    file = tmp_path / "any.jsonl"
    said = '{"type": "PROGRESS", "mess\ud83dage": "m"}'
    lines = [
        {"n": 1, "t": 1, "dir": "out", "line": said},
        {"n": 2, "t": 1, "dir": "exit", "line": '{"status":1}'},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert check_files([file], None).status(read_requirements(None)[2]) == 1
