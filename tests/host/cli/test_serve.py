"""`pdpp-host serve` as a process."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import warm

from ..houses import PRELUDE, a_house, manifest

HOST = str(Path(sys.executable).parent / "pdpp-host")


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PDPP_")}
    return kept | {"PYTHONUNBUFFERED": "1"} | more


@contextmanager
def serving(home: Path, *options: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A served host and what it announced."""
    command = [HOST, "serve", "--port", "0", "--storage", f"sqlite:///{home / 'host.db'}", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**variables)
    ) as process:
        assert process.stdout is not None
        lines = (
            1
            + ("PDPP_OWNER_TOKEN" not in variables)
            + ("--stage" in options) * ("PDPP_STAGE_TOKEN" not in variables)
        )
        try:
            yield process, [process.stdout.readline().strip() for _ in range(lines)]
        finally:
            process.terminate()


def refused(*options: str) -> subprocess.CompletedProcess[str]:
    return warm.run([HOST, "serve", *options], Path(), environment(), timeout=30)


def url_of(line: str) -> str:
    found = re.fullmatch(r"listening on (http://.*)", line)
    assert found is not None, line
    return found.group(1)


def call(url: str, token: str, method: str = "GET", body: Any = None) -> httpx.Response:
    return httpx.request(
        method, url, headers={"Authorization": f"Bearer {token}"}, json=body, trust_env=False
    )


def test_tokens_that_are_made_are_printed(tmp_path: Path) -> None:
    """Without tokens in the environment `serve` makes them and prints each once."""
    with serving(tmp_path, "--stage") as (_, [where, owner, stage]):
        assert where.startswith("listening on http://127.0.0.1:")
        assert call(f"{url_of(where)}/v1/streams", owner.removeprefix("owner token ")).status_code == 200
        assert call(f"{url_of(where)}/_stage", stage.removeprefix("stage token ")).status_code == 200


def test_tokens_of_the_environment_are_not_printed(tmp_path: Path) -> None:
    """Tokens that the environment gives are used, not printed; without --stage there is no stage."""
    with serving(tmp_path, PDPP_OWNER_TOKEN="mine", PDPP_STAGE_TOKEN="back") as (process, [where]):
        assert call(f"{url_of(where)}/v1/streams", "mine").status_code == 200
        assert call(f"{url_of(where)}/_stage", "back").status_code == 404
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
        assert rest == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_host_that_is_stopped_ends_its_runs(tmp_path: Path, number: signal.Signals) -> None:
    """Asked to stop, the host ends its runs as host_stopped and their connectors with them, and exits 0."""
    program = tmp_path / "stuck.py"
    program.write_text(
        PRELUDE + f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\nhear()\nhear()"
    )
    with serving(tmp_path, PDPP_OWNER_TOKEN="mine") as (process, [where]):
        url = url_of(where)
        command = [sys.executable, "-S", "-E", str(program)]
        call(f"{url}/_ref/connectors", "mine", "POST", {"manifest": manifest(), "command": command})
        configured = {"connector_key": "notes", "binding": {}, "method": "device_sync"}
        made = call(f"{url}/_ref/connections", "mine", "POST", configured).json()
        started = call(f"{url}/_ref/connections/{made['connection_id']}/run", "mine", "POST").json()
        process.send_signal(number)
        process.communicate(timeout=30)
        assert process.returncode == 0
    with a_house(tmp_path) as house:
        run = house.shown(started["run_id"])
        assert (run.status, run.terminal_reason) == ("failed", "host_stopped")
    pid = tmp_path / "pid"
    if pid.exists() and pid.read_text():
        assert not Path(f"/proc/{pid.read_text()}").exists()


def test_another_loopback(tmp_path: Path) -> None:
    """IPv6's loopback is loopback too, and its address is written as URLs write it."""
    with serving(tmp_path, "--address", "::1", "--stage", PDPP_OWNER_TOKEN="mine", PDPP_STAGE_TOKEN="b") as (
        process,
        [where],
    ):
        if not where:
            assert process.stderr is not None
            pytest.skip(f"no IPv6 here: {process.stderr.read()}")
        assert call(f"{url_of(where)}/_stage", "b").status_code == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--stage", "--address", "0.0.0.0"), "--stage works on loopback only"),
        (("--storage", "nowhere://x"), "no storage plugin knows 'nowhere://x'"),
        (("--storage", "sqlite:////no/such/folder/x.db"), "there is no folder"),
        (("--plugin", "no.such.module"), "no plugin 'no.such.module'"),
    ],
)
def test_what_serve_refuses(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """What cannot be served is one sentence on stderr and exit status 2."""
    if "--storage" not in options:
        options = ("--storage", f"sqlite:///{tmp_path / 'host.db'}", *options)
    answer = refused("--port", "0", *options)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("pdpp-host: ")
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("token", "address", "said"),
    [
        ("mine\n", "127.0.0.1", "PDPP_OWNER_TOKEN holds what no header can carry"),
        ("gehei\u00df", "127.0.0.1", "PDPP_OWNER_TOKEN holds what no header can carry"),
        ("fifteen-letters", "0.0.0.0", "PDPP_OWNER_TOKEN has fewer than 16 characters"),
    ],
)
def test_tokens_that_serve_refuses(tmp_path: Path, token: str, address: str, said: str) -> None:
    """A token that nobody could send, and beyond loopback one that could be guessed; it is not repeated."""
    options = ("--address", address, "--port", "0", "--storage", f"sqlite:///{tmp_path / 'host.db'}")
    variables = environment(PDPP_OWNER_TOKEN=token)
    answer = warm.run([HOST, "serve", *options], Path(), variables, timeout=30)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert token.strip() not in answer.stderr


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """A port that another program has is refused, naming it."""
    with serving(tmp_path, PDPP_OWNER_TOKEN="mine") as (_, [where]):
        port = url_of(where).rpartition(":")[2]
        answer = refused("--port", port, "--storage", f"sqlite:///{tmp_path / 'other.db'}")
        assert answer.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}" in answer.stderr


def test_a_stage_stands_behind_the_back_door(tmp_path: Path) -> None:
    """With `--stage` the host is one that a stage can break, hold and watch, not only routes to ask it."""
    tokens = {"PDPP_OWNER_TOKEN": "a", "PDPP_STAGE_TOKEN": "b"}
    with serving(tmp_path, "--stage", **tokens) as (_, [line]):
        assert call(url_of(line) + "/_stage/trace", "b", "POST", {"request_id": "x"}).status_code == 200
        assert call(url_of(line) + "/_stage/deny_writes", "b", "POST", {"denied": True}).status_code == 200
