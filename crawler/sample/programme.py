"""Which reports the sample portal carries in a given year: who, when, under which title, in which shape.

Everything is drawn from a generator seeded with the body's name and the year, so the same year always
gives the same portal. What is fixed by hand are the cases the crawl has to cope with.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Literal

from crawler.sample.bodies import BODIES, Body
from crawler.sample.phrases import seeded

FIRST_YEAR = 2021
BASE_YEAR = 2024
"""The last report year of the state before any `--advance`."""

Shape = Literal["five", "duty-first", "duty-second", "three", "thematic"]
"""Order of the parts: the rule's; with 第一责任人 first or second; 情况/问题及打算; by themes."""
Numbering = Literal["inline", "own-lines", "run-in", "half-width"]

COLUMN_PATHS = {"bureaus": "/zwgk/fzzfjs/", "towns": "/zwgk/jzxxgk/fzzfjs_jz/", "work": "/zwgk/gzbg/"}
COLUMN_NAMES = {"bureaus": "法治政府建设", "towns": "法治政府建设（街镇）", "work": "工作报告"}

_GAPS = {
    ("石桥街道", 2021),
    ("清河街道", 2022),
    ("柳林街道", 2021),
    ("白塔镇", 2023),
    ("南坪镇", 2021),
    ("兰汀区城市管理局", 2021),
    ("兰汀区教育局", 2022),
    ("兰汀区市场监督管理局", 2021),
    ("兰汀区市场监督管理局", 2022),
    ("云台乡", 2022),
}
_GB18030 = ("云台乡", 2021)
_NO_META = ("清河街道", 2023)
_NO_HEADING = ("柳林街道", 2022)
_ATTACHMENT = ("兰汀区城市管理局", 2023)
_TWICE = ("兰汀区人民政府", 2023)
_NO_YEAR = ("东岭镇", 2022)
_BROKEN_HEADING = ("石桥街道", 2023)
_BARE_FIRST_HEADING = ("白塔镇", 2022)
_HALF_WIDTH = {("石桥街道", 2022), ("兰汀区教育局", 2023)}
_SPECIAL = {_GB18030, _NO_META, _NO_HEADING, _ATTACHMENT, _TWICE, _NO_YEAR, _BROKEN_HEADING} | _HALF_WIDTH

_TITLES = {
    "grassroots": (
        "{short}{year}年法治政府建设情况报告",
        "{short}{year}年度法治政府建设情况报告",
        "{short}{year}年法治政府建设年度报告",
        "{short}{year}年法治政府建设工作报告",
        "{year}年{short}法治政府建设工作情况的报告",
        "{office}关于{year}年度法治政府建设情况的报告",
        "{party} {office} 关于{year}年度法治政府建设情况的报告",
        "{short}关于{year}年法治政府建设情况的报告",
        "{short}{year}年度法治政府建设工作总结",
    ),
    "bureau": (
        "{short}{year}年法治政府建设年度报告",
        "{short}关于{year}年度法治政府建设情况的报告",
        "{short}{year}年度法治政府建设工作报告",
        "{party} {office} 关于{year}年度法治政府建设情况的报告",
        "{short}关于{year}年法治政府建设工作情况的报告",
    ),
    "district": (
        "兰汀区人民政府关于{year}年度法治政府建设情况的报告",
        "兰汀区{year}年法治政府建设年度报告",
        "兰汀区{year}年度法治政府建设情况报告",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One report as the portal means to publish it."""

    body: Body
    year: int
    title: str
    published: date
    shape: Shape
    numbering: Numbering
    path: str
    edited: bool = False
    """Its text was changed without a word after publication."""
    dynamic: bool = False
    """The server prints date and visitor counter into the page, so no two answers are alike."""
    gb18030: bool = False
    """Served in GB18030 while the HTTP header says UTF-8."""
    bare_meta: bool = False
    """No ArticleTitle, PubDate and ContentSource."""
    heading_in_body: bool = False
    """No h1; the letterhead stands as two lines in the body."""
    attachment: bool = False
    copies: tuple[str, ...] = ()
    """Further paths at which the same text stands."""
    broken_heading: bool = False
    """One heading runs over two paragraphs."""
    bare_first_heading: bool = False
    """The first heading carries no number."""

    @property
    def key(self) -> tuple[str, int]:
        """Who and which year: unique on the portal."""
        return self.body.name, self.year

    @property
    def column(self) -> Literal["towns", "bureaus"]:
        """The list in which it stands."""
        return self.body.column


def article_path(folder: str, key: str, day: date) -> str:
    """A TRS address: month folder, date, and an id that grows with the date."""
    number = 1_000_000 + (day - date(2021, 1, 1)).days * 41 + zlib.crc32(key.encode()) % 41
    return f"{folder}{day:%Y%m}/t{day:%Y%m%d}_{number}.html"


@cache
def _plan(body: Body, year: int) -> Plan:
    key = (body.name, year)
    rng = seeded(f"plan {body.name} {year}")
    published = _published(body, year, rng)
    if key == _NO_YEAR:
        title = f"{body.office}关于法治政府建设的情况报告"
    elif key == _NO_HEADING:
        title = f"{body.party} {body.office} 关于{year}年度法治政府建设情况的报告"
    else:
        kind = "grassroots" if body.grassroots else body.kind
        pattern = rng.choice(_TITLES[kind])
        title = pattern.format(short=body.short, office=body.office, party=body.party, year=year)
    shapes: list[Shape] = ["five", "five", "duty-first", "duty-second", "three", "thematic"]
    numberings: list[Numbering] = ["inline", "inline", "own-lines", "run-in"]
    folder = COLUMN_PATHS[body.column] + ("qzf/" if body.kind == "district" else "")
    copies = (
        (article_path(COLUMN_PATHS["work"], "copy", published + timedelta(days=2)),) if key == _TWICE else ()
    )
    return Plan(
        body=body,
        year=year,
        title=title,
        published=published,
        shape="five" if key in (_BROKEN_HEADING, _BARE_FIRST_HEADING) else rng.choice(shapes),
        numbering="half-width" if key in _HALF_WIDTH else rng.choice(numberings),
        path=article_path(folder, body.name, published),
        dynamic=key not in _SPECIAL and rng.random() < 0.15,
        gb18030=key == _GB18030,
        bare_meta=key == _NO_META,
        heading_in_body=key == _NO_HEADING,
        attachment=key == _ATTACHMENT,
        copies=copies,
        broken_heading=key == _BROKEN_HEADING,
        bare_first_heading=key == _BARE_FIRST_HEADING,
    )


def _published(body: Body, year: int, rng: Random) -> date:
    """Months as seen on real portals: mostly January to March, some in December, some late (facts: rules)."""
    month = 3 if body.kind == "district" else rng.choice([12, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 5])
    day = date(year if month == 12 else year + 1, month, rng.randint(8, 28))
    return day - timedelta(days=max(0, day.weekday() - 4))


def _changes(advanced: int) -> list[tuple[Plan, Plan, Plan]]:
    """Per year that passed: the report that is edited, the one withdrawn, the one moved.

    The ordinary reports of the first state are used up three by three; then nothing old changes any more.
    """
    ordinary = [plan for plan in _first_state() if plan.key not in _SPECIAL and not plan.dynamic]
    seeded("changes").shuffle(ordinary)
    threes = list(zip(*[iter(ordinary)] * 3, strict=False))
    return threes[:advanced]


def _first_state() -> list[Plan]:
    return [
        _plan(body, year)
        for body in BODIES
        for year in range(FIRST_YEAR, BASE_YEAR + 1)
        if (body.name, year) not in _GAPS
    ]


def plans(advanced: int) -> list[Plan]:
    """The reports on the portal after so many years, newest first.

    Args:
        advanced: 0 is the first state; each further year adds the next report of most bodies, edits one
            old report, withdraws one and moves one.

    Raises:
        ValueError: for a negative number.
    """
    if advanced < 0:
        raise ValueError(f"a portal cannot go back in time: {advanced}")
    current = {plan.key: plan for plan in _first_state()}
    for step, (edited, withdrawn, moved) in enumerate(_changes(advanced), start=1):
        current[edited.key] = replace(edited, edited=True)
        del current[withdrawn.key]
        moved_on = date(BASE_YEAR + step, 11, 6)
        current[moved.key] = replace(moved, path=article_path(_folder(moved), "moved", moved_on))
    for year in range(BASE_YEAR + 1, BASE_YEAR + advanced + 1):
        silent = seeded(f"silent {year}").sample([body for body in BODIES if body.kind != "district"], 2)
        current.update({(body.name, year): _plan(body, year) for body in BODIES if body not in silent})
    return sorted(current.values(), key=lambda plan: (plan.published, plan.path), reverse=True)


def _folder(plan: Plan) -> str:
    return COLUMN_PATHS[plan.column] + ("qzf/" if plan.body.kind == "district" else "")
