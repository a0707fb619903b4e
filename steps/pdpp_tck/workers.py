"""Cells judged side by side, in processes forked from the one that counts their results."""

from __future__ import annotations

import gc
import io
import multiprocessing
import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from pdpp_tck.execution import Result
from pdpp_tck.plan import Cell

Judging = Callable[[int], list[Result]]

_LOOK_S = 0.5

_judging: list[Judging] = []


def usable_cores() -> int:
    """How many processes may compute at once here; 1 where forking is not what the system wants."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def side_by_side(cells: Sequence[Cell], judge: Judging, workers: int) -> Iterator[tuple[int, Result]]:
    """The index and the results of `judge(index)` for each cell, in the order in which they come.

    A process that dies takes its results with it; the accounting then misses them.
    """
    _judging.append(judge)
    # What is there by now stays: workers need not walk through it, nor copy the pages that they share.
    gc.freeze()
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(min(workers, len(cells)), context, _apart)
    try:
        asked = {pool.submit(_judged, index): index for index in range(len(cells))}
        for done in as_completed(asked):
            index = asked[done]
            for result in _unpacked(_brought(done), cells[index]):
                yield index, result
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()
        _judging.pop()


def _judged(index: int) -> bytes:
    """What a worker does: judge one cell and hand over what came of it."""
    try:
        return _packed(_judging[-1](index))
    except KeyboardInterrupt:
        # The pool would go on with the next one; the scenario's own end is behind us by now.
        os._exit(130)


def _apart() -> None:
    """What is written past Python in a worker concerns nobody, and none outlives the run that it is of."""
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _end_with(parent: int) -> None:
    """Wait until the parent is gone; a killed one cannot tell its workers."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def _brought(done: Future[bytes]) -> bytes:
    try:
        return done.result()
    except BrokenProcessPool:
        return _packed([])


class _Packer(pickle.Pickler):
    """Leaves the cell out, which the other side has: its subject holds what no other process can."""

    def persistent_id(self, obj: Any) -> str | None:
        return "cell" if isinstance(obj, Cell) else None


class _Unpacker(pickle.Unpickler):
    def __init__(self, packed: bytes, cell: Cell) -> None:
        super().__init__(io.BytesIO(packed))
        self._cell = cell

    def persistent_load(self, pid: Any) -> Cell:
        return self._cell


def _packed(results: list[Result]) -> bytes:
    buffer = io.BytesIO()
    _Packer(buffer).dump(results)
    return buffer.getvalue()


def _unpacked(packed: bytes, cell: Cell) -> list[Result]:
    results: list[Result] = _Unpacker(packed, cell).load()
    return results
