"""Imports: an owner's artifact, staged and then collected by its connector as a run (CI-01.3)."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path as Folder

from msgspec import Struct

from pdpp_host.artifacts import ArtifactRefused, Staged, Staging
from pdpp_host.domain.entities import Artifact, Batch, Connection, Path, Source
from pdpp_host.domain.requests import RequestRefused
from pdpp_host.ports import Unit, View
from pdpp_host.runtime.controller import Controller, Founding, PlanOf
from pdpp_host.runtime.planning import Plan, collecting, planned_for, reading, registered
from pdpp_host.services import Services

NAMELESS = "artifact"
"""What an artifact is called of which nobody says it."""


@dataclass(frozen=True, slots=True)
class ImportWanted:
    """What an owner wants imported: the artifact's name, the source it is from where it is told, its claims.

    `request` is the JSON of `{"coverage": {stream: "full_refresh"}}`, or nothing; `size` is in bytes, where
    it is known before any of them has come.
    """

    name: str
    binding: dict[str, str] | None = None
    request: bytes = b""
    connector_key: str | None = None
    size: int | None = None


class Imported(Struct, frozen=True):
    """An import that is under way, or the receipt of the same bytes where they were imported before."""

    run_id: str
    batch_id: str
    recognised: Batch | None = None


class Imports:
    """The imports of one host."""

    def __init__(self, services: Services, controller: Controller) -> None:
        self._services, self._controller = services, controller

    def begin(self, connection_id: str, wanted: ImportWanted) -> Receiving:
        """Take the connection's lease, so that bytes may come.

        Raises RequestRefused before any of them is read: `not_found`, `connection_superseded`,
        `connection_paused`, `no_upload_path`, `path_required`, `distinct_connection_required` where the
        artifact is bound to another source, what a run request is refused for, `run_already_active`, and
        `artifact_too_large` for a size that is told, and `storage_failed` where there is no room for it.
        """
        services = self._services
        self._check_size(wanted)

        def plan_of(view: View) -> Plan:
            path = _upload_path(view, collecting(view, connection_id).connection_id, wanted)
            return planned_for(services, view, path, wanted.request, imported=True)

        with services.storage.read() as view:
            plan = plan_of(view)
        self._controller.reserve(plan)
        return self._receiving(plan, plan_of, wanted)

    def begin_from(self, connector_key: str, binding: dict[str, str], wanted: ImportWanted) -> Receiving:
        """Begin an import into the connection whose upload path has this connector and binding.

        Where there is none, one is made when the artifact is staged whole: of what is refused nothing is
        left. Raises RequestRefused as `begin` does, `unknown_connector`, and `path_required` where several
        connections have such a path.
        """
        services = self._services
        with services.storage.read() as view:
            connector = registered(view, connector_key)
            found = _connections_of(view, connector_key, binding)
        if len(found) > 1:
            message = f"several connections have such a path: {', '.join(found)}; say which one"
            raise RequestRefused("path_required", message)
        if found:
            return self.begin(found[0], replace(wanted, connector_key=connector_key, binding=binding))
        self._check_size(wanted)
        now, connection_id = services.clock.now(), services.new_id("conn")
        path = Path(connection_id, 0, connector_key, "owner_artifact", binding, Source(), now)

        def plan_of(view: View) -> Plan:
            return planned_for(services, view, path, wanted.request, imported=True)

        with services.storage.read() as view:
            plan = plan_of(view)
        name = " ".join([connector.manifest.display_name, *binding.values()])

        def founding(unit: Unit) -> None:
            if _connections_of(unit, connector_key, binding):
                message = "another import has made the connection meanwhile; import again"
                raise RequestRefused("run_already_active", message)
            unit.add_connection(Connection(connection_id, connector_key, name, now))
            unit.add_path(path)

        return self._receiving(plan, plan_of, wanted, founding)

    def _check_size(self, wanted: ImportWanted) -> None:
        limit = self._services.artifact_limit
        if wanted.size is not None and wanted.size > limit:
            message = f"the artifact announces {wanted.size} bytes, and at most {limit} are taken"
            raise RequestRefused("artifact_too_large", message)

    def _receiving(
        self, plan: Plan, plan_of: PlanOf, wanted: ImportWanted, founding: Founding | None = None
    ) -> Receiving:
        try:
            with _kept():
                staging = Staging(home(), self._services.artifact_limit)
                staging.sweep()
                staged = staging.open(wanted.name)
        except BaseException:
            self._controller.release(plan)
            raise
        return Receiving(self._services, self._controller, plan, plan_of, staged, founding)


class Receiving:
    """An artifact on its way in; `finish` starts its run, `abort` leaves nothing of it."""

    def __init__(
        self,
        services: Services,
        controller: Controller,
        plan: Plan,
        plan_of: PlanOf,
        staged: Staged,
        founding: Founding | None = None,
    ) -> None:
        self._services, self._controller = services, controller
        self._plan, self._plan_of, self._staged, self._founding = plan, plan_of, staged, founding

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; RequestRefused (`artifact_too_large`) where they are too many."""
        with _kept():
            self._staged.write(chunk)

    def finish(self) -> Imported:
        """Start the run over what has come; the receipt of an earlier import where the bytes are the same.

        The run is planned again: bytes may take hours, and an owner changes rules and connections meanwhile.
        Raises RequestRefused as `Imports.begin` does.
        """
        with _kept():
            found = self._staged.finish()
        artifact = Artifact(found.given, found.sha256, found.size, found.source_format)
        known = self._known(artifact)
        if known is not None:
            self.abort()
            return Imported(known.run_id, known.batch_id, known)

        def plan_of(view: View) -> Plan:
            return reading(self._plan_of(view), str(found.folder), self._staged.discard)

        try:
            run = self._controller.take_in(self._plan, plan_of, artifact, self._founding)
        except BaseException:
            self._staged.discard()
            raise
        return Imported(run.run_id, run.batch_id)

    def abort(self) -> None:
        """Give the lease back and remove what has come."""
        with suppress(OSError):
            self._staged.discard()
        self._controller.release(self._plan)

    def _known(self, artifact: Artifact) -> Batch | None:
        """The batch that took all of this in by this path and this version of the parser."""
        plan, manifest = self._plan, self._plan.connector.manifest
        with self._services.storage.read() as view:
            batches = view.batches_of(plan.run.connection_id, artifact.sha256)
        wanted = (plan.run.path, manifest.connector_key, manifest.version, "completed")
        streams = {stream.name for stream in plan.streams}
        return next(
            (
                each
                for each in batches
                if (each.path, each.connector_key, each.parser_version, each.status) == wanted
                and streams <= {claim.stream for claim in each.coverage}
            ),
            None,
        )


def home() -> Folder:
    """Where artifacts are staged: a folder of this user's among the temporary ones."""
    return Folder(tempfile.gettempdir()) / f"pdpp-host-{os.getuid()}"


def _upload_path(view: View, connection_id: str, wanted: ImportWanted) -> Path:
    uploads = [path for path in view.paths(connection_id) if path.method == "owner_artifact"]
    if not uploads:
        raise RequestRefused(
            "no_upload_path",
            f"{connection_id!r} has no path of the method 'owner_artifact'; add one, or import elsewhere",
        )
    kinds = {(path.connector_key, frozenset(path.binding.items())) for path in uploads}
    if wanted.binding is None and len(kinds) > 1:
        named = ", ".join(f"{path.connector_key} of {path.binding!r}" for path in uploads)
        raise RequestRefused(
            "path_required", f"the connection has several upload paths: {named}; give a binding", "binding"
        )
    for path in uploads:
        if wanted.binding in (None, path.binding) and wanted.connector_key in (None, path.connector_key):
            return path
    raise RequestRefused(
        "distinct_connection_required",
        f"the artifact is bound to {wanted.binding!r}, the upload path of {connection_id!r} to "
        f"{uploads[0].binding!r}; configure a connection for it, or leave the binding out",
        "binding",
    )


def _connections_of(view: View, connector_key: str, binding: dict[str, str]) -> list[str]:
    """The connections that take in artifacts of this connector and binding, but for superseded ones."""
    wanted = (connector_key, "owner_artifact", binding)
    return [
        each.connection_id
        for each in view.connections()
        if each.superseded_by is None
        and any((p.connector_key, p.method, p.binding) == wanted for p in view.paths(each.connection_id))
    ]


@contextmanager
def _kept() -> Iterator[None]:
    """Keep an artifact on disk; RequestRefused for one that is not taken, or that the disk does not take."""
    try:
        yield
    except ArtifactRefused as error:
        raise RequestRefused(error.code, error.message, error.member) from None
    except OSError as error:
        message = (
            f"the artifact cannot be kept in {str(home())!r}: {error.strerror or error}; nothing is left, "
            "make room, or set TMPDIR to another folder and start the host again"
        )
        raise RequestRefused("storage_failed", message) from error
