"""``crawler sites``: list (the default), show, check. Nothing heavy is imported before it is needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Context
    from typer._click.formatting import HelpFormatter

_LIST = "list"


class ListUnlessNamed(TyperGroup):
    """A group whose first command is meant where none is named: ``crawler sites 东丽`` lists."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Puts the command in front where the first word names none."""
        if args[:1] != ["--help"] and (not args or args[0] not in self.commands):
            args = [_LIST, *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The group's help, then that of the command that need not be named."""
        super().format_help(ctx, formatter)
        command = self.commands[_LIST]
        command.format_help(command.make_context(_LIST, [], parent=ctx, resilient_parsing=True), formatter)


sites = typer.Typer(
    cls=ListUnlessNamed,
    help="The portals that the seeds know: list (need not be named), show, check.",
    add_completion=False,
)

SeedsOption = Annotated[Path | None, typer.Option(help="Folder with portals.csv, towns.csv and sites/.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for programs.")]
DbOption = Annotated[
    str | None,
    typer.Option("--db", help="Archive that knows past crawls. [default: $ARCHIVE_URL or archive.db]"),
]
State = Literal["never", "complete", "partial", "blocked", "nothing", "failed", "abandoned", "running"]


@sites.command(_LIST)
def list_(
    query: Annotated[str | None, typer.Argument(help="Part of a key, a name or a division code.")] = None,
    province: Annotated[str | None, typer.Option(help="天津市, or 天津.")] = None,
    city: Annotated[str | None, typer.Option(help="许昌市, with its counties.")] = None,
    platform: Annotated[str | None, typer.Option(help="trs, hanweb …: pinned, or by its addresses.")] = None,
    level: Annotated[
        Literal["province", "city", "county"] | None, typer.Option(help="Level of government.")
    ] = None,
    declared: Annotated[bool, typer.Option("--declared", help="Only portals with a site file.")] = False,
    state: Annotated[State | None, typer.Option(help="How the newest crawl ended.")] = None,
    never_tried: Annotated[bool, typer.Option("--never-tried", help="Short for --state never.")] = False,
    limit: Annotated[int, typer.Option(help="Most rows to show; 0 for all.")] = 50,
    as_json: JsonOption = False,
    db: DbOption = None,
    seeds: SeedsOption = None,
) -> None:
    """List portals, with the state of their newest crawl where an archive is there."""
    from crawler.site_list import Wanted, list_sites

    if never_tried and state not in {None, "never"}:
        raise typer.BadParameter("--never-tried is --state never")
    wanted = Wanted(
        query=query,
        province=province,
        city=city,
        platform=platform,
        level=level,
        declared=declared,
        state="never" if never_tried else state,
    )
    list_sites(wanted, limit=limit, as_json=as_json, seeds=seeds, db=db)


@sites.command()
def show(
    site: Annotated[str, typer.Argument(help="Key, division code, Chinese name or a .toml file.")],
    as_json: JsonOption = False,
    db: DbOption = None,
    seeds: SeedsOption = None,
) -> None:
    """Show everything known of one portal: row, site file, hosts, columns, roster, past crawls."""
    from crawler.site_list import show_site

    show_site(site, as_json=as_json, seeds=seeds, db=db)


@sites.command()
def check(
    site: Annotated[
        list[str] | None, typer.Argument(help="Portals to check. [default: all with a site file]")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Also ask each for robots.txt, home page and columns, politely.")
    ] = False,
    as_json: JsonOption = False,
    seeds: SeedsOption = None,
) -> None:
    """Check that site files are usable, and with --live that the portals still stand there.

    Exit codes: 0 all well; 2 a file is unusable; 3 a home page or column was not there; 4 nothing could be read.
    """
    from crawler.site_check import check_sites

    raise typer.Exit(check_sites(site or (), live=live, as_json=as_json, seeds=seeds))
