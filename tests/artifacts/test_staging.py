"""Staging: bytes become an artifact, or nothing; what is in use stays, what nobody holds goes."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
from hashlib import sha256
from pathlib import Path

import pytest
from archives import MBOX, archive, files, left, stage

from pdpp_host.artifacts import ArtifactRefused, Staging
from pdpp_host.artifacts.homes import HomeUnusable
from pdpp_host.artifacts.names import safe_name


@pytest.mark.parametrize(
    ("data", "name", "kept", "kind"),
    [
        (MBOX, "All mail.mbox", "All mail.mbox", "mbox"),
        (MBOX, "really.zip", "really.zip.mbox", "mbox"),
        (MBOX, "INBOX", "INBOX", "mbox"),
        (b"{}\n", "a.json", "a.json", "file"),
        (b"From", "x", "x", "file"),
        (b"PK\3", "x.zip", "x.zip", "file"),
    ],
)
def test_one_file(tmp_path: Path, data: bytes, name: str, kept: str, kind: str) -> None:
    """What is no archive is one file under its name; what it is, its content says."""
    artifact = stage(tmp_path, [data[:1], b"", data[1:]], name)
    assert files(artifact.folder) == {kept: data}
    assert artifact.sha256 == sha256(data).hexdigest()
    assert (artifact.name, artifact.given, artifact.size, artifact.source_format) == (
        kept,
        name,
        len(data),
        kind,
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("C:\\Users\\me\\mail.mbox", "mail.mbox"),
        ("/etc/passwd", "passwd"),
        ("../../x", "x"),
        ("..", "artifact"),
        (".", "artifact"),
        ("", "artifact"),
        ("a/", "artifact"),
        ("\0", "artifact"),
        ("a\0b\n\u202ec", "abc"),
        (".hidden", "hidden"),
        (" . .mbox ", "mbox"),
        ("\ud800x", "x"),
        ("é" * 200 + ".mbox", "é" * 125 + ".mbox"),
        ("x" * 300, "x" * 255),
        ("x." + "y" * 300, "x." + "y" * 253),
    ],
)
def test_names(tmp_path: Path, given: str, name: str) -> None:
    """A file's name is data: its last part is used, made safe, and what was given is kept for provenance."""
    artifact = stage(tmp_path, b"x", given)
    assert files(artifact.folder) == {name: b"x"}
    assert artifact.name == safe_name(given) == name
    artifact.given.encode()
    assert "\0" not in artifact.given


def test_a_long_name_is_bounded(tmp_path: Path) -> None:
    """Of a name as given 1024 characters are kept."""
    assert stage(tmp_path, b"x", "x" * 100_000).given == "x" * 1024


def test_too_many_bytes(tmp_path: Path) -> None:
    """One byte over the limit is refused when it comes, and leaves nothing; the limit itself is taken."""
    staging = Staging(tmp_path, limit=10)
    staged = staging.open("x")
    staged.write(b"x" * 10)
    with pytest.raises(ArtifactRefused) as caught:
        staged.write(b"x")
    assert caught.value.code == "artifact_too_large"
    assert left(tmp_path) == []
    with staging.open("x") as staged:
        staged.write(b"x" * 10)
        assert staged.finish().size == 10


def test_no_bytes(tmp_path: Path) -> None:
    """An artifact of no bytes is refused."""
    with pytest.raises(ArtifactRefused, match="empty"):
        stage(tmp_path, b"")
    assert left(tmp_path) == []


def test_the_digest_before_the_end(tmp_path: Path) -> None:
    """What came in can be recognised before it is unpacked."""
    with Staging(tmp_path).open("x") as staged:
        staged.write(b"PK\3\4 is no archive")
        assert staged.sha256 == sha256(b"PK\3\4 is no archive").hexdigest()
    assert left(tmp_path) == []


def test_an_exception_leaves_nothing(tmp_path: Path) -> None:
    """Whatever breaks while bytes come in, or after, nothing stays."""
    for finished in (False, True):
        with pytest.raises(RuntimeError):
            _broken(tmp_path, finished)
        assert left(tmp_path) == []


def _broken(home: Path, finished: bool) -> None:
    with Staging(home).open("x") as staged:
        staged.write(b"x")
        if finished:
            staged.finish()
        raise RuntimeError("the caller went away")


def test_finished_stays_until_it_is_discarded(tmp_path: Path) -> None:
    """The folder of a finished artifact outlives the with, and goes when it is discarded, once or twice."""
    with Staging(tmp_path).open("x.zip") as staged:
        staged.write(archive("a", "b/c"))
        artifact = staged.finish()
    assert sorted(files(artifact.folder)) == ["a", "b/c"]
    assert sorted(each.name for each in artifact.folder.parent.iterdir()) == ["folder"]
    staged.discard()
    staged.discard()
    assert left(tmp_path) == []


def test_what_a_connector_left(tmp_path: Path) -> None:
    """Discarding removes what others wrote into the folder, and does not follow their links."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_bytes(b"x")
    staged = Staging(tmp_path / "home").open("x")
    staged.write(b"x")
    folder = staged.finish().folder
    (folder / "cache").mkdir()
    (folder / "cache" / "link").symlink_to(outside)
    staged.discard()
    assert left(tmp_path / "home") == []
    assert (outside / "file").exists()


def test_the_home_is_this_users_alone(tmp_path: Path) -> None:
    """Home and folders are mode 0700 whatever they were; a link or a file is no home."""
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    folder = stage(home, b"x").folder
    assert {stat.S_IMODE(each.stat().st_mode) for each in (home, folder, folder.parent)} == {0o700}
    (tmp_path / "link").symlink_to(home)
    (tmp_path / "file").write_bytes(b"")
    for name in ("link", "file"):
        with pytest.raises(HomeUnusable):
            Staging(tmp_path / name)


DIES = """
import sys
from pathlib import Path
from pdpp_host.artifacts import Staging
staged = Staging(Path(sys.argv[1])).open("x")
staged.write(b"x")
if sys.argv[2] == "finished":
    staged.finish()
print("ready", flush=True)
sys.stdin.read()
import os
os._exit(1)
"""


@pytest.mark.parametrize("how", ["finished", "unfinished"])
def test_sweeping(tmp_path: Path, how: str) -> None:
    """A sweep removes what a dead process left and neither what another one uses nor our own."""
    command = [sys.executable, "-c", DIES, str(tmp_path), how]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    with process, Staging(tmp_path).open("mine") as mine:
        assert process.stdout.readline() == b"ready\n"
        mine.write(b"x")
        folder = mine.finish().folder
        before = left(tmp_path)
        assert Staging(tmp_path).sweep() == 0
        assert left(tmp_path) == before
        process.stdin.close()
        process.wait()
        assert Staging(tmp_path).sweep() == 1
        assert files(folder) == {"mine": b"x"}
        mine.discard()
    assert left(tmp_path) == []


def test_sweeping_leaves_what_is_not_ours(tmp_path: Path) -> None:
    """What else lies in the home is no artifact; a lock without a folder goes."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "artifact-x.lock").write_bytes(b"")
    assert Staging(tmp_path).sweep() == 0
    assert left(tmp_path) == ["notes"]


def test_sweeping_while_others_stage(tmp_path: Path) -> None:
    """Sweeps at once with staging never take what is in use, and leave no lock behind."""
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for n in range(30):
                with Staging(tmp_path).open("x") as staged:
                    staged.write(b"%d" % n)
                    Staging(tmp_path).sweep()
                    assert files(staged.finish().folder) == {"x": b"%d" % n}
                    staged.discard()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert left(tmp_path) == []
