"""Brings a database to the newest revision of the schema."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, Index, MetaData, Table, Text, inspect, select

from pdpp_plugins.storage.errors import ForeignDatabase, UnknownRevision
from pdpp_plugins.storage.schema import metadata
from pdpp_plugins.storage.spelling import Spelling

if TYPE_CHECKING:
    from alembic.config import Config

OLDEST, NEWEST = "0001", "0006"

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


def lost_indexes(connection: Connection, spelling: Spelling) -> list[Index]:
    """The schema's indexes that a database at `NEWEST` has not, or has in a state that serves nobody."""
    there = {name for name, usable in connection.exec_driver_sql(spelling.indexes) if usable}
    wanted = (index for table in metadata.sorted_tables for index in table.indexes)
    return sorted((index for index in wanted if index.name not in there), key=lambda index: str(index.name))


def restore(connection: Connection, lost: Iterable[Index]) -> None:
    """Make these indexes anew, in place of what is left of them."""
    for index in lost:
        index.drop(connection, checkfirst=True)
        index.create(connection)


def upgrade(connection: Connection, to: str = NEWEST) -> None:
    """Bring a database to a revision within the caller's transaction; UnknownRevision if it is beyond all."""
    # Imported here because it takes longer than all else when an up-to-date database is opened.
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _config(connection)
    with _one_at_a_time:
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        revision = current_revision(connection)
        if revision is not None and revision not in known:
            raise UnknownRevision(connection.engine.url.database, revision, NEWEST)
        command.upgrade(config, to)


def downgrade(connection: Connection, to: str = OLDEST) -> None:
    """Bring a database back to an older revision within the caller's transaction."""
    from alembic import command

    with _one_at_a_time:
        command.downgrade(_config(connection), to)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
