"""``archive contract`` and ``archive grant-reader``: what other programs may rely on, and how they get in."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from archive.cli_base import AsJson, Database, print_json
from archive.errors import UsageError
from archive.terminal import one_line


def contract(
    view: Annotated[str | None, typer.Argument(metavar="[VIEW]", help="Only this view.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the published views with every column: type, null, since which version, meaning."""
    from archive.contract import load

    found = load()
    views = [one for one in found.views if view in {None, one.name}]
    if not views:
        raise UsageError(f"there is no view {view!r}; there are {', '.join(one.name for one in found.views)}")
    if as_json:
        print_json({"version": found.version, "views": [asdict(one) for one in views]})
        return
    lines = [f"contract version {found.version}"]
    for one in views:
        lines += ["", f"{one.name}: {one.about}"]
        lines += [
            f"  {column.name:<18} {column.type + (', null' if column.null else ''):<14} "
            f"since {column.since}  {column.meaning}"
            for column in one.columns
        ]
    sys.stdout.write("\n".join(lines) + "\n")


def grant_reader(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A PostgreSQL role that is there already.")],
    run: Annotated[bool, typer.Option("--run", help="Do it; without, the SQL is only printed.")] = False,
    db: Database = None,
) -> None:
    """Let a PostgreSQL role read the published views, and nothing else of the archive."""
    from archive import grants
    from archive.database import default_url, open_archive, reading, writing

    engine = open_archive(db or default_url(), create=False)
    try:
        if engine.dialect.name != "postgresql":
            raise UsageError(
                "SQLite has no roles: give readers a copy, or the right to read the file and not to write it"
            )
        if not run:
            with reading(engine) as connection:
                lines = grants.statements(connection, role)
            sys.stdout.write("".join(f"{line};\n" for line in lines))
            return
        with writing(engine) as connection:
            grants.grant(connection, role)
    finally:
        engine.dispose()
    sys.stdout.write(f"{one_line(role)} reads the published views, and nothing else\n")
