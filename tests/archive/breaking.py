"""A database that fails at the n-th statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine


class BrokenError(Exception):
    """The n-th statement fails."""


@contextmanager
def breaking_at(engine: Engine | type[Engine], nth: int) -> Iterator[list[str]]:
    """Lets the n-th statement of an engine, or of all, fail; gives the statements that were begun."""
    seen: list[str] = []

    def count(_connection, _cursor, statement, _parameters, _context, _many) -> None:
        seen.append(statement)
        if len(seen) == nth:
            raise BrokenError(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", count)
