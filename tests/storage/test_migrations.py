from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from pdpp_plugins.storage import migrations
from pdpp_plugins.storage.engines import reader
from pdpp_plugins.storage.schema import metadata
from pdpp_plugins.storage.sqlite import SqliteStorage

from .builders import select


def test_the_newest_revision_is_the_head() -> None:
    """The revision that storages are brought to is the only head of the versions."""
    folder = Path(migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_heads() == [migrations.NEWEST]


def test_the_migrated_database_has_the_tables_of_the_schema(storage: SqliteStorage) -> None:
    """Reflected from a migrated database, tables, columns, keys and indexes are those of the schema."""
    engine = reader(Path(storage.file))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_the_migrated_database_is_spelled_as_the_schema(storage: SqliteStorage, tmp_path: Path) -> None:
    """Even what reflection does not see (partial indexes, the rowid) is the same in both."""
    plain = tmp_path / "plain.db"
    engine = create_engine(f"sqlite:///{plain}")
    metadata.create_all(engine)
    engine.dispose()
    asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version' ORDER BY name"
    assert [_words(sql) for sql in select(Path(storage.file), asked)] == [
        _words(sql) for sql in select(plain, asked)
    ]


def _words(sql: str) -> list[str]:
    return sql.replace(",", " , ").split()
