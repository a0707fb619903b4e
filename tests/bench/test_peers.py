"""A peer of `make bench` that is not there, breaks or loses records is told so, never counted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(autouse=True)
def _its_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))


def test_a_peer_is_told_by_how_many_times_as_fast_we_are() -> None:
    """Ours beside a peer's is held against the goal the way people speak of it."""
    from figures import Figure, told

    slow, fast = (Figure("all", "s", ours, 0.2, 6.0, "them", peer=True) for ours in (2.0, 0.5))
    assert "3.0 x as fast" in told(slow)
    assert "goal 5 x as fast: NOT MET" in told(slow)
    assert "12.0 x as fast" in told(fast)
    assert "goal 5 x as fast: met" in told(fast)


def test_a_package_that_pip_cannot_have_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is in the row, and in what is kept."""
    import peers
    import venvs
    from figures import NotRun, told

    monkeypatch.setattr(venvs, "HOME", tmp_path)
    monkeypatch.setattr(venvs, "_done", _refused)
    [row] = peers.on_sqlite()
    assert isinstance(row, NotRun)
    assert "not run: no index has it" in told(row)
    assert not (tmp_path / "singer-sdk" / "ready").exists()


def _refused(*command: str) -> None:
    from venvs import NoPeer

    raise NoPeer("no index has it")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("so\nnot today", "not today"),
        ("so\nERROR: no such thing\nERROR: read on", "no such thing"),
        ("", "nothing"),
    ],
)
def test_an_installation_that_fails_says_why(said: str, why: str) -> None:
    """The error is told, and not the advice that follows it."""
    from venvs import NoPeer, _done

    with pytest.raises(NoPeer, match=f"not to be had: (it said )?{why}$"):
        _done(sys.executable, "-c", f"import sys; sys.stderr.write({said!r}); sys.exit(3)")


@pytest.mark.parametrize("program", ["raise SystemExit('no disk')", "print('{}')"])
def test_a_target_that_fails_or_hands_back_no_state_is_no_peer(tmp_path: Path, program: str) -> None:
    """A target has stored all only where its state came out again."""
    from peers import fed
    from venvs import NoPeer

    stream = tmp_path / "stream"
    stream.touch()
    with pytest.raises(NoPeer, match="ended"):
        fed((sys.executable, "-c", program), {}, stream, tmp_path)


def test_a_target_that_lost_records_is_no_peer(tmp_path: Path) -> None:
    """Rows are counted in the database, whatever the target said."""
    from peers import _sqlite, _stream
    from venvs import NoPeer

    target = tmp_path / "target.py"
    target.write_text(
        "import json, sqlite3, sys\n"
        "file = json.load(open(sys.argv[2]))['path']\n"
        "with sqlite3.connect(file) as database:\n"
        "    database.execute('CREATE TABLE notes (id)')\n"
        "    for line in list(sys.stdin)[2:]:\n"
        "        if json.loads(line)['type'] == 'RECORD':\n"
        "            database.execute('INSERT INTO notes VALUES (1)')\n"
        "print('{\"bookmarks\": {}}')\n"
    )
    stream = _stream(tmp_path, 3)
    assert [json.loads(line)["type"] for line in stream.read_text().splitlines()] == [
        "SCHEMA",
        *["RECORD"] * 3,
        "STATE",
    ]
    with pytest.raises(NoPeer, match="2 rows of 3"):
        _sqlite((sys.executable, str(target)), stream)


def test_a_name_that_bench_has_not_ends_2() -> None:
    """All that there are are named."""
    done = subprocess.run([sys.executable, BENCH, "nosuch"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no nosuch; there are ingest-sqlite" in done.stderr
    assert "peers-postgres" in done.stderr
    assert "falsify" in done.stderr
