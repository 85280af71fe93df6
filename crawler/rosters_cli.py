"""``crawler roster``: who must report, as the seeds have it; brought into the archive."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.terminal import visible
from crawler.errors import UnknownSite

if TYPE_CHECKING:
    from archive.roster import RosterPlace, RosterRecord

roster = typer.Typer(
    help="Who must report, as the seeds have it: show it, or bring it into the archive.",
    no_args_is_help=True,
    add_completion=False,
)

SeedsOption = Annotated[Path | None, typer.Option(help="Folder with portals.csv, towns.csv and sites/.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]
DbOption = Annotated[
    str | None,
    typer.Option(
        "--db", help="Archive: a file or a postgresql:// URL. [default: $ARCHIVE_URL or archive.db]"
    ),
]


@roster.command()
def sync(db: DbOption = None, as_json: JsonOption = False, seeds: SeedsOption = None) -> None:
    """Bring the archive's roster up to date; nothing is written where the seeds have not changed.

    Every `crawler run` does this by itself. Exit codes: 0 done; 2 wrong usage; 1 anything else.
    """
    from archive.database import default_url, open_archive
    from archive.store import Store
    from crawler.rosters import digest, keep

    now = digest(seeds)  # first: without seeds no archive is made
    engine = open_archive(db or default_url())
    try:
        done = keep(Store(engine), seeds)
    finally:
        engine.dispose()
    if as_json:
        said = (
            None if done is None else {"added": done.added, "changed": done.changed, "dropped": done.dropped}
        )
        sys.stdout.write(json.dumps({"digest": now, "written": said}) + "\n")
    elif done is None:
        sys.stdout.write("the archive's roster is that of the seeds\n")
    else:
        sys.stdout.write(
            f"{done.bodies} bodies: {done.added} added, {done.changed} changed, {done.dropped} left\n"
        )


@roster.command()
def show(
    site: Annotated[
        str, typer.Argument(metavar="SITE", help="Key, division code or Chinese name of a portal.")
    ],
    as_json: JsonOption = False,
    seeds: SeedsOption = None,
) -> None:
    """Show who must report on a portal, and since or until when where that is known.

    Exit codes: 0 done; 2 wrong usage, or no such portal; 1 anything else.
    """
    from crawler.rosters import roster as all_bodies
    from crawler.site import load_site

    key = load_site(site, seeds=seeds).key
    whole = all_bodies(seeds)
    places = {place.place: place for place in whole.places if place.portal_key == key}
    found = [body for body in whole.bodies if body.place in places]
    if not found:
        raise UnknownSite(f"nobody publishes on {key}, as far as the seeds know")
    if as_json:
        rows = [_as_json(body, places[body.place]) for body in found]
        sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
        return
    for body in found:
        days = f"  {body.valid_from or ''}–{body.valid_to or ''}" if body.valid_from or body.valid_to else ""
        sys.stdout.write(visible(f"{body.body}  {body.kind}  {body.name}{days}") + "\n")


def _as_json(body: RosterRecord, place: RosterPlace) -> dict[str, object]:
    return {
        "body": body.body,
        "name": body.name,
        "level": body.level,
        "kind": body.kind,
        "place": body.place,
        "province": place.province,
        "city": place.city,
        "county": place.county,
        "valid_from": None if body.valid_from is None else body.valid_from.isoformat(),
        "valid_to": None if body.valid_to is None else body.valid_to.isoformat(),
    }
