"""What takes bytes from strangers, each as one function that gives a word for what it made of them.

A target makes a result or a typed refusal of any bytes, and holds either to what its callers rely on.
Anything else that it raises is a finding.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

sys.path.extend([str(Path(__file__).parents[1] / room) for room in (".", "artifacts", "monitor")])

from archives import MBOX, Entry, archive
from conversations import MANIFEST
from host.houses import manifest, stream

from pdpp_host.artifacts import ArtifactRefused, Limits, Staging
from pdpp_host.domain.manifest import ManifestError, parse_manifest
from pdpp_host.domain.requests import RequestRefused, parse_object, parse_run_request, start_streams
from pdpp_host.runtime.decoding import Undecodable, decode
from pdpp_host.runtime.schemas import RecordSchema, check_schemas
from pdpp_tck.assembly import read_requirements
from pdpp_tck.checking import Unreadable, check_files
from pdpp_tck.features import features_root
from pdpp_tck.manifest import read_manifest
from pdpp_tck.openspec import UnreadableSpec, read_openspec
from pdpp_tck.options import UsageError

RULES = {"invalid_utf8", "invalid_json", "number_out_of_range", "unknown_message_type", "invalid_message"}
LONGEST = 3000
"""The longest refusal, in characters: it is shown to a person."""


@dataclass(frozen=True)
class Target:
    """One way in, good examples of what comes there, and words from which more is made."""

    take: Callable[[bytes], str]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...]


def line(content: bytes) -> str:
    """A connector's line: a message that can be stored and read again, or the rule that it breaks."""
    try:
        message, replaced = decode(content)
    except Undecodable as error:
        return _told(error.message, 200, error.rule in RULES) or error.rule
    again = msgspec.json.encode(message)
    assert decode(again) == (message, 0)
    assert replaced >= 0
    assert "\0" not in json.dumps(json.loads(again), ensure_ascii=False)
    return type(message).__name__


def hosts_manifest(content: bytes) -> str:
    """A manifest at the host: its schemas compile, and records are held against them."""
    try:
        found = parse_manifest(parse_object(content))
        check_schemas(found)
    except (RequestRefused, ManifestError) as error:
        _told(str(error))
        return type(error).__name__
    assert parse_manifest(msgspec.to_builtins(found)) == found
    for each in found.streams:
        assert all(isinstance(name, str) for name in each.required_fields)
        for data in ({}, {"id": "a", "n": 2**63, "text": "x" * 1000}):
            departure = RecordSchema(each).departure(data)
            assert departure is None or departure.message
    return "manifest"


def kits_manifest(content: bytes) -> str:
    """A manifest at the kit: what it takes its own host takes."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(content)
        try:
            found = read_manifest(Path(file.name), SCHEMA)
        except UsageError as error:
            _told(str(error))
            return "UsageError"
    check_schemas(parse_manifest(found))
    return "manifest"


DECLARED = parse_manifest(manifest(stream() | {"coverage_authority": "full_refresh"}, stream("plain")))


def run_request(content: bytes) -> str:
    """The body of a run request: a scope that is never wider than asked, or a refusal with its code."""
    try:
        request = parse_run_request(content, DECLARED)
        streams = start_streams(DECLARED, request, "2026-01-01T00:00:00Z")
    except RequestRefused as error:
        _told(error.message)
        return error.code
    assert streams
    assert {each.name for each in streams} == (request.named or {"notes", "plain"})
    assert all(each.resources != () for each in streams)
    msgspec.json.encode(streams)
    return "narrowed" if request.narrowed else "whole"


SCHEMA = features_root() / "schemas" / "manifest.json"
BOUNDS = Limits(members=20, unpacked=200_000, ratio=50, ratio_from=20_000)


def artifact(content: bytes) -> str:
    """An owner's artifact: files within bounds, or a refusal that leaves nothing."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        staged = Staging(home, 1_000_000, BOUNDS).open("x")
        try:
            staged.write(content)
            kept = staged.finish()
        except ArtifactRefused as error:
            _told(error.message)
            assert [each for each in home.rglob("*") if "lock" not in each.name] == []
            return error.code
        found = [each for each in kept.folder.rglob("*") if each.is_file()]
        assert found
        assert not any(each.is_symlink() for each in Path(folder).rglob("*"))
        assert sum(each.stat().st_size for each in found) <= max(BOUNDS.unpacked, len(content))
        staged.discard()
        return "kept"


_, _, LEDGER = read_requirements(None)


def checked(content: bytes) -> str:
    """A file that `check` judges: a status, or a sentence that names the file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "any.jsonl"
        file.write_bytes(content)
        try:
            found = check_files([file], MANIFEST)
        except Unreadable as error:
            return _told(str(error), holds="any.jsonl" in str(error)) or "unreadable"
        status = found.status(LEDGER)
        list(found.verdicts(LEDGER))
        assert status in (0, 1, 4)
        return str(status)


def openspec(content: bytes) -> str:
    """A specification and a change to it: trees with a line for every part, or a sentence about the file."""
    with tempfile.TemporaryDirectory() as folder:
        for place in ("specs/any", "changes/more/specs/any"):
            file = Path(folder) / place / "spec.md"
            file.parent.mkdir(parents=True)
            file.write_bytes(content)
        try:
            found = read_openspec(Path(folder))
        except UnreadableSpec as error:
            return _told(str(error), holds="spec.md" in str(error)) or "unreadable"
    last = len(content.decode("utf-8-sig").splitlines()) + 1
    for each in (*found.findings, *found.requirements, *found.removed):
        assert 1 <= each.line <= last, each
    return "required" if found.requirements else "found" if found.findings else "nothing"


def _told(refusal: str, longest: int = LONGEST, holds: bool = True) -> None:
    """A refusal is a sentence for a person, and what else is said of it holds."""
    assert 0 < len(refusal) <= longest, f"a refusal of {len(refusal)} characters"
    assert holds, refusal


def _lines(*messages: object) -> bytes:
    return b"".join(msgspec.json.encode(each) + b"\n" for each in messages)


RECORD = {
    "type": "RECORD",
    "stream": "notes",
    "key": ["a", "b"],
    "data": {"id": "a", "n": 1.5},
    "emitted_at": "t",
}
SAID = (
    RECORD,
    RECORD | {"op": "delete", "key": "a"},
    {"type": "STATE", "stream": "notes", "cursor": {"at": [1, None, True, "é\U0001f600"]}},
    {"type": "SKIP_RESULT", "stream": "notes", "reason": "x", "diagnostics": {"missing_partitions": ["p"]}},
    {"type": "PROGRESS", "message": "m", "count": 1, "total": 2},
    {"type": "INTERACTION", "request_id": "q", "kind": "otp", "message": "m", "timeout_seconds": 1},
    {"type": "DETAIL_GAP", "stream": "notes", "record_key": "k", "retryable": True, "detail_locator": {}},
    {"type": "DONE", "status": "failed", "records_emitted": 1, "error": {"message": "m", "retryable": False}},
)
START = {"type": "START", "run_id": "r", "scope": {"streams": [{"name": "notes"}]}, "state": None}
NOTED = _lines(
    *(
        {"n": n, "t": 1.5, "dir": "in" if each is START else "out", "line": json.dumps(each)}
        for n, each in enumerate((START, *SAID), start=1)
    ),
    {"n": 10, "t": 2, "dir": "err", "b64": "/w=="},
    {"n": 11, "t": 2, "dir": "exit", "line": '{"status": 1}'},
)
REQUEST = {
    "resources": {"notes": ["a", "b "]},
    "fields": {"notes": ["id", "text"]},
    "time_range": {"plain": {"since": "2026-01-01T00:00:00.000Z", "until": "2026-02-01T00:00:00+01:00"}},
    "coverage": {"notes": "full_refresh"},
}
MANIFESTS = (
    _lines(manifest(stream() | {"coverage_authority": "full_refresh", "parent_streams": ["x"]})),
    _lines(
        MANIFEST | {"version": "1", "display_name": "x", "refresh_policy": {"maximum_staleness_seconds": 1}}
    ),
)
JSON = (
    *(
        b"{}",
        b"[]",
        b'""',
        b"null",
        b"true",
        b"0",
        b"-1",
        b"1e400",
        b"1E-400",
        b"18446744073709551616",
        b"NaN",
    ),
    *(b'"\\ud800"', b'"\\u0000"', b"\\ud83d\\ude00", b"\xff", b"\xef\xbb\xbf", b"\0", b"\r\n", b"9" * 5000),
    *(b"[" * 300, b'{"a":' * 300, b"}" * 300, b'"id":', b'"type":', b'"notes"', b'"stream":', b'"key":'),
)
SCHEMAS = (
    *(b'"$ref":"#"', b'"$ref":"http://x/"', b'"pattern":"("', b'"pattern":"(a+)+$"', b'"required":"id"'),
    *(b'"format":"date"', b'"$id":"x"', b'"allOf":[]', b'"type":"nothing"', b'"multipleOf":0', b'"enum":[]'),
    *(b'"$dynamicRef":"#a"', b'"$schema":"http://json-schema.org/draft-04/schema#"', b'"required":[1]'),
)
ARCHIVE = archive(Entry("a/b.mbox", MBOX * 30), Entry("a/", b"", 0, mode=0o040755), Entry("c", b"plain", 0))

SPEC = b"""# any

## Purpose

To be read.

## Requirements

### Requirement: Bread

Bread SHALL rest.

#### Scenario: Rest

- **WHEN** it is made
- **THEN** it rests
- **AND** it MAY rise
"""
CHANGE = (
    SPEC.replace(b"## Requirements", b"## ADDED Requirements")
    + b"## RENAMED Requirements\n\n- FROM: `### Requirement: Bread`\n- TO: `### Requirement: Loaf`\n"
    + b"## REMOVED Requirements\n\n### Requirement: Salt\n\n**Reason**: none\n"
)

TARGETS = {
    "line": Target(line, tuple(msgspec.json.encode(each) for each in SAID), JSON),
    "hosts_manifest": Target(hosts_manifest, MANIFESTS, JSON + SCHEMAS),
    "kits_manifest": Target(kits_manifest, MANIFESTS, JSON + SCHEMAS),
    "run_request": Target(run_request, (_lines(REQUEST), b""), JSON),
    "artifact": Target(
        artifact,
        (ARCHIVE, MBOX),
        (b"PK\3\4", b"PK\1\2", b"PK\5\6", b"PK\6\6", b"\xff" * 4, b"\0" * 4, b"../"),
    ),
    "check": Target(checked, (NOTED, _lines(START, *SAID)), JSON),
    "openspec": Target(
        openspec,
        (SPEC, CHANGE),
        (
            b"### Requirement: ",
            b"#### Scenario: ",
            b"## ",
            b"- **THEN** ",
            b"```\n",
            b"<!--",
            b"- FROM: `",
            b"\t",
        ),
    ),
}
