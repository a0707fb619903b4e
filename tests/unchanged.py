"""`make test`: the tests, unless they passed before on exactly what is here now.

`python tests/unchanged.py [--again] PYTEST-ARGUMENT…` runs pytest and, where it ends 0, keeps what it
summed up beside a digest of all that the tests read: every file of the checkout, the specification beside
it, what is installed, the parts of the machine and the environment. While the digest is the same that
summary is shown, with its date, and nothing is run: skips and all, as it was. `--again` runs them whatever
was before.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPEC = ROOT.parent / "shared" / "spec"
KEPT = ROOT / ".venv" / ".tested"
_NOT_READ = {
    ".git", ".venv", ".hypothesis", ".import_linter_cache", ".mypy_cache", ".pytest_cache", ".ruff_cache",
    "__pycache__", "build", "dist",
}  # fmt: skip
_PROGRAMS = ("chromium", "curl", "dovecot", "docker", "git", "jq", "node")
_SUMMED_UP = "= short test summary info ="


def digest(arguments: list[str]) -> str:
    """Of everything that the result depends on."""
    found = hashlib.sha256()
    for part in (*_machine(), *arguments):
        found.update(f"{part}\0".encode())
    for path in sorted(_files(ROOT)) + sorted(_files(SPEC)):
        found.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _machine() -> Iterator[str]:
    yield f"{sys.version} {platform.platform()} {os.cpu_count()}"
    yield from sorted(f"{each.name} {each.version}" for each in distributions())
    yield from sorted(
        f"{k}={v}" for k, v in os.environ.items() if k.startswith(("PDPP_", "DOCKER_", "TESTC"))
    )
    yield from (f"{program} {shutil.which(program)}" for program in _PROGRAMS)
    # A client is no daemon, and it is the daemon by which tests are run or listed as not run.
    docker = ["docker", "info"]
    there = (
        shutil.which("docker") and subprocess.run(docker, capture_output=True, check=False).returncode == 0
    )
    yield f"docker answers: {bool(there)}"


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_READ]
        if Path(here) == ROOT / "reports":
            # What runs of the kit leave there is read by nobody else.
            folders[:], names = [], ["README.md"]
        yield from (Path(here) / name for name in names)


def tested(arguments: list[str]) -> tuple[int, list[str]]:
    """Run pytest; its exit status, and its summary as it was printed."""
    command = [sys.executable, "-m", "pytest", *arguments]
    colour = ["--color=yes"] if sys.stdout.isatty() else []
    lines: list[str] = []
    with subprocess.Popen([*command, *colour], stdout=subprocess.PIPE, text=True, bufsize=1) as child:
        assert child.stdout is not None
        for line in child.stdout:
            print(line, end="", flush=True)
            # Without skips there is no summary but the last line.
            lines = [*lines, line] if lines and _SUMMED_UP in lines[0] else [line]
    return child.returncode, lines


def main(arguments: list[str]) -> int:
    """Show what was summed up before, or run the tests; pytest's exit status."""
    again, arguments = "--again" in arguments, [each for each in arguments if each != "--again"]
    now = digest(arguments)
    before = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if before.get("digest") == now and not again:
        print("".join(before["said"]), end="")
        print(f"unchanged since that run of {before['at']}; `make test AGAIN=1` runs them again")
        return 0
    KEPT.unlink(missing_ok=True)
    status, said = tested(arguments)
    if status == 0 and digest(arguments) == now:
        at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        KEPT.write_text(json.dumps({"digest": now, "at": at, "said": said}))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
