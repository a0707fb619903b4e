"""All tables together, and how a row is numbered."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, MetaData

# Only a column whose type is spelled INTEGER is the rowid itself on SQLite.
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()
