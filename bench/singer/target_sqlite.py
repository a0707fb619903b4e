"""The smallest Singer target on `singer-sdk` that keeps its rows in SQLite; run in a venv of its own.

Nothing of the SDK is changed but the pragmas, so that a commit is as durable as ours and as cheap.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from singer_sdk import typing as th
from singer_sdk.sql import SQLConnector, SQLSink, SQLTarget


class _Connector(SQLConnector):
    def get_sqlalchemy_url(self, config: dict[str, Any]) -> str:
        return f"sqlite:///{config['path']}"

    def create_engine(self) -> sqlalchemy.Engine:
        engine = super().create_engine()
        sqlalchemy.event.listen(engine, "connect", _as_durable_as_ours)
        return engine


def _as_durable_as_ours(connection: Any, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


class _Sink(SQLSink[_Connector]):
    connector_class = _Connector


class TargetSqlite(SQLTarget):
    """A table for each stream in the file at `path`."""

    name = "target-sqlite"
    default_sink_class = _Sink
    config_jsonschema = th.PropertiesList(th.Property("path", th.StringType, required=True)).to_dict()


if __name__ == "__main__":
    TargetSqlite.cli()
