"""What every door of ``archive.reader`` rests on: the engine, one snapshot per answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive.database import reading, translated

_T = TypeVar("_T")


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One read transaction of several statements that all see the same moment.

    On SQLite every transaction does; PostgreSQL has to be told.
    """
    with translated(engine), engine.connect() as connection:
        options: dict[str, Any] = {"archive_reads": True}
        if engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        yield connection.execution_options(**options)


class Readings:
    """Answers from one archive; the parts of ``archive.reader.Archive`` derive from it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _all(self, query: sa.Select[Any], kind: type[_T]) -> list[_T]:
        with reading(self._engine) as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]
