"""Whatever bytes come: an artifact within its folder, or a typed refusal that leaves nothing.

`PDPP_EXAMPLES` is the number of examples of each (`make campaign` takes three thousand).
"""

from __future__ import annotations

import os
from pathlib import Path

from archives import MBOX, Entry, archive, files, left
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pdpp_host.artifacts import ArtifactRefused, Limits, Staging

PLENTY = settings(
    max_examples=int(os.environ.get("PDPP_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SMALL = Limits(members=20, unpacked=200_000, ratio=50, ratio_from=20_000)
PARTS = st.sampled_from(
    ["..", ".", "", "a", "A", "b", "é", "e\u0301", "\\", "C:", "\0", "__MACOSX", ".DS_Store", "~"]
)
NAMES = st.one_of(
    st.lists(PARTS, max_size=5).map("/".join), st.text(max_size=8), st.just("/tmp/pdpp-outside")
)


def held(root: Path, data: bytes, name: str = "x") -> None:
    """Stage bytes below `root`: nothing of it changes but the artifact's own folder."""
    home = root / "home"
    before = {each for each in root.rglob("*") if home not in each.parents}
    staged = Staging(home, 1_000_000, SMALL).open(name)
    try:
        staged.write(data)
        artifact = staged.finish()
    except ArtifactRefused as error:
        refusal, artifact = error.message, None
    if artifact is None:
        assert left(home) == []
        assert refusal.isprintable()
        return
    assert {each for each in root.rglob("*") if home not in each.parents} - {home} == before - {home}
    assert all(
        artifact.folder in each.parents
        for each in home.rglob("*")
        if each.is_file() and "lock" not in each.name
    )
    assert not any(each.is_symlink() for each in home.rglob("*"))
    found = files(artifact.folder)
    assert found
    assert sum(map(len, found.values())) <= max(SMALL.unpacked, len(data))
    staged.discard()
    assert left(home) == []


@PLENTY
@given(names=st.lists(NAMES, max_size=8), mode=st.sampled_from([0, 0o100644, 0o120777]))
@example(names=["a", "a/b"], mode=0)
@example(names=["é", "e\u0301"], mode=0)
def test_no_name_leads_outside(tmp_path: Path, names: list[str], mode: int) -> None:
    """Any sequence of member names writes inside the folder, and nowhere else."""
    raw = [name.encode(errors="surrogatepass") for name in names]
    held(tmp_path, archive(*(Entry(name, b"x", 0, mode=mode) for name in raw)))
    assert not Path("/tmp/pdpp-outside").exists()


@PLENTY
@given(name=st.text(st.characters(), max_size=300))
def test_any_name_of_a_file(tmp_path: Path, name: str) -> None:
    """Any name that an owner gives a file ends as one file in the folder."""
    held(tmp_path, b"x", name)


@PLENTY
@given(data=st.binary(max_size=2000), head=st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"From "]))
def test_any_bytes(tmp_path: Path, data: bytes, head: bytes) -> None:
    """Any bytes end in an artifact or a typed refusal."""
    held(tmp_path, head + data)


def spoiled(data: bytes) -> st.SearchStrategy[bytes]:
    """An archive with some of its bytes replaced, or cut, or with something put in."""
    place = st.integers(0, len(data))
    edit = st.tuples(place, place, st.one_of(st.binary(max_size=8), st.just(b"\xff\xff\xff\xff")))

    def apply(edits: list[tuple[int, int, bytes]]) -> bytes:
        result = data
        for at, length, new in edits:
            result = result[:at] + new + result[at + (length if length < 9 else len(new)) :]
        return result

    return st.lists(edit, min_size=1, max_size=3).map(apply)


WHOLE = archive(
    Entry("a/b.mbox", MBOX * 30),
    Entry("a/", b"", 0, mode=0o040755),
    Entry("c", b"plain", 0),
    Entry("z", bytes(90_000)),
)


@PLENTY
@given(data=spoiled(WHOLE))
def test_any_spoiled_archive(tmp_path: Path, data: bytes) -> None:
    """An archive that was changed anywhere ends in an artifact or a typed refusal."""
    held(tmp_path, data)


def test_the_archive_that_is_spoiled_is_good(tmp_path: Path) -> None:
    """The control: unspoiled it is taken."""
    staged = Staging(tmp_path, 1_000_000, Limits()).open("x")
    staged.write(WHOLE)
    assert len(files(staged.finish().folder)) == 3
