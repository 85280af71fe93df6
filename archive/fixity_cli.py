"""``archive verify``, ``backup``, ``restore`` and ``copy``."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.cli_base import AsJson, Database, print_json
from archive.errors import DatabaseUnusable, NewerSchema, UsageError
from archive.terminal import counted, one_line

if TYPE_CHECKING:
    from archive.manifest import Manifest, Progress
    from archive.verify import Verified

DAMAGED = 3
"""Exit code of ``archive verify`` for an archive that is damaged; documented in docs/archive.md."""

SHOWN_FINDINGS = 200
"""Findings printed; ``--json`` gives all that were kept."""

Force = Annotated[bool, typer.Option("--force", help="Even if something stands there.")]


def register(app: typer.Typer) -> None:
    """Adds the commands to ``archive``."""
    app.command()(verify)
    app.command()(backup)
    app.command()(restore)
    app.command()(copy)


def verify(
    db: Database = None,
    as_json: AsJson = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Leave out what reads every byte: digests, offsets, indexes.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes; default: one per processor.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="BACKUP", help="Also compare with this backup what is never changed."),
    ] = None,
) -> None:
    """Verify every digest, text and relation of the archive; exit code 3 if anything is damaged."""
    began = time.monotonic()
    found = verified(db, quick=quick, jobs=jobs, against=against)
    seconds = time.monotonic() - began
    if as_json:
        print_json({**asdict(found), "sound": found.sound, "seconds": round(seconds, 2)})
    else:
        _show(found, seconds)
    if not found.sound:
        raise typer.Exit(DAMAGED)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The file to be made.")],
    force: Force = False,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a backup in one file, also while a crawl writes; it is compared with the archive."""
    from archive.backup import backup as make
    from archive.database import default_url, open_archive

    engine = open_archive(db or default_url(), create=False, read_only=True)
    try:
        with _progress("backup") as progress:
            made = make(engine, target, force=force, progress=progress)
    finally:
        engine.dispose()
    if as_json:
        print_json({"file": str(made.path), "bytes": made.size, **_about(made.manifest)})
    else:
        sys.stdout.write(
            f"{one_line(str(made.path))}: {made.size / 1e6:.1f} MB, {made.manifest.rows} rows in "
            f"{len(made.manifest.tables)} tables, up to change {made.manifest.last_change}, compared with the archive\n"
        )


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What archive backup made.")],
    force: Annotated[
        bool, typer.Option("--force", help="Even if an archive stands there; it is kept aside.")
    ] = False,
    db: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a backup the archive again, checked by its counts and digests; followers see a new epoch."""
    from archive.database import default_url
    from archive.restoring import restore as put_back

    with _progress("restore") as progress:
        done = put_back(file, db or default_url(), force=force, progress=progress)
    if as_json:
        print_json({"archive": done.place, "epoch": done.epoch, "aside": done.aside, **_about(done.manifest)})
        return
    sys.stdout.write(
        f"{one_line(done.place)}: {done.manifest.rows} rows as of {done.manifest.made:%Y-%m-%d %H:%M:%S} UTC, "
        f"up to change {done.manifest.last_change}; a new epoch begins\n"
    )
    if done.aside is not None:
        sys.stdout.write(f"the former archive is kept: {one_line(done.aside)}\n")
    if done.withdrawn is None:
        sys.stdout.write(
            "it cannot be read: withdraw again what was withdrawn after the backup (archive redact)\n"
        )
    elif done.withdrawn:
        sys.stdout.write(f"{done.withdrawn} withdrawals made after the backup were repeated\n")


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Path or URL of an archive.")],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="Path of a new file, or URL of an empty database.")
    ],
    as_json: AsJson = False,
) -> None:
    """Copy an archive between files and PostgreSQL, verified by counts and digests."""
    from archive.copying import copy_archive

    with _progress("copy") as progress:
        made = copy_archive(source, target, progress=progress)
    if as_json:
        print_json(_about(made))
    else:
        sys.stdout.write(
            f"{made.rows} rows in {len(made.tables)} tables copied, up to change {made.last_change}; "
            "counts and digests are equal\n"
        )


def verified(db: str | None, *, quick: bool, jobs: int | None, against: Path | None) -> Verified:
    """What ``archive verify`` finds, also in a file that cannot be opened as an archive any more."""
    from archive.database import default_url, open_archive
    from archive.verify import too_damaged
    from archive.verify import verify as check
    from archive.verify_file import refuses

    where = db or default_url()
    if against is not None and not against.is_file():
        raise UsageError(f"no backup at {against}; name the file that `archive backup` made")
    try:
        engine = open_archive(where, create=False, read_only=True)
    except NewerSchema:
        raise
    except UnicodeDecodeError as error:  # names of tables that are none any more
        return too_damaged(where, error)
    except DatabaseUnusable as error:
        if not refuses(error):
            raise
        return too_damaged(where, error)
    try:
        with _progress("verify") as progress:
            return check(engine, quick=quick, jobs=jobs, against=against, progress=progress)
    finally:
        engine.dispose()


def _show(found: Verified, seconds: float) -> None:
    write = sys.stdout.write
    for finding in found.findings[:SHOWN_FINDINGS]:
        write(f"{'DAMAGED' if finding.damage else 'odd'}: {one_line(finding.what)}\n")
        for report in finding.reports:
            write(f"    report {one_line(report)}\n")
        for url in finding.urls:
            write(f"    {one_line(url)}\n")
        write(f"    → {finding.next_step}\n")
    hidden = found.damage + found.notices - min(len(found.findings), SHOWN_FINDINGS)
    if hidden:
        write(f"… and {hidden} more; --json gives the first {len(found.findings)}\n")
    size = found.payload_bytes + found.text_bytes
    looked = (
        "relations only (--quick)"
        if found.quick
        else f"{found.payloads} payloads, {found.texts} texts, {found.readings} readings, "
        f"{size / 1e6:.1f} MB in {seconds:.1f} s ({size / 1e6 / max(seconds, 0.001):.0f} MB/s)"
    )
    redacted = f", {found.redacted} withdrawn" if found.redacted else ""
    verdict = "sound" if found.sound else f"DAMAGED, {counted(found.damage, 'finding')}"
    odd = f", {found.notices} oddities" if found.notices else ""
    write(f"{one_line(found.place)}: {verdict}{odd}; {looked}{redacted}, changes up to {found.last_change}\n")


def _about(manifest: Manifest) -> dict[str, object]:
    return {**asdict(manifest), "rows": manifest.rows}


@contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """A line on the terminal that tells how far it is; nothing in a pipe."""
    from archive.manifest import silent

    if not sys.stderr.isatty():
        yield silent
        return
    done: dict[str, int] = {}
    shown = time.monotonic()

    def tell(name: str, more: int) -> None:
        nonlocal shown
        done[name] = done.get(name, 0) + more
        if time.monotonic() - shown > _EVERY:
            shown = time.monotonic()
            amount = f"{done[name] / 1e6:.0f} MB" if name in {"bytes", "pages"} else f"{done[name]} rows"
            sys.stderr.write(f"\r\x1b[K{what}: {name} {amount}")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


_EVERY = 0.2
