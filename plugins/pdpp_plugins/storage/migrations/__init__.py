"""Brings a database to the newest revision of the schema."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, select

from pdpp_plugins.storage.errors import ForeignDatabase, UnknownRevision

NEWEST = "0001"

_applied = Table("alembic_version", MetaData(), Column("version_num", Text))

# alembic keeps the migration that is running in a module-level proxy.
_one_at_a_time = Lock()


def current_revision(connection: Connection) -> str | None:
    """The revision that a database is at, None for an empty one; ForeignDatabase for somebody else's."""
    names = inspect(connection).get_table_names()
    if _applied.name in names:
        return connection.execute(select(_applied.c.version_num)).scalar()
    if names:
        raise ForeignDatabase(connection.engine.url.database, sorted(names))
    return None


def upgrade(connection: Connection) -> None:
    """Bring a database to `NEWEST` within the caller's transaction; UnknownRevision if it is beyond that."""
    # Imported here because it takes longer than all else when an up-to-date database is opened.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _one_at_a_time:
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        revision = current_revision(connection)
        if revision is not None and revision not in known:
            raise UnknownRevision(connection.engine.url.database, revision, NEWEST)
        command.upgrade(config, NEWEST)
