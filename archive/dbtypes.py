"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from archive.text import clean


class UtcTime(TypeDecorator[datetime]):
    """A moment, timezone-aware and in UTC.

    SQLite has no such type: there it is ISO text of fixed width, so that the order of the
    text is the order of the moments, for other tools as well. A time without a zone is refused.
    """

    impl = sa.TIMESTAMP(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, ``timestamptz`` on PostgreSQL."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(32))
        return dialect.type_descriptor(sa.TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | datetime | None:
        """Aware time → UTC, as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without a zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.isoformat(sep=" ", timespec="microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: str | datetime | None, dialect: Dialect) -> datetime | None:
        """What the database keeps → aware time in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that came from outside.

    PostgreSQL refuses NUL and both databases refuse lone surrogates; one hostile title must
    not stop a crawl, so these characters are replaced on their way in.
    """

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replaces what no database takes."""
        return None if value is None else clean(value)


class Json(TypeDecorator[Any]):
    """JSON whose strings are as clean as those of ``Words``."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> object:
        """Replaces in every string what no database takes."""
        return _clean_tree(value)


class Parts(TypeDecorator[tuple[int, ...]]):
    """Standard parts of a report as text that other tools can read: ``2+4``, empty for none."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: tuple[int, ...] | None, dialect: Dialect) -> str | None:
        """(2, 4) → ``2+4``."""
        return None if value is None else "+".join(str(part) for part in value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[int, ...] | None:
        """``2+4`` → (2, 4)."""
        return None if value is None else tuple(int(part) for part in value.split("+") if part)


class Number(TypeDecorator[Decimal]):
    """A decimal number of up to 15 significant digits, which both databases keep exactly as printed.

    SQLite has no decimals: there it is a number all the same, for other tools as well: an integer
    if it is whole, else a float, and 15 digits come back from a float as they went in.
    """

    impl = sa.Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """``NUMERIC`` on both; SQLAlchemy's own decimals would be cut to ten places on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.Numeric(asdecimal=False))
        return dialect.type_descriptor(sa.Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Decimal | None:
        """Rounds to the digits that both databases keep.

        Raises:
            ValueError: infinite, no number, or too large for SQLite.
        """
        if value is None:
            return None
        if not value.is_finite() or value.adjusted() > _LARGEST_POWER:
            raise ValueError(f"no number a database can keep: {value}")
        return _FIFTEEN_DIGITS.create_decimal(value)

    def process_result_value(self, value: float | Decimal | None, dialect: Dialect) -> Decimal | None:
        """What the database keeps → decimal."""
        return None if value is None else _FIFTEEN_DIGITS.create_decimal(str(value))


_FIFTEEN_DIGITS = Context(prec=15)
_LARGEST_POWER = 300


def _clean_tree(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): _clean_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_tree(item) for item in value]
    return value
