"""Portals to probe: a platform's replica behind a home page, and seeds of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crawler.sample.server import Answer
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
