"""Who issued a report.

Order of proof: the issuer named in the title or the letterhead, the signature, the source line, the
opening sentence. The folder a page stands in is no proof: 大进镇's report of 2025 stands in the folder of
汉丰街道. Party and government of one place sign together and are one publisher; two streets that report
together are two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.records import PublisherRef
from crawler import creditcode
from crawler.bodynames import LEVELS, Region, RosterNames, squeeze
from crawler.extract.fold import compatible
from crawler.extract.model import Evidence
from crawler.site import Unit
from crawler.titletext import clean, fold
from crawler.titlewords import BODY_NAME_WITH_TOPIC, COLLECTIVE

_TOPIC_ON = re.compile(
    r"(?:关于|20\d\d年?年?度?|上一?年度)*(?:全面|深入|扎实|加快)?(?:推进|推荐|加强|开展|落实|贯彻|建设|履行)*(?:法[治制冶]政府|依法行政|法[治制]建设|法治|全面依法治)"
)
_YEARS = re.compile(r"20\d\d年?年?度?|上一?年度|本年度|年度")
_ORGAN = re.compile(
    r"(?:人民政府|办事处|街道|委员会|党工委|工委|管委会|局|厅|办公室|委|署|院|中心|支队|大队|总队|党组|税务局|政府|镇|乡)$"
)
_DEPARTMENT = re.compile(
    r"(?:局|厅|办公室|办|委员会|委|署|院|中心|支队|大队|总队|队|站|所|社|部|馆|管委会|党组|新区)$"
)
_PARTY = re.compile(r"^中共(?P<body>.+?)(?:委员会|党组|党工委|工作委员会|工委|党委|委)(?=$|.)")
_NOT_SIGNED = re.compile(
    r"^(?:抄[报送]|附件|主送|联系|责任编辑|编辑|审核|来源|扫一扫|网站|主办|承办|版权|上一?篇|下一?篇|打印|关闭)"
)
_FURNITURE = re.compile(r"来源\s*:|发布(?:时间|日期|机构)|字号|浏览|作者\s*:|索引号|发文字号")
_DATE_LINE = re.compile(
    r"20\d\d\s*[年.\-/]\s*\d{1,2}\s*[月.\-/]\s*\d{1,2}\s*日?$|二[〇○零][^月]{1,4}年.{1,3}月.{1,3}日$"
)
_GENERAL_OFFICE = re.compile(
    r"(?:人民政府|政府|党政|党工委管委会|管委会|委)?(?:综合)?办公?室?$|^(?:本站|本网|网站|政府网站?|.*门户网站|.*政府网)$"
)
_ZONE = re.compile(
    r"(?:保税|开发|经开|高新|示范|实验|试验|管理|景|园|度假|合作|功能|产业|服务|集聚|自贸)区(?:管委会|管理委员会|党工委)?$|管委会$|管理委员会$"
)
"""Zones are no level of government (functional zones have no code in GB/T 2260)."""
_PLACE = re.compile(r"[省市县区旗州盟](?:人民)?政府$|^[一-鿿]{2,9}[省市县旗州盟]$|^[一-鿿]{1,6}区$")
_RANK = re.compile(
    r"^[区县市省州旗](?!场监|政[府管]|域|级|直)(?=[一-鿿]{2,}(?:局|委|办|厅|院|中心|队|社|会)$)"
)
"""区公安局 and 公安局 are the same bureau; the first character of 市场监督管理局 is part of its name."""
_PRONOUN = re.compile(r"^(?:我|本|该|全)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublisherFinding:
    """The issuers, each with what proves it."""

    publishers: tuple[PublisherRef, ...]
    """Empty where nothing names one."""
    evidence: tuple[Evidence, ...]
    """Everything that named a body, the decisive first; ``value`` is the publisher's name."""


@dataclass(frozen=True, slots=True)
class _Claim:
    where: str
    raw: str
    publishers: tuple[PublisherRef, ...]
    weak: bool = False


class _Resolver:
    """Turns printed names into publishers of one portal."""

    def __init__(self, region: Region, roster: Sequence[Unit], code: str | None, level: str) -> None:
        self.region = region
        self.roster = RosterNames(roster, region)
        self.portal = PublisherRef(name=region.short, code=code, level=level)

    def units(self, text: str) -> tuple[PublisherRef, ...]:
        found = self.roster.find(squeeze(self.roster.expand(text)))
        return tuple(
            PublisherRef(name=item.unit.name, code=item.unit.code, level=LEVELS.get(item.unit.kind))
            for item in found
        )

    def names(self, subject: str) -> tuple[PublisherRef, ...]:
        """Publishers in a text that is nothing but names of issuers."""
        if units := self.units(subject):
            return units
        bodies: dict[str, PublisherRef] = {}
        for name in _split_bodies(subject):
            ref = self._body(name)
            if ref is not None:
                bodies.setdefault(ref.name, ref)
        if len(bodies) > 1:
            # In 区委、区司法局 the place is only the first half of the letterhead: it counts alone.
            bodies.pop(self.portal.name, None)
        return tuple(bodies.values())

    def _body(self, name: str) -> PublisherRef | None:
        if not name or COLLECTIVE.match(name) or _PRONOUN.match(name):
            return None
        if self.region.is_self(name):
            return self.portal
        own = _RANK.sub("", re.sub(r"^(?:人民政府|政府)(?=.{3})", "", self.region.strip(name)))
        return _uncoded(own) if own else self.portal


def _uncoded(name: str) -> PublisherRef | None:
    """A body that is neither the portal's place nor in its roster, under its printed name."""
    level: str | None
    if re.search(r"(?:街道|街道办事处|街)$", name):
        name, level = re.sub(r"办事处$", "", name), "street"
    elif re.search(r"(?:镇|乡|苏木)(?:人民政府|政府)?$", name):
        name, level = re.sub(r"(?:人民)?政府$", "", name), "town"
    elif _ZONE.search(name):
        level = None
    elif _PLACE.search(name):
        level = _region_level(name)
    elif _DEPARTMENT.search(name):
        level = "department"
    else:
        return None
    return PublisherRef(name=name, code=None, level=level)


@lru_cache(maxsize=64)
def _resolver(
    name: str, short_name: str, code: str | None, level: str, roster: tuple[Unit, ...]
) -> _Resolver:
    """One per portal: building the names of a roster costs more than reading a page with them."""
    return _Resolver(Region(name, short_name, level), roster, code, level)


def find(
    *,
    title: str | None,
    text: str,
    source: str | None,
    index_number: str | None = None,
    signature_lines: Sequence[str] = (),
    portal_name: str,
    portal_short_name: str,
    portal_code: str | None,
    portal_level: str,
    roster: Sequence[Unit],
) -> PublisherFinding:
    """Resolve who issued a report.

    Args:
        title: The best title.
        text: The body, one paragraph a line.
        source: The source line of the page (来源).
        index_number: 索引号. A credit code in it names the division of the issuer, never the body itself, so it is
            evidence and decides nothing.
        signature_lines: The lines under the text, if they were told apart already.
        portal_name: Full name of the portal's place (天津市东丽区).
        portal_short_name: Its own name (东丽区).
        portal_code: Its division code.
        portal_level: ``province``, ``city`` or ``county``.
        roster: Streets, towns and townships that publish on this portal.

    Returns:
        Roster units with their codes, the place itself, or bodies without a code under their printed name
        without the place; nothing where no body is named.
    """
    resolver = _resolver(portal_name, portal_short_name, portal_code, portal_level, tuple(roster))
    lines = [line for raw in compatible(text[:200_000]).splitlines() if (line := raw.strip())]
    claims = [
        claim
        for claim in (
            _by_title(title, resolver),
            _by_letterhead(lines, resolver),
            _by_signature(signature_lines or lines[-8:], resolver),
            _by_source(source, resolver),
            _by_opening(lines, resolver),
        )
        if claim is not None and claim.publishers
    ]
    claims.sort(key=lambda claim: claim.weak)
    registered = _registered(index_number)
    if not claims:
        return PublisherFinding(publishers=(), evidence=registered)
    publishers = claims[0].publishers
    for other in claims[1:]:
        publishers = _join(publishers, other)
    decisive = {ref.name for ref in publishers}
    evidence = [
        Evidence(value=ref.name, where=claim.where + (" (weak)" if claim.weak else ""), raw=claim.raw[:200])
        for claim in claims
        for ref in claim.publishers
    ]
    evidence.sort(key=lambda item: item.value not in decisive)
    return PublisherFinding(publishers=publishers, evidence=(*evidence, *registered))


def _registered(index_number: str | None) -> tuple[Evidence, ...]:
    code = creditcode.find(index_number) if index_number else None
    if code is None:
        return ()
    return (Evidence(value=creditcode.division(code), where="credit code in 索引号", raw=index_number or ""),)


def _join(first: tuple[PublisherRef, ...], other: _Claim) -> tuple[PublisherRef, ...]:
    """A title that names one street and a letterhead that names it beside a second: a joint report."""
    if other.where not in {"letterhead", "signature"} or len(other.publishers) <= len(first):
        return first
    return other.publishers if {r.name for r in first} <= {r.name for r in other.publishers} else first


def _by_title(title: str | None, resolver: _Resolver) -> _Claim | None:
    if not title:
        return None
    subject = _subject(clean(title).text)
    return _Claim("title", title, resolver.names(subject)) if subject else None


def _subject(title: str) -> str:
    """The issuer's part of a report title; empty where it has none."""
    named = BODY_NAME_WITH_TOPIC.sub(lambda m: "依治" + m.group()[-2:], title)
    topic = _TOPIC_ON.search(named)
    head = (
        title[: topic.start()]
        if topic and len(named) == len(title)
        else named[: topic.start()]
        if topic
        else ""
    )
    issuer, about, topic_part = head.partition("关于")
    subject = issuer if _YEARS.sub("", issuer) else topic_part if about else head
    return _YEARS.sub("", subject).strip("的、,:-")


def _by_letterhead(lines: Sequence[str], resolver: _Resolver) -> _Claim | None:
    """Names of organs and the title above the first sentence."""
    head: list[str] = []
    for line in lines[:6]:
        if _FURNITURE.search(line):
            continue
        if len(line) > 60 or line.endswith(("。", ";")) or re.search(r"[::]$|^[一二三四五六七八九十(]", line):
            break
        head.append(line)
    publishers: dict[str, PublisherRef] = {}
    used: list[str] = []
    for i, line in enumerate(head):
        folded = fold(line)
        subject = (
            folded if _ORGAN.search(folded) else _subject(fold("".join(head[i : i + 2]))) or _subject(folded)
        )
        for ref in resolver.names(subject) if subject else ():
            publishers.setdefault(ref.name, ref)
            if line not in used:
                used.append(line)
    refs = _specific(publishers, resolver.portal)
    return _Claim("letterhead", " / ".join(used), refs) if refs else None


def _specific(publishers: dict[str, PublisherRef], portal: PublisherRef) -> tuple[PublisherRef, ...]:
    """Above its streets and bureaus the place itself is only the first line of the letterhead."""
    if len(publishers) > 1:
        publishers.pop(portal.name, None)
    return tuple(publishers.values())


def _by_signature(lines: Sequence[str], resolver: _Resolver) -> _Claim | None:
    """The short lines at the end; a name may be broken over two of them."""
    tail: list[str] = []
    for line in lines[-8:]:
        folded = fold(line)
        if not folded or _NOT_SIGNED.match(folded):
            continue
        if len(folded) > 40 or folded.endswith(("。", ";", "!")):
            tail.clear()
            continue
        folded = _DATE_LINE.sub("", folded)
        if folded:
            tail.append(folded)
    signed = [line for line in tail if _ORGAN.search(line)]
    if not signed:
        return None
    publishers: dict[str, PublisherRef] = {}
    for ref in resolver.units("".join(signed)) or [r for line in signed for r in resolver.names(line)]:
        publishers.setdefault(ref.name, ref)
    refs = _specific(publishers, resolver.portal)
    return _Claim("signature", " / ".join(signed), refs) if refs else None


def _by_source(source: str | None, resolver: _Resolver) -> _Claim | None:
    if not source:
        return None
    folded = re.sub(r"^(?:信息)?来源:?", "", fold(source[:200]))
    if units := resolver.units(folded):
        return _Claim("source", source, units)
    own = resolver.region.strip(folded)
    if resolver.region.is_self(folded) or _GENERAL_OFFICE.search(own):
        # The portal's editors put their own office there for papers of anybody.
        return _Claim("source", source, (resolver.portal,), weak=True)
    return _Claim("source", source, resolver.names(folded))


def _by_opening(lines: Sequence[str], resolver: _Resolver) -> _Claim | None:
    """The subject of the first sentence: 2024年,杨村街道在区委、区政府的领导下…."""
    for line in lines[:8]:
        folded = fold(line)
        if len(folded) < 30:
            continue
        clause = re.sub(r"^(?:20\d\d年?度?以?来?,?|今年以?来?,?|近?年来,?)+", "", folded)[:40]
        found = resolver.units(clause)
        if found and clause.find(found[0].name[:2]) <= 14:
            return _Claim("opening", line, found[:1])
        return None
    return None


def _split_bodies(subject: str) -> list[str]:
    """Bodies in a row of names: marks and 人民政府/委员会 end one."""
    pieces: list[str] = []
    for part in re.split(r"[、,;:/|\s]+|(?<=[府局会委])(?:和|与|及|暨)", subject):
        rest = part
        while match := _PARTY.match(rest):
            # 中共X委员会 names the party side of X; what follows is the government side of the same body.
            if match.end() == len(rest):
                rest = match.group("body")
                break
            rest = rest[match.end() :]
        pieces.append(re.sub(r"^(?:党组|党委|党工委|工委)+", "", rest))
    names = []
    for piece in pieces:
        doubled = re.match(r"^([一-鿿]{2,12}人民政府)([一-鿿]{2,12}(?:区|县|市|州|旗)?政府)$", piece)
        names.append(doubled.group(1) if doubled else piece)
    return names


def _region_level(name: str) -> str:
    stem = re.sub(r"(?:人民)?政府$", "", name)
    if re.search(r"(?:省|自治区)$", stem):
        return "province"
    return "city" if re.search(r"[市州盟]$", stem) and not re.search(r"市.+市$", stem) else "county"
