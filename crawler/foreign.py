"""Pages of somebody else under a portal's address: hijacked pages, expired domains, a neighbour's copy.

What can be proved from one page, and only that, is judged here:

- its own site identification code (网站标识码: ten digits, the division code first) belongs to another province;
- its title and keywords advertise what no government page does (gambling, pornography) with two different
  words, and nothing on it names a government site;
- the domain is for sale, or the page holds a text in which there is practically no Chinese.

Not judged: codes of the same province (districts are hosted by their city, templates are handed on), an ICP number or a
name alone (both are missing or stale on many good pages), and altered texts under a copied template: for those rule 10
holds, only declared hosts are fetched at all.
"""

from __future__ import annotations

import re

from crawler.refusal_shape import Shape

ENOUGH_TEXT = 400
"""Visible characters from which a page without Chinese is somebody else's."""
HAN_SHARE = 0.01
PARAGRAPH = 60
"""Chinese characters in one run of text: somebody writes about a domain, nobody sells one."""

_META = re.compile(r"<meta\b[^<>]*>", re.IGNORECASE)
_NAMED = re.compile(r"\bname\s*=\s*[\"']?(\w+)", re.IGNORECASE)
_CONTENT = re.compile(r"\bcontent\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_CODE = re.compile(r"网站标识码\s*[:：]?\s*(\d{10})(?!\d)")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_VICE = re.compile(
    r"百家乐|老虎机|真人视讯|真人娱乐|棋牌(?:游戏|下载|平台)|六合彩|时时彩|北京赛车|澳门(?:新?葡京|金沙|威尼斯"
    r"|永利|银河|太阳城|赌场)|葡京|太阳城(?:集团|娱乐|官网)|皇冠(?:体育|现金|比分)"
    r"|娱乐城|现金网|博彩(?:网|公司|平台|官网)|体育(?:投注|博彩)|电竞投注|足球(?:投注|外围)|亚博|开元棋牌|必威"
    r"|万博(?:体育|官网)|博天堂|凯时|金沙(?:娱乐|国际)|永利(?:皇宫|娱乐)|新葡(?:京|萄)"
    r"|注册送(?:彩金|钱|\d+)|送彩金|彩金|返水|首存|bet\d{2,4}\b|bwin\b|casino|baccarat"
    r"|slots?\b.{0,20}(?:online|gacor)|judi|togel|poker\s*online"
    r"|无码|一区二区|三区不卡|色情|成人(?:视频|影院|电影)|porn|xxx\s*video|情色|约炮|麻豆",
    re.IGNORECASE,
)
_GOVERNMENT = re.compile(
    r"政府|街道|公安|司法|法院|检察|打击|查处|整治|案件|通报|专项行动|网站标识码|政府网站|\.gov\.cn|公网安备"
    r"|扫黄|禁赌|涉赌"
)
_FOR_SALE = re.compile(
    r"域名.{0,8}(?:出售|转让|售卖|求购)|(?:this|the) domain.{0,30}(?:for sale|parked|expired|available)"
    r"|buy this domain|sedoparking|parkingcrew|hugedomains",
    re.IGNORECASE,
)


def whose_else(text: str, *, division_code: str | None) -> str | None:
    """Says why a page is somebody else's, or None where nothing proves it.

    Args:
        text: The decoded page, markup included.
        division_code: Of the portal, six digits; None: codes are not compared.
    """
    shape = Shape.of(text)
    code = site_code(shape)
    if code is not None and division_code and code[:2].isdigit() and code[:2] != division_code[:2]:
        return f"its site identification code {code} is of another province than {division_code}"
    said = " ".join((shape.title, _about(shape)))
    vices = {match.lower() for match in _VICE.findall(said)}
    if len(vices) >= 2 and not _GOVERNMENT.search(said) and code is None:
        return f"its title and keywords advertise {'、'.join(sorted(vices)[:4])}"
    beginning = f"{said} {shape.words[:2_000]}"
    match = _FOR_SALE.search(beginning)
    quoted = match is not None and _HAN.search(match.group(0)) and _GOVERNMENT.search(beginning)
    if match is not None and code is None and not quoted and shape.longest < PARAGRAPH:
        return f"the domain is for sale: {match.group(0)[:60]}"
    words = shape.words
    if len(words) >= ENOUGH_TEXT and sum(map(len, _HAN.findall(said + words))) < HAN_SHARE * len(words):
        return None if ".gov.cn" in shape.markup else "a page without Chinese text"
    return None


def site_code(shape: Shape) -> str | None:
    """The site identification code a page carries, if it carries exactly one.

    A bulletin on website inspections may list many; ministries have letters (``bm12000001``) and are not compared.
    """
    declared = [content for name, content in _metas(shape) if name == "siteidcode"]
    codes = {content.strip() for content in declared if re.fullmatch(r"\s*\d{10}\s*", content)}
    if not declared:
        codes = set(_CODE.findall(shape.words))
    return codes.pop() if len(codes) == 1 else None


def _about(shape: Shape) -> str:
    return " ".join(content for name, content in _metas(shape) if name in {"keywords", "description"})


def _metas(shape: Shape) -> list[tuple[str, str]]:
    found = []
    for tag in _META.findall(shape.markup):
        name, content = _NAMED.search(tag), _CONTENT.search(tag)
        if name and content:
            found.append((name[1].lower(), content[1] or content[2] or ""))
    return found
