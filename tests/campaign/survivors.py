"""Small changes to our own decisions, one at a time: which of them does no test notice?

`python tests/campaign/survivors.py [MINUTES] [SEED]` changes scope and commit, reconcile, synthesis,
monitor and verdict algebra, each in turn as often as the others, until the time is over, and prints
every change that survived its part's tests. It ends 1 when one did that decision 0024 does not justify
by its line.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import attrs
from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_and_test
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec, TestOutcome

ROOT = Path(__file__).parents[2]
JUSTIFIED = ROOT / "docs" / "decisions" / "0024-changes-that-no-test-notices.md"
ROOMS = ("steps", "reference_host", "plugins")
PATIENCE_S = 240.0


@dataclass(frozen=True)
class Part:
    """What is changed together, and the tests that have to notice, the quick ones first."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


def _part(room: str, modules: str, tests: str) -> Part:
    return Part(
        tuple(f"{room}/{name}.py" for name in modules.split()),
        tuple(f"tests/{name}" for name in tests.split()),
    )


PARTS = {
    "scope and commit": _part(
        "reference_host/pdpp_host/domain",
        "scope endings gaps",
        "host/domain host/runtime/test_scoped_runs.py host/runtime/test_ending.py host/runtime "
        "host/web/test_routes.py",
    ),
    "reconcile": _part(
        "reference_host/pdpp_host",
        "domain/coverage runtime/reconciliation readmodel/folding readmodel/keeping",
        "host/web/test_paths.py host/web/test_refreshes.py host/web/test_identity_rules.py "
        "host/web/test_imports.py host/web/test_summaries.py host/readmodel "
        "host/web/test_any_interleaving.py host/runtime/test_imap_path.py storage/test_contract.py",
    ),
    "synthesis": _part(
        "reference_host/pdpp_host/summaries",
        "actions facts freshness rules synthesis",
        "host/summaries docs/test_summaries.py",
    ),
    "monitor": _part(
        "steps/pdpp_tck/monitor",
        "bounds details lines machine order records secrets shapes",
        "monitor schemas",
    ),
    "verdicts": _part(
        "steps/pdpp_tck",
        "verdict gate/deciding gate/judged accounting",
        "docs/test_verdicts.py kit/gate kit/test_judging.py kit/test_workers.py",
    ),
}


def changes() -> list[tuple[str, MutationSpec]]:
    """Every change that can be made, each with its part."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, part in PARTS.items():
            with use_db(str(Path(folder) / "work.sqlite"), mode=WorkDB.Mode.create) as db:
                init([ROOT / module for module in part.modules], db, {})
                found += [(name, spec) for item in db.work_items for spec in item.mutations]
    # `X | None` is nearly always a type, of which nothing comes when the program runs.
    return [each for each in found if "BitOr" not in each[1].operator_name]


def in_turn(made: list[tuple[str, MutationSpec]], seed: int) -> Iterator[tuple[str, MutationSpec]]:
    """All of them, by chance, each part as often as another."""
    random.Random(seed).shuffle(made)
    parts = [[each for each in made if each[0] == name] for name in PARTS]
    return (each for each in chain.from_iterable(zip_longest(*parts)) if each is not None)


_own: list[Path] = []


def copied() -> None:
    """In a worker: a tree of its own, which it may change."""
    folder = Path(tempfile.mkdtemp(prefix="survivors-"))
    listed = os.popen(f"git -C {ROOT} ls-files -z").read().split("\0")
    for name in filter(None, listed):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    _own.append(folder)
    os.chdir(folder)
    os.environ["PYTHONPATH"] = os.pathsep.join(str(folder / room) for room in ROOMS)
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def tried(name: str, spec: MutationSpec) -> tuple[str, bool, str]:
    """The part, whether the change survived its tests, and the change as lines of a diff."""
    own = attrs.evolve(spec, module_path=_own[0] / spec.module_path.relative_to(ROOT))
    tests = " ".join(PARTS[name].tests)
    command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -m 'not long' {tests}"
    result = mutate_and_test([own], command, PATIENCE_S)
    lines = [
        line
        for line in (result.diff or "").splitlines()
        if line[:1] in "+-" and line[:3] not in ("+++", "---")
    ]
    told = "\n".join([f"{spec.module_path.relative_to(ROOT)}:{spec.start_pos[0]}", *lines])
    return name, result.test_outcome == TestOutcome.SURVIVED, told


def campaign(minutes: float, seed: int) -> int:
    """Try changes until the time is over; how many survived that nothing justifies."""
    ends, made = time.monotonic() + 60 * minutes, changes()
    waiting, left = in_turn(made, seed), dict.fromkeys(PARTS, 0)
    counts, unjustified = dict.fromkeys(PARTS, 0), 0
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores, initializer=copied) as pool:
        running: set[Future[tuple[str, bool, str]]] = set()
        while time.monotonic() < ends or running:
            while len(running) < cores and time.monotonic() < ends and (next_ := next(waiting, None)):
                running.add(pool.submit(tried, *next_))
            if not running:
                break
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for name, survived, told in (future.result() for future in done):
                counts[name] += 1
                if survived:
                    left[name] += 1
                    known = justified(told)
                    unjustified += not known
                    print(f"survived{' (justified)' if known else ''}: {told}\n", flush=True)
    for name in PARTS:
        total = sum(each[0] == name for each in made)
        print(f"{name}: {counts[name]} of {total} tried, {left[name]} survived")
    return unjustified


def justified(told: str) -> bool:
    """Whether the decision names the changed line, in its new form, and so says why no test is wanted."""
    lines = told.splitlines()[1:]
    new = next((line[1:].strip() for line in lines if line.startswith("+")), "")
    return bool(new) and JUSTIFIED.exists() and f"`{new}`" in JUSTIFIED.read_text(encoding="utf-8")


if __name__ == "__main__":
    minutes, seed = [*sys.argv[1:], *("30", "1")[len(sys.argv) - 1 :]]
    sys.exit(1 if campaign(float(minutes), int(seed)) else 0)
