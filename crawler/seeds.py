"""The seed tables: every portal of county level and up, and every street and town that must report."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from crawler.errors import BadSeeds

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, kw_only=True)
class PortalRow:
    """One row of ``portals.csv``; columns are described in ``seeds/README.md``."""

    key: str
    name: str
    """Full chain: 天津市东丽区, 河南省许昌市魏都区."""
    short_name: str
    province: str
    city: str
    """Empty for provinces and for what a province governs directly."""
    level: str
    """``province``, ``city``, ``county``."""
    division_code: str | None
    url: str | None
    """Home page; None where the portal's own address is not known."""
    platform_hint: str | None
    """Platform family the addresses seen on the portal speak for."""
    access_probe: str | None
    """Somebody's probe of April 2026: ``direct``, ``none``, ``protocol-switch``, ``ua-mobile``."""
    disclosure_url: str | None
    """A policy or public-disclosure page of the portal."""
    disclosure_note: str | None
    news_url: str | None
    note: str | None
    """What is wrong or unusual about the row."""


@dataclass(frozen=True, kw_only=True)
class TownRow:
    """One row of ``towns.csv``."""

    code: str
    """Nine digits."""
    name: str
    kind: str
    county_code: str


def seeds_dir() -> Path:
    """Where the seed tables are: ``$FAZHI_SEEDS``, else ``seeds/`` beside the package, else in the wheel.

    Raises:
        BadSeeds: None of them holds ``portals.csv``.
    """
    named = os.environ.get("FAZHI_SEEDS")
    places = [Path(named)] if named else [_PACKAGE.parent / "seeds", _PACKAGE / "_seeds"]
    for place in places:
        if (place / "portals.csv").is_file():
            return place
    looked = ", ".join(str(place) for place in places)
    raise BadSeeds(f"no seeds: portals.csv is not in {looked}; name the folder with FAZHI_SEEDS or --seeds")


def portal_rows(seeds: Path | None = None) -> tuple[PortalRow, ...]:
    """All rows of ``portals.csv``, in the table's order.

    Raises:
        BadSeeds: The table is missing or damaged.
    """
    path = (seeds or seeds_dir()) / "portals.csv"
    try:
        return _portal_rows(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise BadSeeds(f"{path}: cannot be read: {error.strerror}") from error


@lru_cache(maxsize=4)
def _portal_rows(path: Path, changed: int) -> tuple[PortalRow, ...]:  # `changed` is part of the cache's key
    names = [field.name for field in fields(PortalRow)]
    rows: list[PortalRow] = []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            head = next(reader, [])
            if head != names:
                raise BadSeeds(f"{path}:1: columns must be {','.join(names)}")
            for number, values in enumerate(reader, 2):
                if len(values) != len(names) or not values[0] or not values[1]:
                    raise BadSeeds(f"{path}:{number}: {len(names)} values with key and name expected")
                rows.append(_portal_row(values))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadSeeds(f"{path}: damaged: {error}") from error
    if len({row.key for row in rows}) != len(rows):
        raise BadSeeds(f"{path}: a key stands in it twice")
    return tuple(rows)


def _portal_row(values: list[str]) -> PortalRow:
    key, name, short, province, city, level, code, url, hint, probe, disclosure, note, news, remark = values
    return PortalRow(
        key=key,
        name=name,
        short_name=short,
        province=province,
        city=city,
        level=level,
        division_code=code or None,
        url=url or None,
        platform_hint=hint or None,
        access_probe=probe or None,
        disclosure_url=disclosure or None,
        disclosure_note=note or None,
        news_url=news or None,
        note=remark or None,
    )


def town_rows(division_code: str, seeds: Path | None = None) -> tuple[TownRow, ...]:
    """The streets and towns of one division.

    Only the slice of the table that begins with the code is parsed: the table is sorted by code, and a run
    of one portal should not wait for 41,352 rows.

    Args:
        division_code: Six digits.
        seeds: Folder of the tables; default :func:`seeds_dir`.

    Raises:
        BadSeeds: The table is missing or damaged.
    """
    path = (seeds or seeds_dir()) / "towns.csv"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSeeds(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadSeeds(f"{path}: damaged: {error}") from error
    if not text.startswith("code,name,kind,county_code\n"):
        raise BadSeeds(f"{path}:1: columns must be code,name,kind,county_code")
    return tuple(_towns(path, text, division_code))


def _towns(path: Path, text: str, division_code: str) -> Iterator[TownRow]:
    start = text.find(f"\n{division_code}")
    while start >= 0:
        end = text.find("\n", start + 1)
        line = text[start + 1 : end if end >= 0 else len(text)]
        if not line.startswith(division_code):
            return
        values = line.split(",")
        if len(values) != 4:
            raise BadSeeds(f"{path}: row {line!r}: code,name,kind,county_code expected")
        yield TownRow(code=values[0], name=values[1], kind=values[2], county_code=values[3])
        start = end
