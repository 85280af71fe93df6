"""What every door of ``archive.reader`` rests on: the engine, one snapshot per answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive.database import reading, translated

_T = TypeVar("_T")


class Readings:
    """Answers from one archive; the parts of ``archive.reader.Archive`` derive from it."""

    def __init__(self, engine: Engine, moment: Connection | None = None) -> None:
        self._engine = engine
        self._moment = moment
        """The read transaction that all answers come from; None: each has its own."""

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        if self._moment is None:
            with reading(self._engine) as connection:
                yield connection
        else:
            with translated(self._engine):
                yield self._moment

    def _all(self, query: sa.Select[Any], kind: type[_T]) -> list[_T]:
        with self._reading() as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]
