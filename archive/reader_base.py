"""What every door of ``archive.reader`` rests on: the engine, one snapshot per answer."""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive.database import reading

_T = TypeVar("_T")


class Readings:
    """Answers from one archive; the parts of ``archive.reader.Archive`` derive from it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _all(self, query: sa.Select[Any], kind: type[_T]) -> list[_T]:
        with reading(self._engine) as connection:
            return [kind(**row) for row in connection.execute(query).mappings()]
