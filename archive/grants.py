"""A PostgreSQL role for readers: it sees the published views, and nothing else of the archive."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import views
from archive.errors import UsageError

_LONGEST = 63
"""Bytes of a name in PostgreSQL; longer ones are cut silently."""


def statements(connection: Connection, role: str) -> list[str]:
    """What makes an existing role a reader of this archive. May be run again; has to be after an upgrade or restore.

    Raises:
        UsageError: no role can have this name.
    """
    if not role or "\x00" in role or len(role.encode(errors="replace")) > _LONGEST:
        raise UsageError(f"not the name of a role: {role[:80]!r}")
    here = connection.exec_driver_sql("SELECT current_database(), current_schema()").one()
    database, schema = (_quoted(name) for name in here)
    to, names = _quoted(role), ", ".join(f"{schema}.{_quoted(view.name)}" for view in views.PUBLISHED)
    return [
        f"GRANT CONNECT ON DATABASE {database} TO {to}",
        f"GRANT USAGE ON SCHEMA {schema} TO {to}",
        # What it was given earlier, by hand or for a view that is none any more.
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {to}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {to}",
        f"REVOKE CREATE ON SCHEMA {schema} FROM {to}",
        f"GRANT SELECT ON {names} TO {to}",
        f"ALTER ROLE {to} SET default_transaction_read_only = on",
    ]


def grant(connection: Connection, role: str) -> None:
    """Runs them, in the caller's write transaction.

    Raises:
        UsageError: no such role, or it is one that sees everything anyway.
    """
    wanted = statements(connection, role)
    found = connection.execute(
        sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = :role"), {"role": role}
    ).one_or_none()
    if found is None:
        raise UsageError(f"there is no role {role!r}; make it first: CREATE ROLE … LOGIN PASSWORD '…'")
    owner = connection.exec_driver_sql(
        "SELECT tableowner FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'change'"
    ).scalar()
    if found.rolsuper or owner == role:
        raise UsageError(
            f"{role!r} may do everything here (superuser or owner); make a role of its own for readers"
        )
    for statement in wanted:
        connection.execute(sa.text(statement.replace(":", "\\:")))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
