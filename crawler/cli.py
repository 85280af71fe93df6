"""``crawler run | sites | reextract``: the commands of the crawler. Scrapy is imported only where it is needed."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from archive.errors import ArchiveError
from crawler.errors import CrawlerError
from crawler.identity import CONTACT

if TYPE_CHECKING:
    from crawler.progress import Display
    from crawler.summary import Summary

app = typer.Typer(
    help="Fetches 法治政府建设年度报告 from government portals, politely and provably so.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

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
        str, typer.Option("--site", "-s", help="Key (dongli), division code, Chinese name or a .toml file.")
    ],
    db: DbOption = None,
    recheck: Annotated[
        Literal["due", "all", "none"],
        typer.Option(help="Which known reports to fetch again: those due (default), all, none."),
    ] = "due",
    advance: Annotated[
        bool, typer.Option("--advance", help="Only --site demo: let a year pass on the sample portal.")
    ] = False,
    replay: Annotated[
        Path | None,
        typer.Option(help="Ask nobody: answer from this recording (.warc, .warc.gz, .wacz or a folder)."),
    ] = None,
    ocr: OcrOption = False,
    as_json: JsonOption = False,
    plain: PlainOption = False,
    seeds: SeedsOption = None,
) -> None:
    """Crawl one portal.

    Exit codes: 0 complete; 2 wrong usage; 3 partial; 4 blocked or unreachable; 5 read completely but nothing
    found; 1 anything else.
    """
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
        summary = _replay(replay, site, db=db, display=display, seeds=seeds, ocr=ocr, everything=False)
    elif sample.is_sample(site):
        summary = sample.run_sample(
            db=db, advance=advance, recheck=recheck, display=display, seeds=seeds, ocr=ocr
        )
    else:
        session = prepare(site, db=db, recheck=recheck, display=display, seeds=seeds)
        if not os.environ.get(CONTACT):
            sys.stderr.write(
                f"crawler: {CONTACT} is not set, so the portal cannot reach you; put your address in it\n"
            )
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
def sites(
    query: Annotated[str | None, typer.Argument(help="Part of a key, a name or a division code.")] = None,
    declared: Annotated[bool, typer.Option("--declared", help="Only portals with a site file.")] = False,
    limit: Annotated[int, typer.Option(help="Most rows to show; 0 for all.")] = 50,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on stdout, for programs.")
    ] = False,
    seeds: SeedsOption = None,
) -> None:
    """List the portals the seeds know; a site file is checked when it is named."""
    from crawler.site_list import show_sites

    show_sites(query, declared=declared, limit=limit, as_json=as_json, seeds=seeds)


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
        from rich.console import Console

        show(result, Console(width=None if sys.stdout.isatty() else 140, highlight=False))
    raise typer.Exit(result.exit_code)


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
    )
    return run_session(session, ocr=ocr, overrides=SETTINGS)


def _finish(summary: Summary, *, as_json: bool) -> NoReturn:
    if not as_json:
        from rich.console import Console

        from crawler.result_table import show

        width = None if sys.stdout.isatty() else 140
        show(summary, Console(width=width, highlight=False))
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
    try:
        app()
    except (CrawlerError, ArchiveError) as error:
        sys.stderr.write(f"crawler: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


if __name__ == "__main__":
    main()
