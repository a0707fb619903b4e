"""Tests that passed are run again as soon as anything is different, and only then not."""

from __future__ import annotations

from pathlib import Path

import pytest
import unchanged

TESTS = """
import pytest

def test_kept():
    assert {right}

@pytest.mark.skip(reason="not run, the sea is missing")
def test_left_out():
    pass
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout with a test that passes and one that is not run."""
    (tmp_path / ".venv").mkdir()
    (tmp_path / "spec").mkdir()
    (tmp_path / "test_small.py").write_text(TESTS.format(right=True))
    monkeypatch.setattr(unchanged, "ROOT", tmp_path)
    monkeypatch.setattr(unchanged, "SPEC", tmp_path / "spec")
    monkeypatch.setattr(unchanged, "KEPT", tmp_path / ".venv" / ".tested")
    # Nothing here wants a plugin, and to load them all takes longer than all that is tested.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return tmp_path


def made(checkout: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, bool, str]:
    """The status, whether the tests ran, and what was said."""
    status = unchanged.main([*more, "-rs", "-p", "no:cacheprovider", str(checkout)])
    said = capsys.readouterr().out
    return status, "test session starts" in said, said


def test_what_did_not_change_is_not_run_again(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second time tells when it passed, and what was not run even then."""
    assert made(checkout, capsys)[:2] == (0, True)
    status, ran, said = made(checkout, capsys)
    assert (status, ran) == (0, False)
    assert "1 passed, 1 skipped" in said
    assert "not run, the sea is missing" in said
    assert "unchanged since that run of 20" in said
    assert made(checkout, capsys, "--again")[:2] == (0, True)


@pytest.mark.parametrize("what", ["a file", "the specification", "the environment", "a program"])
def test_what_changed_is_run_again(
    what: str, checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the tests read, or are run with; that they are run in truth is for the others here to say."""

    def tested(arguments: list[str]) -> tuple[int, list[str]]:
        print("test session starts")
        return 0, ["1 passed"]

    monkeypatch.setattr(unchanged, "tested", tested)
    assert made(checkout, capsys)[:2] == (0, True)
    if what == "a file":
        (checkout / "more.toml").touch()
    elif what == "the specification":
        (checkout / "spec" / "spec.md").write_text("another sentence")
    elif what == "the environment":
        monkeypatch.setenv("PDPP_REQUIRE", "nothing")
    else:
        monkeypatch.setattr(unchanged, "_PROGRAMS", ("sh",))
    assert made(checkout, capsys)[:2] == (0, True)
    assert made(checkout, capsys)[:2] == (0, False)


def test_what_failed_is_run_again(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure is never kept, nor what passed before it."""
    right = (checkout / "test_small.py").read_text()
    assert made(checkout, capsys)[0] == 0
    (checkout / "test_small.py").write_text(TESTS.format(right=False))
    assert [made(checkout, capsys)[:2] for _ in range(2)] == [(1, True), (1, True)]
    (checkout / "test_small.py").write_text(right)
    assert made(checkout, capsys)[:2] == (0, True)
