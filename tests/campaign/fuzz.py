"""Bytes from strangers, for so many seconds a target: nothing may crash, hang or leak.

`python tests/campaign/fuzz.py [SECONDS [TARGET…]]` prints how many inputs each target took and what became of
them; what a target breaks on is kept in `reports/fuzz/`. Where atheris is installed half of the time is its:
it looks for inputs that reach code which none has reached before. What is found becomes a regression test in
`tests/fuzz/test_found.py`.
"""

from __future__ import annotations

import gc
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "fuzz"))

FOUND = ROOT / "reports" / "fuzz"
SLOWEST_S, LEAK_MB, MEMORY_MB = 5.0, 64, 2048


def made(name: str, seconds: float) -> None:
    """Inputs of Hypothesis's, a thousand at a time with another seed each time."""
    from hypothesis import HealthCheck, given, seed, settings
    from making import inputs
    from targets import TARGETS

    target, ends, slowest = TARGETS[name], Counter[str](), 0.0
    last = b""

    def one(content: bytes) -> None:
        nonlocal slowest, last
        last, begun = content, time.process_time()
        ends[target.take(content)] += 1
        slowest = max(slowest, time.process_time() - begun)
        assert slowest < SLOWEST_S, f"{slowest:.1f} s for {len(content)} bytes"

    round_, until, early = 0, time.monotonic() + seconds, 0.0
    while time.monotonic() < until:
        round_ += 1
        some = settings(
            max_examples=1000, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        try:
            seed(round_)(some(given(inputs(target))(one)))()
        except BaseException:
            print(f"{name}: broken by {_kept(name, last)}", flush=True)
            raise
        gc.collect()
        early = early or _held_mb()
    grown = _held_mb() - early
    told = ", ".join(f"{end} {count}" for end, count in ends.most_common())
    print(
        f"{name}: {sum(ends.values())} inputs, slowest {slowest:.2f} s, grown {grown:.0f} MB: {told}",
        flush=True,
    )
    assert grown < LEAK_MB, f"{name} leaks"


def reached(name: str, seconds: float) -> None:
    """Inputs of atheris's, in a process of its own that it ends."""
    with tempfile.TemporaryDirectory() as folder:
        FOUND.mkdir(parents=True, exist_ok=True)
        limits = [f"-max_total_time={seconds:.0f}", f"-timeout={SLOWEST_S:.0f}", f"-rss_limit_mb={MEMORY_MB}"]
        command = [sys.executable, __file__, "--atheris", name, folder, f"-artifact_prefix={FOUND}/{name}-"]
        done = subprocess.run(
            [*command, *limits], capture_output=True, text=True, errors="replace", check=False
        )
    last = [line for line in done.stderr.splitlines() if "cov:" in line or line.startswith("Done")][-2:]
    print(f"{name}: atheris: {' | '.join(last)}", flush=True)
    if done.returncode != 0:
        sys.exit(f"{name}: broken, see {FOUND}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def _atheris(name: str, folder: str, options: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=["pdpp_host", "pdpp_tck"]):
        from targets import TARGETS
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds):
        (Path(folder) / f"seed{number}").write_bytes(seed)
    words = Path(folder).with_suffix(".words")
    words.write_text("".join(f'"{_escaped(word[:64])}"\n' for word in target.words))
    atheris.Setup(["fuzz", *options, f"-dict={words}", folder], lambda content: target.take(content) and None)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    """A word as libFuzzer's dictionaries have it."""
    return "".join(f"\\x{byte:02x}" for byte in word)


def _kept(name: str, content: bytes) -> Path:
    FOUND.mkdir(parents=True, exist_ok=True)
    file = FOUND / f"{name}-{len(list(FOUND.iterdir()))}"
    file.write_bytes(content)
    return file


def _held_mb() -> float:
    """The most memory that this process has ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def main(seconds: float = 20, *chosen: str) -> None:
    """Each target in a process of its own, so that what one holds is not another's."""
    from targets import TARGETS

    atheris = find_spec("atheris") is not None
    if not atheris:
        print("atheris is not installed: all of the time is Hypothesis's")
    for name in chosen or TARGETS:
        half = seconds / 2 if atheris else seconds
        subprocess.run([sys.executable, __file__, "--made", name, str(half)], check=True)
        if atheris:
            reached(name, half)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--made", name, seconds]:
            made(name, float(seconds))
        case ["--atheris", name, folder, *options]:
            _atheris(name, folder, options)
        case [seconds, *chosen]:
            main(float(seconds), *chosen)
        case _:
            main()
