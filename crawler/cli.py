"""The commands of the crawler: run, import, probe, sites, reextract. Scrapy is imported only where it is needed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from archive.entry import enter
from archive.errors import ArchiveError
from crawler.errors import CrawlerError
from crawler.identity import warn_without_contact
from crawler.rosters_cli import roster
from crawler.sites_cli import sites

if TYPE_CHECKING:
    from crawler.narrowing import Narrowing
    from crawler.progress import Display
    from crawler.summary import Summary
    from crawler.window import Window

app = typer.Typer(
    help="Fetches 法治政府建设年度报告 from government portals, politely and provably so.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(sites, name="sites")
app.add_typer(roster, name="roster")

DbOption = Annotated[
    str | None,
    typer.Option(
        "--db", help="Archive: a file or a postgresql:// URL. [default: $ARCHIVE_URL or archive.db]"
    ),
]
OcrOption = Annotated[
    bool, typer.Option("--ocr", help="Read scans, too (extra ocr): seconds a page, 1 GB of memory.")
]
PlainOption = Annotated[bool, typer.Option("--plain", help="Plain lines even on a terminal.")]
SeedsOption = Annotated[Path | None, typer.Option(help="Folder with portals.csv, towns.csv and sites/.")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object per line on stdout, for programs.")]


@app.command()
def run(
    site: Annotated[
        str | None,
        typer.Option("--site", "-s", help="Key (dongli), division code, Chinese name or a .toml file."),
    ] = None,
    all_portals: Annotated[bool, typer.Option("--all", help="Every portal of the seeds.")] = False,
    province: Annotated[
        str | None, typer.Option(help="The portals of a province or municipality: 天津市, 天津.")
    ] = None,
    city: Annotated[
        str | None, typer.Option(help="A city's portal and those of its counties: 成都市.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option(help="The portals of a platform: ucap, hanweb, trs …")
    ] = None,
    budget: Annotated[
        int | None, typer.Option(min=1, help="Many portals: most requests of all together.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, max=1000, help="Many portals: how many at a time.")] = 100,
    window: Annotated[
        str | None,
        typer.Option(help="Ask only at these hours in China: 22-6. Goes before the site files'; 0-24: any."),
    ] = None,
    db: DbOption = None,
    recheck: Annotated[
        Literal["due", "all", "none"],
        typer.Option(help="Which known reports to fetch again: those due (default), all, none."),
    ] = "due",
    advance: Annotated[
        bool, typer.Option("--advance", help="Only --site demo: let a year pass on the sample portal.")
    ] = False,
    year: Annotated[
        int | None, typer.Option(min=2000, max=2100, help="Narrow the run: only reports about this year.")
    ] = None,
    publisher: Annotated[
        str | None, typer.Option(help="Narrow the run: only reports by this body (华新街道, 司法局).")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Narrow the run: only what was published on this day or later."
        ),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(help="Ask nobody: answer from this recording (.warc, .warc.gz, .wacz or a folder)."),
    ] = None,
    ocr: OcrOption = False,
    trigger: Annotated[
        Literal["manual", "schedule"], typer.Option(hidden=True, help="Who asked for it: kept with the run.")
    ] = "manual",
    as_json: JsonOption = False,
    plain: PlainOption = False,
    seeds: SeedsOption = None,
) -> None:
    """Crawl one portal (--site), or many in one process (--all, --province, --city, --platform).

    Exit codes: 0 complete; 2 wrong usage; 3 partial; 4 blocked or unreachable; 5 read completely but nothing
    found; 1 anything else. Of many portals: 0 all read completely; 3 one at least partial, blocked, failed, not run.
    """
    hours = _window(window)
    narrowing = _narrowing(year, publisher, since)
    if site is None:
        if not (all_portals or province or city or platform):
            raise typer.BadParameter(
                "name a portal (--site), or many (--all, --province, --city, --platform)"
            )
        if advance or replay is not None:
            raise typer.BadParameter("--advance and --replay are for one portal (--site)")
        if ocr:
            from crawler.ocr_reader import check

            check()
        from crawler import many_cli

        code = many_cli.run(
            province=province,
            city=city,
            platform=platform,
            budget=budget,
            at_once=at_once,
            window=hours,
            db=db,
            recheck=recheck,
            narrowing=narrowing,
            seeds=seeds,
            ocr=ocr,
            trigger=trigger,
            as_json=as_json,
            plain=plain,
        )
        raise typer.Exit(code)
    if all_portals or province or city or platform or budget is not None:
        raise typer.BadParameter(
            "--site names one portal; --all, --province, --city, --platform and --budget many"
        )
    from crawler.prepare import prepare
    from crawler.runner import run as run_session
    from crawler.sample import run as sample

    if ocr:
        from crawler.ocr_reader import check

        check()
    display = _display(as_json=as_json, plain=plain)
    if advance and not sample.is_sample(site):
        raise typer.BadParameter(
            "--advance works on the sample portal only: crawler run --site demo --advance"
        )
    if replay is not None:
        if narrowing is not None:
            raise typer.BadParameter("--year, --publisher and --since narrow a crawl, not a --replay")
        summary = _replay(replay, site, db=db, display=display, seeds=seeds, ocr=ocr, everything=False)
    elif sample.is_sample(site):
        summary = sample.run_sample(
            db=db,
            advance=advance,
            recheck=recheck,
            display=display,
            seeds=seeds,
            ocr=ocr,
            narrowing=narrowing,
            roster=True,
            trigger=trigger,
        )
    else:
        session = prepare(
            site,
            db=db,
            recheck=recheck,
            trigger=trigger,
            display=display,
            seeds=seeds,
            window=hours,
            narrowing=narrowing,
            roster=True,
        )
        warn_without_contact()
        summary = run_session(session, ocr=ocr)
    _finish(summary, as_json=as_json)


@app.command("import")
def import_(
    recording: Annotated[
        Path,
        typer.Argument(help="A .warc, .warc.gz or .wacz file, a folder of them, or one made by wget -x."),
    ],
    site: Annotated[str, typer.Option("--site", "-s", help="As of run: the portal the pages are from.")],
    db: DbOption = None,
    ocr: OcrOption = False,
    as_json: JsonOption = False,
    plain: PlainOption = False,
    seeds: SeedsOption = None,
) -> None:
    """Take in pages that a person recorded in a browser, the same way as fetched ones. Asks nobody.

    The run is marked as an import; digests are checked first. What the recording lacks waits for the next crawl.

    Exit codes: as of run; 3 (partial) unless everything the portal announces was recorded.
    """
    display = _display(as_json=as_json, plain=plain)
    summary = _replay(recording, site, db=db, display=display, seeds=seeds, ocr=ocr, everything=True)
    _finish(summary, as_json=as_json)


@app.command()
def probe(
    target: Annotated[
        str,
        typer.Argument(metavar="SITE|URL", help="As --site of run, or the address of any page of a portal."),
    ],
    write: Annotated[
        bool, typer.Option("--write", help="Keep the site file with a fixture and its test.")
    ] = False,
    fixture: Annotated[
        bool, typer.Option("--fixture", help="Keep a fixture for the site file that is there, nothing else.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="With --write: overwrite the site file.")] = False,
    budget: Annotated[int, typer.Option(min=2, help="Most requests to make.")] = 40,
    key: Annotated[
        str | None, typer.Option(help="The portal's key, if its address does not tell it.")
    ] = None,
    host_ok: Annotated[
        list[str] | None, typer.Option("--host-ok", help="A host outside .gov.cn that may be asked.")
    ] = None,
    fixtures: Annotated[
        Path | None, typer.Option(help="Folder for the fixture. [default: tests/sites beside the seeds]")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout, for programs.")
    ] = False,
    plain: PlainOption = False,
    seeds: SeedsOption = None,
) -> None:
    """Look at a portal with few requests and propose its site file; see docs/sites.md.

    Exit codes: 0 a column with reports was found; 2 wrong usage, or a file is in the way; 3 columns were found, but no
    report could be read from them; 4 unreachable or refused; 5 read, and no column found; 1 anything else.
    """
    from crawler.probe import print_probe
    from crawler.probe import probe as look
    from crawler.probe_keep import places

    done = look(
        target,
        key=key,
        allowed=host_ok or (),
        budget=budget,
        seeds=seeds,
        write=write,
        force=force,
        fixture_only=fixture,
        fixtures=fixtures,
        show=_display(as_json=False, plain=plain or as_json),
    )
    print_probe(done, as_json=as_json, where=places(seeds, fixtures).said)
    raise typer.Exit(done.findings.exit_code)


@app.command()
def reextract(
    site: Annotated[
        str | None,
        typer.Option(
            "--site", "-s", help="Key, division code, Chinese name or a .toml file. [default: all held]"
        ),
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Instead, what could not be read the last time.")
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only captures fetched on this day (UTC) or later."),
    ] = None,
    ocr: OcrOption = False,
    db: DbOption = None,
    as_json: JsonOption = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that read. [default: one per core, at most four]")
    ] = None,
    seeds: SeedsOption = None,
) -> None:
    """Read stored captures again with today's extractor, without the network.

    Reads what this version of the extractor has not read yet; a killed run goes on where it was.

    Exit codes: 0 complete; 2 wrong usage; 3 partial: interrupted, a portal left out, or a page no longer
    readable; 5 the archive holds nothing of what was asked for; 1 anything else.
    """
    from crawler.reextract import Selection
    from crawler.reextract import reextract as read_again
    from crawler.reextract_result import Json, Lines, show

    moment = None if since is None else since.replace(tzinfo=UTC)
    result = read_again(
        site,
        selection=Selection(failed=failed, since=moment, ocr=ocr),
        db=db,
        workers=workers,
        lines=Json() if as_json else Lines(),
        seeds=seeds,
    )
    if not as_json:
        from archive.consoles import console

        show(result, console(in_pipe=140))
    raise typer.Exit(result.exit_code)


def _window(text: str | None) -> Window | None:
    from crawler.window import Window

    try:
        return None if text is None else Window.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"--window: {error}") from error


def _narrowing(year: int | None, publisher: str | None, since: datetime | None) -> Narrowing | None:
    """What the options narrow the run to; None for a whole run."""
    if year is None and not publisher and since is None:
        return None
    from crawler.narrowing import Narrowing

    return Narrowing(year=year, publisher=publisher or None, since=None if since is None else since.date())


def _replay(
    path: Path,
    site: str,
    *,
    db: str | None,
    display: Display,
    seeds: Path | None,
    ocr: bool,
    everything: bool,
) -> Summary:
    from crawler.prepare import prepare
    from crawler.recordings import open_recording
    from crawler.replay import SETTINGS
    from crawler.runner import run as run_session

    if ocr:
        from crawler.ocr_reader import check

        check()
    session = prepare(
        site,
        db=db,
        display=display,
        seeds=seeds,
        recording=open_recording(path),
        everything=everything,
        trigger="import" if everything else "replay",
        roster=True,
    )
    return run_session(session, ocr=ocr, overrides=SETTINGS)


def _finish(summary: Summary, *, as_json: bool) -> NoReturn:
    if not as_json:
        from archive.consoles import console
        from crawler.result_table import show

        show(summary, console(in_pipe=140))
    raise typer.Exit(summary.exit_code)


def _display(*, as_json: bool, plain: bool) -> Display:
    from crawler.progress import JsonLines, Live, PlainLines

    if as_json:
        return JsonLines()
    if plain or not sys.stderr.isatty():
        return PlainLines()
    return Live()


def main() -> None:
    """Entry point: what a user did wrong is one line on stderr and a documented exit code."""
    sys.exit(enter(app, "crawler", (CrawlerError, ArchiveError), cut_short=1))


if __name__ == "__main__":
    main()
