from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from pdpp_plugins.storage import migrations
from pdpp_plugins.storage.schema import metadata
from pdpp_plugins.storage.sql_storage import SqlStorage

from .builders import opened, select


def test_the_newest_revision_is_the_head() -> None:
    """The revision that storages are brought to is the only head of the versions."""
    folder = Path(migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_heads() == [migrations.NEWEST]


def test_the_migrated_database_has_the_tables_of_the_schema(storage: SqlStorage) -> None:
    """Reflected from a migrated database, tables, columns, keys and indexes are those of the schema."""
    with storage._reader.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_migrated_file_is_spelled_as_the_schema(file: Path, tmp_path: Path) -> None:
    """Even what reflection does not see (partial indexes, the rowid) is the same in both."""
    plain = tmp_path / "plain.db"
    engine = create_engine(f"sqlite:///{plain}")
    metadata.create_all(engine)
    engine.dispose()
    with opened(file):
        pass
    asked = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version' ORDER BY name"
    # In any order: a column that was added later stands last.
    migrated = [sorted(_words(sql)) for sql in select(file, asked)]
    assert migrated == [sorted(_words(sql)) for sql in select(plain, asked)]


def test_a_migrated_server_is_spelled_as_the_schema(postgres_url: str) -> None:
    """Collations, defaults and partial indexes too are those that the schema itself would have made."""
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, collation_name,"
        " column_default FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name <> 'alembic_version' ORDER BY 1, 2"
    )
    indexes = "SELECT indexdef FROM pg_indexes WHERE tablename <> 'alembic_version' AND schemaname = 'public'"
    with opened(postgres_url) as storage:
        migrated = [select(storage, asked) for asked in (columns, f"{indexes} ORDER BY 1")]
        with storage._writer.begin() as connection:
            metadata.drop_all(connection)
            metadata.create_all(connection)
        assert [select(storage, asked) for asked in (columns, f"{indexes} ORDER BY 1")] == migrated


def _words(sql: str) -> list[str]:
    # SQLite quotes the name of a table that was renamed.
    return sql.replace('"', "").replace(",", " , ").split()
