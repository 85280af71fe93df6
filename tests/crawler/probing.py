"""Portals to probe: a platform's replica behind a home page, and seeds of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from archive.clock import utcnow
from archive.records import Event, FetchRecord, FrontierEntry, FrontierKind, How, Outcome, Recorded, Verdict
from crawler.probe_session import Look, Seen
from crawler.sample.server import Answer
from crawler.site import Site
from tests.conftest import ROOT
from tests.portals.platform_portal import PlatformPortal
from tests.portals.platform_replicas import PlatformReplica, replicas

CODE = "1201990001"


def replica(name: str) -> PlatformReplica:
    """One platform's replica."""
    return next(one for one in replicas() if one.name == name)


def home_url(one: PlatformReplica) -> str:
    """Its home page."""
    return f"http://{one.host}/"


def portal(
    one: PlatformReplica, *, leads: str | None = None, faults: Mapping[str, Answer] | None = None
) -> PlatformPortal:
    """A replica with a home page that leads to its column.

    Args:
        one: The replica.
        leads: Where the link on the home page goes, if not to the column.
        faults: Further answers.
    """
    menu = "".join(f'<li><a href="/lm{n}/">栏目{n}</a></li>' for n in range(12))
    home = (
        "<html><head><title>清河区人民政府门户网站</title></head><body><h1>清河区人民政府</h1>"
        f'<ul>{menu}<li><a href="{leads or one.column_url}">法治政府建设年度报告</a></li></ul>'
        f"<p>主办：清河区人民政府办公室 网站标识码{CODE}</p></body></html>"
    )
    return PlatformPortal(one, {home_url(one): Answer(body=home.encode()), **(faults or {})})


def empty_seeds(folder: Path) -> Path:
    """Seeds with the tables and without a site file, laid out as in a checkout."""
    seeds = folder / "seeds"
    (seeds / "sites").mkdir(parents=True)
    for name in ("portals.csv", "towns.csv"):
        (seeds / name).symlink_to(ROOT / "seeds" / name)
    return seeds


PLACE = Site(
    key="x", name="清河区", short_name="清河区", level="county", division_code=None, home_url="https://www.x.gov.cn/",
    hosts=("www.x.gov.cn", "x.gov.cn"), hubs=("https://www.x.gov.cn/", "https://www.x.gov.cn/zwgk/"),
)  # fmt: skip


def answered(
    site: Site, outcome: Outcome, detail: str = "", final: str | None = None, body: bytes | None = None
) -> Look:
    """As if a portal's home page had been asked for."""
    entry = FrontierEntry(
        id=1, url=site.home_url, fetch_url=site.home_url, kind=FrontierKind.HUB, how=How.DECLARED, title=None,
        listed_date=None, column=None, verdict=Verdict.REPORT, etag=None, last_modified=None, payload_sha256=None,
        attempts=0, found_on=None, known=False,
    )  # fmt: skip
    fetch = FetchRecord(
        frontier_id=1,
        requested_url=site.home_url,
        fetched_at=utcnow(),
        outcome=outcome,
        detail=detail,
        final_url=final,
        body=body,
    )
    return Look(
        site=site,
        seen=(Seen(entry=entry, fetch=fetch, recorded=Recorded(event=Event.LISTED, frontier_id=1)),),
    )
