"""Marks of what has changed, and folds that are kept or refused."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from pdpp_host.contract.entries import (
    AT,
    a_connection,
    a_connector,
    a_fold,
    a_path,
    a_run,
    an_event,
)
from pdpp_host.contract.evidence import EvidenceCase
from pdpp_host.domain.entities import Gap
from pdpp_host.ports import Storage, Unit

PATIENCE_S = 30.0
AT_ONCE_S = 5.0


class Folded(EvidenceCase):
    """Evidence rows that are marked with what is written, and cleaned by no fold that is too late."""

    def test_every_change_marks_its_connection(self) -> None:
        """Whatever changes what a summary tells makes that row dirty, and no other connection's."""
        self._make("con-1", "con-2")
        keyed = msgspec.structs.replace(a_run("run-2", ""), profile_key="key-1")
        changes: dict[str, Callable[[Unit], object]] = {
            "a path": lambda unit: unit.add_path(a_path(ordinal=1)),
            "a connector": lambda unit: unit.put_connector(a_connector("folder", "another")),
            "a name": lambda unit: unit.update_connection(a_connection(shown="Ours")),
            "a run": lambda unit: unit.add_run(a_run()),
            "a run's end": lambda unit: unit.update_run(
                msgspec.structs.replace(a_run(), status="completed", finished_at=AT)
            ),
            "a key": lambda unit: unit.bind_profile_key("key-1", "con-1"),
            "a run by its key": lambda unit: unit.add_run(keyed),
            "the end of a run by its key": lambda unit: unit.update_run(
                msgspec.structs.replace(keyed, status="surface_failed")
            ),
            "a word on a surface": lambda unit: unit.append([an_event("browser_surface.waiting")]),
            "a word on the surface of a run by its key": lambda unit: unit.append(
                [an_event("browser_surface.failed", "run-2", "")]
            ),
            "a gap": lambda unit: unit.put_open_gaps("con-1", 0, (Gap("partition", "x", "recoverable"),)),
            "a schedule": lambda unit: unit.put_schedule("con-1", 60),
            "no schedule": lambda unit: unit.put_schedule("con-1", None),
            "a mark": lambda unit: unit.mark_dirty("con-1"),
        }
        with self.storage.write() as unit:
            unit.add_path(a_path())
            unit.commit()
        for name, change in changes.items():
            self._fold("con-1", "con-2")
            with self.storage.write() as unit:
                change(unit)
                unit.commit()
            assert self._row().maintenance.dirty, f"{name} leaves the evidence as it was"
            assert not self._row("con-2").maintenance.dirty, f"{name} concerns a sibling"

    def test_a_connector_that_stays_as_it_is_marks_nothing(self) -> None:
        """Registering the very same connector again, as each start of a host does, changes nothing."""
        self._make()
        for _ in range(2):
            with self.storage.write() as unit:
                unit.put_connector(a_connector())
                unit.commit()
            self._fold("con-1")
        with self.storage.write() as unit:
            unit.add_path(a_path())
            unit.commit()
        self._fold("con-1")
        with self.storage.write() as unit:
            unit.put_connector(a_connector())
            unit.commit()
        assert not self._row().maintenance.dirty

    def test_marks_are_rolled_back_with_what_they_mark(self) -> None:
        """A change that is not committed leaves no mark."""
        self._make()
        self._fold("con-1")
        with self.storage.write() as unit:
            unit.update_connection(a_connection(shown="Ours"))
        assert not self._row().maintenance.dirty

    def test_a_fold_is_kept(self) -> None:
        """What was folded at the version of the row is kept, and the row is clean; a bad one says why."""
        self._make()
        self._fold("con-1")
        row = self._row()
        assert (row.evidence, row.maintenance.dirty, row.maintenance.failed) == (a_fold(), False, None)
        with self.storage.write() as unit:
            assert unit.keep_fold("con-1", None, row.maintenance.version, "it is broken")
            unit.commit()
        assert self._row().maintenance.failed == "it is broken"

    def test_an_overtaken_fold_is_refused(self) -> None:
        """A fold of a version that has passed is not kept, whoever passed it, and the row stays dirty."""
        self._make()
        version = self._row().maintenance.version
        with self.beside() as other, other.write() as unit:
            unit.update_connection(a_connection(shown="Ours"))
            unit.commit()
        with self.storage.write() as unit:
            assert not unit.keep_fold("con-1", a_fold(), version, None)
            unit.commit()
        assert self._row().maintenance.dirty
        assert self._row().evidence is None

    def test_a_fold_that_is_not_committed_is_not_kept(self) -> None:
        """A fold is kept by the commit and not before."""
        self._make()
        with self.storage.write() as unit:
            assert unit.keep_fold("con-1", a_fold(), self._row().maintenance.version, None)
        assert self._row().maintenance.dirty

    def test_nobody_waits_who_only_tries(self) -> None:
        """While another writes, here or in another process, `try_write` gives None, and at once."""
        self._make()
        with self.beside() as other:
            for writer, trier in ((self.storage, self.storage), (other, self.storage), (self.storage, other)):
                with writer.write() as unit, ThreadPoolExecutor(1) as threads:
                    unit.mark_dirty("con-1")
                    assert threads.submit(_tried, trier).result(AT_ONCE_S) is False
            for trier in (self.storage, other):
                assert _tried(trier), "nobody writes and still it is None"

    def test_who_tries_keeps_what_was_committed_and_nothing_else(self) -> None:
        """A unit that was got by trying is as any other: committed it is kept, else it is gone."""
        self._make()
        for name, committed in (("Ours", True), ("Theirs", False)):
            with self.storage.try_write() as unit:
                assert unit is not None
                unit.update_connection(a_connection(shown=name))
                if committed:
                    unit.commit()
        with self.storage.read() as view:
            assert view.connection("con-1") == a_connection(shown="Ours")

    def test_writers_wait_for_who_tried(self) -> None:
        """Whoever writes waits for one that got to write by trying: no update is lost between them."""
        self._make()
        with self.beside() as other, ThreadPoolExecutor(1) as threads:
            with self.storage.try_write() as unit:
                assert unit is not None
                unit.put_schedule("con-1", 60)
                waiting = threads.submit(_add_a_minute, other)
                unit.commit()
            waiting.result(PATIENCE_S)
        with self.storage.read() as view:
            assert view.schedule("con-1") == 120


def _tried(storage: Storage) -> bool:
    with storage.try_write() as unit:
        if unit is not None:
            unit.mark_dirty("con-1")
            unit.commit()
        return unit is not None


def _add_a_minute(storage: Storage) -> None:
    with storage.write() as unit:
        unit.put_schedule("con-1", (unit.schedule("con-1") or 0) + 60)
        unit.commit()
