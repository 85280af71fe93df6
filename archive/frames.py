"""The published views as data frames of pandas or polars, with types that keep what the archive knows.

Whole numbers that may be null stay whole, dates are dates, times carry their zone. Both libraries are
optional; neither is imported before a frame is asked for.
"""

# mypy: disable-error-code=import-untyped
# (pandas brings no types)

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import views
from archive.dbtypes import Number, Parts, UtcTime
from archive.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

Library = Literal["pandas", "polars"]

_AT_ONCE = 20_000
"""Rows that are Python objects at a time; what is converted takes a tenth of that."""

_PANDAS = {
    "integer": "Int64",
    "text": "string",
    "date": "datetime64[s]",
    "time": "datetime64[us, UTC]",
    "number": "Float64",
    "boolean": "boolean",
}


def frame(
    connection: Connection,
    view: str,
    library: Library = "pandas",
    *,
    columns: Sequence[str] | None = None,
    filters: dict[str, object] | None = None,
) -> pd.DataFrame | pl.DataFrame:
    """A published view, or some of it, as a data frame.

    Args:
        connection: a read transaction.
        view: name of the view, see docs/archive.md.
        library: ``pandas`` or ``polars``.
        columns: only these; without, all.
        filters: per column the value it must have; None for null, several values in a list.

    Raises:
        UsageError: no such view, column or library, or the library is not installed.
    """
    build = _builder(library)
    table = _view(view)
    chosen = [_column(table, name) for name in (columns if columns is not None else table.c.keys())]
    query = sa.select(*(sa.type_coerce(column, _plain(column.type)).label(column.name) for column in chosen))
    for name, wanted in (filters or {}).items():
        query = query.where(_matches(_column(table, name), wanted))
    kinds = {column.name: kind_of(column.type) for column in chosen}
    rows = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    return build(kinds, (_by_column(kinds, part) for part in rows.partitions()))


def kind_of(kind: sa.types.TypeEngine[Any]) -> str:
    """The word of docs/archive.md for the type of a column."""
    if isinstance(kind, UtcTime):
        return "time"
    if isinstance(kind, Number):
        return "number"
    for of, word in ((sa.Boolean, "boolean"), (sa.Integer, "integer"), (sa.Date, "date")):
        if isinstance(kind, of):
            return word
    return "text"


def _builder(library: str) -> Callable[[dict[str, str], Iterator[dict[str, list[Any]]]], Any]:
    builders = {"pandas": _pandas, "polars": _polars}
    if library not in builders:
        raise UsageError(f"frames are of pandas or polars, not {library!r}")
    try:
        __import__(library)
    except ModuleNotFoundError as error:
        raise UsageError(f"a frame of {library} needs one more package: pip install {library}") from error
    return builders[library]


def _pandas(kinds: dict[str, str], parts: Iterator[dict[str, list[Any]]]) -> pd.DataFrame:
    import pandas as pd

    def one(part: dict[str, list[Any]]) -> pd.DataFrame:
        return pd.DataFrame(
            {name: pd.Series(part[name], dtype=_PANDAS[kind]) for name, kind in kinds.items()}
        )

    found = [one(part) for part in parts]
    return pd.concat(found, ignore_index=True) if found else one({name: [] for name in kinds})


def _polars(kinds: dict[str, str], parts: Iterator[dict[str, list[Any]]]) -> pl.DataFrame:
    import polars as pl

    types = {
        "integer": pl.Int64(),
        "text": pl.String(),
        "date": pl.Date(),
        "time": pl.Datetime("us", "UTC"),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
    }
    schema = {name: types[kind] for name, kind in kinds.items()}
    found = [pl.DataFrame(part, schema=schema) for part in parts]
    return pl.concat(found) if found else pl.DataFrame(schema=schema)


def _by_column(kinds: dict[str, str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    columns = zip(*rows, strict=True)
    return {
        name: [float(value) if isinstance(value, Decimal) else value for value in column]
        for name, column in zip(kinds, columns, strict=True)
    }


def _view(name: str) -> sa.TableClause:
    found = next((view for view in views.PUBLISHED if view.name == name), None)
    if found is None:
        names = ", ".join(view.name for view in views.PUBLISHED)
        raise UsageError(f"there is no view {name!r}; there are {names}")
    return found


def _column(view: sa.TableClause, name: str) -> sa.ColumnClause[Any]:
    found: sa.ColumnClause[Any] | None = view.c.get(name)
    if found is None:
        raise UsageError(f"{view.name} has no column {name!r}; it has {', '.join(view.c.keys())}")
    return found


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Parts stay text (``2+4``) as in the view: no frame has a type for them."""
    return sa.String() if isinstance(kind, Parts) else kind


def _matches(column: sa.ColumnClause[Any], wanted: object) -> sa.ColumnElement[bool]:
    plain = sa.type_coerce(column, _plain(column.type))
    several = isinstance(wanted, Collection) and not isinstance(wanted, str | bytes)
    values = list(wanted) if several else [wanted]  # type: ignore[call-overload]
    for value in values:
        _check(column, value)
    if several:
        found = plain.in_([value for value in values if value is not None])
        return sa.or_(found, column.is_(None)) if None in values else found
    return column.is_(None) if wanted is None else plain == wanted


_TAKEN: dict[str, tuple[type, ...]] = {
    "integer": (int,),
    "text": (str,),
    "date": (date,),
    "time": (datetime,),
    "number": (int, float, Decimal),
    "boolean": (bool,),
}


def _check(column: sa.ColumnClause[Any], value: object) -> None:
    """A value of another type would match nothing on one database and fail on the other."""
    kind = kind_of(column.type)
    right = isinstance(value, _TAKEN[kind]) and not (kind == "date" and isinstance(value, datetime))
    if kind == "time" and isinstance(value, datetime):
        right = value.tzinfo is not None and value.astimezone(UTC) == value
    if value is not None and not right:
        raise UsageError(f"{column.name} is of type {kind}; {value!r} is not (times need a zone)")
