"""What a look at a portal says about it, as values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.records import FrontierKind, Outcome, Verdict
from crawler.bodynames import LEVELS
from crawler.extract.charset import Decoded
from crawler.foreign import site_code
from crawler.platforms import is_data
from crawler.probe_columns import READ, ColumnSeen, columns_of, page_of, platform_of
from crawler.probe_session import Look, RobotsSeen, Seen
from crawler.probe_signs import sign_of
from crawler.probe_ways import Way, home_answer
from crawler.refusal_shape import Shape
from crawler.seeds import PortalRow
from crawler.site import Site
from crawler.site_file import host_of
from crawler.sitesearch import searches
from crawler.waymarks import is_search

_HOST = re.compile(r"^(\S+) is not a declared host of this site$")
"""What :func:`crawler.hosts.host_problem` says of a host that was not declared."""
_NAME = re.compile(
    r"(?:[\u3400-\u9fff]{2,12}?(?:省|自治区|自治州|自治县|市|区|县|旗|州|盟|街道|镇|乡|局|委员会))+"
    r"(?=(?:人民)?政府|门户|官方|网|办事处|$|[\s\-_—|])"
)
_GREETING = re.compile(r"^(?:欢迎(?:访问|光临)|首页)[-_—|\s]*")


@dataclass(frozen=True, kw_only=True)
class PlatformSeen:
    """A platform by evidence."""

    name: str
    pages: int
    example: str
    signs: tuple[str, ...]
    """What its pages show."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose portal it says it is."""

    code: str | None
    """网站标识码, the one most pages carry."""
    code_agrees: bool | None
    """Its first six digits are the row's division code; None where one of the two is missing."""
    name: str | None
    """What its home page calls itself."""
    named: bool | None
    """The row's name stands in it; None without a home page."""
    portal: str | None = None
    """Key of another portal of the seeds that the code is of."""
    portal_name: str | None = None
    """That portal's full name."""


@dataclass(frozen=True, kw_only=True)
class SearchSeen:
    """The portal's own title search."""

    url: str
    state: str
    """``answers``, ``offered`` (not asked), or how it was refused."""
    candidates: int
    """Titles of reports in its answer."""


@dataclass(frozen=True, kw_only=True)
class RosterSeen:
    """Who must report here, and who was met."""

    units: int
    linked: tuple[str, ...]
    """Units whose names stand in links that were found."""
    reported: tuple[str, ...]
    """Units whose reports were read or are listed by title."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything a probe says."""

    key: str
    name: str
    home: str
    ways: tuple[Way, ...]
    refusal: str | None
    """Which sign of a challenge or refusal was met."""
    robots: tuple[RobotsSeen, ...]
    charsets: Mapping[str, int]
    charset_warnings: tuple[str, ...]
    platforms: tuple[PlatformSeen, ...]
    host_group: str
    identity: Identity
    columns: tuple[ColumnSeen, ...]
    searches: tuple[SearchSeen, ...]
    roster: RosterSeen
    other_hosts: Mapping[str, int]
    """Undeclared hosts on which titles of reports lead, with their number."""
    requests: int
    spent: bool
    stopped: str | None
    notes: tuple[str, ...]

    @property
    def read(self) -> bool:
        """True if a page could be read."""
        return bool(self.charsets)

    @property
    def columns_found(self) -> bool:
        """True if a list with titles of reports was found."""
        return any(column.candidates or column.reports for column in self.columns)

    @property
    def exit_code(self) -> int:
        """0 columns with reports; 3 columns, of which no report was read; 4 no way in; 5 read, and no column found."""
        if any(column.reports for column in self.columns):
            return 0
        if self.columns_found:
            return 3
        return 4 if not self.read or self.refusal else 5


def findings(look: Look, ways: Sequence[Way], *, expected: Site, rows: Sequence[PortalRow] = ()) -> Findings:
    """Reads a look.

    Args:
        look: The one that got in, or the first.
        ways: Every attempt.
        expected: The portal as its row and site file declare it.
        rows: The portals of the seeds: whose the site code is.
    """
    pages = [(one, page) for one in look.seen if (page := page_of(one)) is not None]
    decoded: list[Decoded] = [
        page.decoded for one, page in pages if one.entry.kind is not FrontierKind.ATTACHMENT
    ]
    columns = columns_of(look.site, look.seen)
    stops = [one.fetch for one in look.seen if one.fetch.outcome in _REFUSALS]
    return Findings(
        key=look.site.key,
        name=expected.name,
        home=look.site.home_url,
        ways=tuple(ways),
        refusal=next((f"{fetch.outcome.value}: {fetch.detail}" for fetch in stops), None),
        robots=look.robots,
        charsets=dict(Counter(one.charset for one in decoded).most_common()),
        charset_warnings=tuple(dict.fromkeys(said for one in decoded for said in one.warnings))[:3],
        platforms=_platforms(look),
        host_group=look.site.host_group,
        identity=_identity(look, expected, rows),
        columns=columns,
        searches=_searches(look),
        roster=_roster(look),
        other_hosts=_other_hosts(look),
        requests=look.requests,
        spent=look.spent,
        stopped=look.stopped,
        notes=look.notes,
    )


_REFUSALS = frozenset({Outcome.CHALLENGE, Outcome.RATE_LIMITED})


def _platforms(look: Look) -> tuple[PlatformSeen, ...]:
    found: dict[str, list[Seen]] = {}
    signs: dict[str, Counter[str]] = {}
    for one in look.seen:
        page = page_of(one)
        if page is None or one.entry.kind is FrontierKind.ATTACHMENT:
            continue
        name = platform_of(one, look.site) or ""
        found.setdefault(name, []).append(one)
        signs.setdefault(name, Counter()).update(sign_of(page))
    return tuple(
        PlatformSeen(
            name=name,
            pages=len(members),
            example=members[0].fetch.final_url or members[0].fetch.requested_url,
            signs=tuple(sign for sign, _ in signs[name].most_common(3)),
        )
        for name, members in sorted(found.items(), key=lambda item: -len(item[1]))
    )


def _identity(look: Look, expected: Site, rows: Sequence[PortalRow]) -> Identity:
    shapes = [
        Shape.of(page.text)
        for one in look.seen
        if one.entry.kind is not FrontierKind.ATTACHMENT and (page := page_of(one)) is not None
        if not is_data(page)
    ]
    codes = Counter(code for shape in shapes if (code := site_code(shape)) is not None)
    code = codes.most_common(1)[0][0] if codes else None
    wanted = expected.division_code
    home = home_answer(look)
    shown = next((one for one in look.seen if one.fetch is home), None)
    page = page_of(shown) if shown is not None else None
    title = Shape.of(page.text).title if page is not None else ""
    title = _GREETING.sub("", title)
    named = _NAME.search(title)
    name = named[0] if named else title[:40] or None
    # A whole name may be left out (魏都区人民政府), the place's own never.
    agrees = None if page is None else expected.short_name in Shape.of(page.text).text[:100_000]
    # The code begins with the division's own (facts: columns.md, section 5); no two rows share one.
    coded = [row for row in rows if code is not None and row.division_code == code[:6]]
    other = coded[0] if len(coded) == 1 and coded[0].key != expected.key else None
    return Identity(
        code=code,
        portal=other.key if other else None,
        portal_name=other.name if other else None,
        code_agrees=code[:6] == wanted if code is not None and wanted is not None else None,
        name=name,
        named=agrees,
    )


def _searches(look: Look) -> tuple[SearchSeen, ...]:
    found: dict[str, SearchSeen] = {}
    for one in look.seen:
        if not is_search(one.entry.column):
            continue
        titles = sum(link.kind in _ARTICLES and link.verdict is Verdict.REPORT for link in one.fetch.links)
        state = "answers" if one.fetch.outcome is Outcome.OK else one.fetch.outcome.value
        found[one.entry.url] = SearchSeen(url=one.entry.url, state=state, candidates=titles)
    for one in look.seen:
        page = page_of(one)
        if found or page is None or one.entry.kind not in _LISTS or is_data(page):
            continue
        for link in searches(page, look.site):
            found[link.url] = SearchSeen(url=link.url, state="offered", candidates=0)
    return tuple(found.values())


_ARTICLES = frozenset({FrontierKind.PAGE, FrontierKind.ATTACHMENT})
_LISTS = frozenset({FrontierKind.COLUMN, FrontierKind.HUB})


def _roster(look: Look) -> RosterSeen:
    links = [link for one in look.seen for link in one.fetch.links if link.title]
    said = "\n".join(link.title or "" for link in links)
    listed = "\n".join(
        link.title or "" for link in links if link.kind in _ARTICLES and link.verdict is Verdict.REPORT
    )
    issued = {
        publisher.code
        for one in look.seen
        if one.fetch.extraction is not None and one.recorded.event in READ
        for publisher in one.fetch.extraction.publishers
    }
    units = [unit for unit in look.site.roster if unit.kind in LEVELS]
    return RosterSeen(
        units=len(units),
        linked=tuple(unit.name for unit in units if unit.name in said),
        reported=tuple(unit.name for unit in units if unit.code in issued or unit.name in listed),
    )


def _other_hosts(look: Look) -> Mapping[str, int]:
    """Where titles that promise a report lead off the declared hosts."""
    found: Counter[str] = Counter()
    for one in look.seen:
        for link in one.fetch.links:
            told = _HOST.match(link.reason or "") if link.verdict is Verdict.NO else None
            if told and urlsplit(link.url).scheme in {"http", "https"}:
                found[host_of(link.url)] += _promises(link.title, link.column)
    return {host: number for host, number in found.most_common() if number}


def _promises(title: str | None, column: str | None) -> bool:
    from crawler.recognise import judge_title

    return judge_title(title or "", column=column).verdict is Verdict.REPORT
