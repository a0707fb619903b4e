"""Children that end, that do not, and what they leave behind."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from pdpp_host.domain.entities import Source
from pdpp_host.runtime import launch as launching
from pdpp_host.runtime.launch import Child, LaunchFailed, launch

from ..houses import PRELUDE
from ..waiting import until


def start(text: str, environment: dict[str, str] | None = None, source: Source | None = None) -> Child:
    command = [sys.executable, "-S", "-E", "-c", PRELUDE + text, "{source}"]
    return launch(command, environment or {}, source or Source())


def finish(child: Child) -> tuple[bytes, int]:
    said = b"".join(child.stdout())
    status = child.wait()
    child.close()
    return said, status


def group_is_gone(group: int) -> bool:
    """Whether no live process is left in a group; the dead may wait for their parent."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after_name = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(after_name[2]) == group and after_name[0] not in "ZX":
                return False
    return True


def test_a_child_that_behaves() -> None:
    """A child gets its line, is heard to the end, and its exit status is told."""
    child = start("print(hear()['a']); sys.exit(3)")
    child.send(b'{"a":"hello"}')
    assert finish(child) == (b"hello\n", 3)


def _children() -> set[str]:
    """The processes, zombies too, that this one has started; a session's IMAP server is one."""
    told = [file.read_text() for file in Path("/proc/self/task").glob("*/children")]
    return set(" ".join(told).split())


def test_nothing_is_left_open() -> None:
    """After a run no descriptor, thread or zombie of it is left."""
    before = _children()
    descriptors, threads = set(os.listdir("/proc/self/fd")), threading.active_count()
    for _ in range(3):
        finish(start("done(0)"))
    assert set(os.listdir("/proc/self/fd")) == descriptors
    assert threading.active_count() == threads
    assert _children() == before


@pytest.mark.parametrize("command", [["/no/such/program"], ["/etc/passwd"], ["a\0b"], ["/"]])
def test_a_child_that_cannot_be_started(command: list[str]) -> None:
    """A command that does not exist or cannot be executed is LaunchFailed, naming it."""
    with pytest.raises(LaunchFailed) as caught:
        launch(command, {}, Source())
    assert repr(command[0]) in str(caught.value)


def test_a_child_that_never_reads() -> None:
    """A START that no pipe holds blocks nobody, neither while the child runs nor at its end."""
    child = start("done(0)")
    child.send(b"x" * 3_000_000)
    said, status = finish(child)
    assert (said.startswith(b'{"type": "DONE"'), status) == (True, 0)


def test_a_start_larger_than_a_pipe_arrives_whole() -> None:
    """A START of 3 MB, sent before a second line, arrives whole and first."""
    child = start("print(len(hear()['state']), hear()['second'])")
    child.send(b'{"state":"%s"}' % (b"x" * 3_000_000))
    child.send(b'{"second":true}')
    assert finish(child) == (b"3000000 True\n", 0)


def test_a_child_that_closes_its_stdin() -> None:
    """A child that closes its stdin without reading is heard as any other."""
    child = start("os.close(0); done(0)")
    child.send(b"x" * 3_000_000)
    assert finish(child)[1] == 0


def test_a_child_that_closes_stdout_and_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that will not exit after its stdout is ended, and the status says so."""
    monkeypatch.setattr(launching, "EXIT_SECONDS", 0.1)
    child = start("os.close(1); threading.Event().wait()")
    assert finish(child) == (b"", -15)


def test_a_child_that_ignores_the_request_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM ignored, SIGKILL follows, also while the child floods its stdout."""
    monkeypatch.setattr(launching, "GRACE_SECONDS", 0.1)
    child = start("signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: say(type='PROGRESS')")
    heard = child.stdout()
    next(heard)
    child.end()
    for _ in heard:
        pass
    assert child.wait() == -9
    child.close()


@pytest.mark.parametrize("session", [False, True])
def test_a_grandchild_that_holds_the_pipes(session: bool) -> None:
    """A process that the child leaves behind holding its pipes holds nobody up, in its group or out of it."""
    child = start(
        f"p = subprocess.Popen(['sleep', '60'], start_new_session={session}); print(p.pid); done(0)"
    )
    child.send(b"x" * 3_000_000)
    said, status = finish(child)
    left = int(said.split()[0])
    assert (b"DONE" in said, status) == (True, 0)
    if session:
        os.kill(left, 9)


def test_the_whole_group_ends_with_the_child() -> None:
    """What the child started in its group ends with it."""
    child = start("p = subprocess.Popen(['sleep', '60']); print(os.getpgid(0))")
    said, _ = finish(child)
    until(lambda: group_is_gone(int(said)))


def test_ending_a_child_that_has_ended() -> None:
    """A child that is gone is not signalled: its process id may be another's by now."""
    child = start("done(0)")
    finish(child)
    sent: list[object] = []
    child._signal = sent.append  # type: ignore[method-assign,assignment]
    child.end()
    assert child.gone()
    assert sent == []


def test_a_variable_may_be_the_hosts_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is declared as the host's has its present value, and is not there where the host has none."""
    monkeypatch.setenv("MY_NETRC", "/secrets/now")
    monkeypatch.delenv("MY_OTHER", raising=False)
    say = "import os; print(os.environ.get('MY_NETRC'), 'MY_OTHER' in os.environ)"
    child = start(say, {"MY_NETRC": "{host}", "MY_OTHER": "{host}"})
    assert finish(child)[0] == b"/secrets/now False\n"


def test_the_environment_is_allow_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child sees the allow-listed and the declared environment, nothing of the host's secrets."""
    monkeypatch.setenv("PDPP_OWNER_TOKEN", "secret")
    monkeypatch.setenv("LANG", "C")
    child = start("print(json.dumps(dict(os.environ)))", {"ROOT": "at {source}", "URL": "{base_url}"}, SOURCE)
    said, _ = finish(child)
    assert b"secret" not in said
    assert b'"ROOT": "at /data/{base_url}"' in said
    assert b'"URL": "http://x/"' in said
    assert b'"LANG": "C"' in said


SOURCE = Source("/data/{base_url}", "http://x/")


def test_placeholders_in_the_command() -> None:
    """`{source}` in a word of the command is replaced once, by what the path says, byte for byte."""
    child = start("print(sys.argv[1])", source=SOURCE)
    assert finish(child) == (b"/data/{base_url}\n", 0)


def test_the_end_of_stderr_is_kept() -> None:
    """A child that floods stderr is not blocked, and at most the last 64 KiB are kept."""
    child = start("sys.stderr.write('x' * 3_000_000 + 'the end'); done(0)")
    finish(child)
    assert child.errors.endswith("xthe end")
    assert len(child.errors) <= launching.STDERR_KEPT
