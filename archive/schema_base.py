"""What the modules of the schema share: the collection of tables, and columns that many have."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, String

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def word(name: str, *, optional: bool = False) -> Column[str]:
    """A column for one of our own short words (states, kinds, keys)."""
    return Column(name, String, nullable=optional)


def digest_column(name: str, target: str | None = None, *, optional: bool = False) -> Column[str]:
    """A column for a SHA-256, 64 hexadecimal digits."""
    links = [ForeignKey(target)] if target else []
    return Column(name, String(64), *links, nullable=optional)


BIG = sa.BigInteger().with_variant(Integer(), "sqlite")
"""Only a key that SQLite calls INTEGER is its row number, found without a second tree."""
