"""What a page says about its text, each value with where it was seen; the decisive one first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from lxml import html as lxml_html

from crawler.extract import dates, title
from crawler.extract.furniture import is_dateline, is_furniture, is_index_row
from crawler.extract.model import Evidence
from crawler.extract.phrases import DATE, INDEX_LABELS
from crawler.extract.render import Line, Rendered, fold

_RAW = 200
# Lines of a text among which its letterhead and a date without a label may stand.
_FIRST = 8
_FIRST_OF_ALL = 4
# Metas are often written without a space between their attributes (name="a"content="b"); should the tree not
# have such a meta, it is read from the source.
_META = re.compile(
    r"""<meta\s{0,20}(?:name|property)\s{0,5}=\s{0,5}(["']?)([\w:.-]{2,40})\1\s{0,20}content\s{0,5}=\s{0,5}(?:"([^"]{0,5000})"|'([^']{0,5000})')"""
    r"""|<meta\s{0,20}content\s{0,5}=\s{0,5}(?:"([^"]{0,5000})"|'([^']{0,5000})')\s{0,20}(?:name|property)\s{0,5}=\s{0,5}(["']?)([\w:.-]{2,40})\7""",
    re.I,
)
_DATE_METAS = (
    "pubdate",
    "publishdate",
    "publishtime",
    "publish_time",
    "article:published_time",
    "og:release_date",
    "pubtime",
    "firstpublishedtime",
    "docreltime",
    "datepublished",
    "bytedance:published_time",
    "dcterms.created",
    "weibo: article:create_at",
)
# Structured data for search engines: schema.org, and Baidu's own word.
_JSON_DATE = re.compile(r'"(datePublished|pubDate)"\s*:\s*"([^"]{8,40})"')
# 本贴由某某于2005年8月12日16:12:21在某栏发表
_POSTED = re.compile(r"[于在]\s*((?:19|20)\d\d\D{1,2}\d{1,2}\D{1,2}\d{1,2}).{0,30}(?:发表|发布|张贴|发帖)")
# 2003-7-24 某晚报
_DATE_AND_NAME = re.compile(rf"\s*({DATE})\s+[^\d，。；：！？]{{2,12}}\s*")
_BEHIND_TITLE = re.compile(rf"\S{{4}}.{{0,100}}[(（\[【]\s*{DATE}\s*[)）\]】]\s*")
_TITLE_METAS = ("articletitle", "og:title", "doctitle", "contenttitle")
_SITE_CODE = re.compile(r"(?<![0-9A-Za-z])(bm\d{8}|\d{10}|[A-Z]{2}\d{8})(?![0-9A-Za-z])", re.I)
_CODE_LABEL = re.compile(r"网站标识码\s*[:：]?\s*((?:bm|BM|CA)?\d{8,10})")
_PUBLISHED = re.compile(
    r"(?<![成印])(?:发\s*布|发\s*文|发\s*表|公\s*开|更新|上传|添加|录入|信息|稿件|刊发|上网)\s*(?:时\s*间|日\s*期|于)\s*[:：]?\s*"
)
_PLAIN = re.compile(r"(?<![一-鿿])(?:时\s*间|日\s*期)\s*[:：]\s*")
_STALE = re.compile(r"今天是|现在是|生成时间|当前时间|星期|页面生成|北京时间|服务器时间|农历|截止|截至")
# Of a letter to the site, not of the page.
_OTHERS = re.compile(r"(?:留言|回复|答复|评论|咨询|来信|提问|受理|截止|报名)$")
# A date with its time of day, or beside a source, in a short line over the text needs no label.
_CLOCK = re.compile(
    r"(?:19|20)\d\d\D{1,2}\d{1,2}\D{1,2}\d{1,2}日?\s*(?:\d{1,2}[:：]\d{2}|.{0,20}来\s*源)|来\s*源.{0,40}(?:19|20)\d\d\D"
)
_SOURCE = re.compile(
    r"(?:信息来源|文章来源|稿件来源|新闻来源|内容来源|来\s*源|稿\s*源|发布机构|发布单位|发布部门|发文机关|信息发布单位"
    r"|信息提供|来源部门|来源单位|文章出处|出\s*处|供稿单位|供稿部门|供稿|报送单位|报送部门)\s*[:：]\s*(.{2,60})"
)
_SOURCE_END = re.compile(
    r"\s+|[|｜【\[]|(?:发布|更新|成文)?(?:时间|日期)[:：]|浏览|点击|[查阅]阅|阅读|访问|字\s*[号体]|文字[:：]|保护视力|背景颜?色|听新闻|语音播|保存|关闭|收藏|作者|编辑|责任编辑|打印|分享|视力|审核|\d{4}-\d"
)
_INDEX_PAIR = re.compile(rf"[\s【\[]*({INDEX_LABELS})[\s】\]]*[:：]\s*(.*)")
_INDEX_NAME = re.compile(INDEX_LABELS)
_DOC_NUMBER = re.compile(
    r"[\u4e00-\u9fff]{1,12}[〔\[(（【]\s*(?:19|20)\d\d\s*[〕\])）】]\s*(?:第\s*)?\d{1,5}\s*号"
)
_INDEX_NUMBER = re.compile(
    r"(?:[0-9A-Z]{18}|\d{9,12}[0-9A-Z-]{0,8}|\d{6})\s*/\s*\d{4,6}-\d{1,6}(?:-\d{1,6})?"
)
_CRUMB_NAMES = re.compile(
    r"crumb|position|location|weizhi|dqwz|curr|path|loca|bread|place|wz\b|nowplace|navigat", re.I
)


@dataclass
class Facts:
    """Evidence per field."""

    fields: dict[str, list[Evidence]] = field(default_factory=dict)

    def add(self, name: str, value: str | None, where: str, raw: str) -> None:
        """Adds one sighting; empty values and exact repetitions are not evidence."""
        if not value:
            return
        entry = Evidence(value=value, where=where, raw=fold(raw)[:_RAW])
        known = self.fields.setdefault(name, [])
        if not any(e.value == entry.value and e.where == entry.where for e in known):
            known.append(entry)

    def best(self, name: str) -> str | None:
        """The decisive value of a field."""
        known = self.fields.get(name)
        return known[0].value if known else None

    def frozen(self) -> Mapping[str, tuple[Evidence, ...]]:
        """The evidence as the extraction keeps it."""
        return {name: tuple(known) for name, known in self.fields.items() if known}


def metas(tree: lxml_html.HtmlElement, source: str) -> dict[str, list[tuple[str, str]]]:
    """All metas by lower-case name: (name as written, content). Broken ones are read from the source text."""
    found: dict[str, list[tuple[str, str]]] = {}
    for element in tree.iter("meta"):
        key = element.get("name") or element.get("property") or element.get("itemprop")
        if key and element.get("content"):
            found.setdefault(key.strip().lower(), []).append((key.strip(), element.get("content")))
    for match in _META.finditer(source[:200_000]):
        key = match.group(2) or match.group(8)
        content = next((g for g in match.group(3, 4, 5, 6) if g), "")
        if key.lower() not in found and content:
            found.setdefault(key.lower(), []).append((key, content))
    for match in _JSON_DATE.finditer(source) if "application/ld+json" in source else ():
        found.setdefault("datepublished", []).append((match.group(1), match.group(2)))
    return found


def read_metas(facts: Facts, known: Mapping[str, Sequence[tuple[str, str]]]) -> None:
    """Site, column, source, title and dates as the metas required by 国办发〔2017〕47号 state them."""
    for name, keys in (
        ("column", ("columnname", "lanmu", "channelname")),
        ("source", ("contentsource", "source", "docsource")),
        ("title", _TITLE_METAS),
    ):
        for key in keys:
            for written, content in known.get(key, ()):
                value = title.clean(content)
                facts.add(name, value if len(value) < 200 else None, f"meta {_canonical(written)}", content)
    for key in ("siteidcode", "siteid_code", "site_id_code"):
        for written, content in known.get(key, ()):
            code = _SITE_CODE.search(content)
            facts.add("site_id_code", code.group(1) if code else None, f"meta {written}", content)
    for key in _DATE_METAS:
        for written, content in known.get(key, ()):
            day = dates.first(content)
            facts.add("published", day.isoformat() if day else None, f"meta {written}", content)


def _canonical(name: str) -> str:
    return "ArticleTitle" if name.lower() == "articletitle" else name


def read_lines(facts: Facts, page: Rendered, start: int, end: int) -> None:
    """Publish line, index table and footer: the lines of the page outside its body."""
    head = page.lines[max(0, start - 60) : start]
    tail = page.lines[end : end + 25]
    for line in head:
        _index(facts, line.text)
    # The line nearest to the text is its publish line; farther up stand lists and the portal's clock.
    for where, lines in (("publish line", list(reversed(head))), ("line below the text", tail)):
        short = [line for line in lines if len(line.text) < 300]
        # What says that it was published goes before what only says when.
        for line in sorted(short, key=lambda line: "发" not in line.text and "公" not in line.text):
            _publish_line(facts, line, where)
        for line in short:
            _source_line(facts, line, where)
    for line in reversed(head):
        text = line.text
        if len(text) < 120 and not _STALE.search(text) and _tells(text):
            day = dates.first(text)
            facts.add("published", day.isoformat() if day else None, "unlabelled line", text)
    for line in reversed(page.lines[-80:]):
        code = _CODE_LABEL.search(line.text)
        found = _SITE_CODE.search(code.group(1)) if code else None
        if found:
            facts.add("site_id_code", found.group(1), "footer", line.text)


def _tells(text: str) -> bool:
    """True for a line above the text whose date is the page's own, though no label says so."""
    return (
        is_furniture(text)
        or is_dateline(text)
        or _CLOCK.search(text) is not None
        or _BEHIND_TITLE.fullmatch(text) is not None
    )


def _publish_line(facts: Facts, line: Line, where: str) -> None:
    text = line.text
    for pattern in (_PUBLISHED, _PLAIN):
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - 6) : match.start()]
            if _STALE.search(before + text[match.start() : match.end() + 4]) or _OTHERS.search(before):
                continue
            day = dates.first(text[match.end() : match.end() + 24])
            place = "update line" if "更" in match.group() else where
            facts.add("published", day.isoformat() if day else None, place, text)
    posted = _POSTED.search(text)
    day = dates.first(posted.group(1)) if posted else None
    if day is not None:
        facts.add("published", day.isoformat(), where, text)


def _source_line(facts: Facts, line: Line, where: str) -> None:
    text = line.text
    source = _SOURCE.search(text)
    if source and (is_furniture(text) or source.start() < 3):
        facts.add("source", _source(source.group(1)), where, text)


def _source(text: str) -> str | None:
    value = _SOURCE_END.split(text.strip(), maxsplit=1)[0].strip(" 　,，;；)）】")
    return value if 2 <= len(value) <= 40 and not re.match(r"(?:次|量|\d|{{)", value) else None


def _index(facts: Facts, text: str) -> None:
    """The table or list that files a document: label and value in turns, or label and value in one."""
    pairs: list[tuple[str, str]] = []
    filed = "\t" in text or is_index_row(text)  # 发布时间：… alone is a publish line
    cells = [c.strip() for c in text.split("\t")]
    i = 0
    while i < len(cells):
        joined = _INDEX_PAIR.fullmatch(cells[i])
        alone = _INDEX_NAME.fullmatch(re.sub(r"[\s:：【】\[\]]+$|^[\s【\[]+", "", cells[i]))
        if alone and i + 1 < len(cells):
            pairs.append((alone.group(), cells[i + 1]))
            i += 2
            continue
        if joined and joined.group(2) and filed:
            pairs.append((joined.group(1), joined.group(2)))
        i += 1
    for label, value in pairs:
        _file(facts, re.sub(r"\s+", "", label), value)


def _file(facts: Facts, label: str, value: str) -> None:
    where = f"index table {label}"
    if label in ("索引号", "信息索引号", "索引"):
        number = _INDEX_NUMBER.search(value)
        facts.add("index_number", re.sub(r"\s+", "", number.group()) if number else None, where, value)
    elif label in ("发文字号", "文号", "文件编号", "文件号", "公文号"):
        number = _DOC_NUMBER.search(value)
        facts.add("document_number", number.group() if number else None, where, value)
    elif label in ("发布日期", "发布时间", "公开日期", "公开时间", "发文日期"):
        day = dates.first(value)
        facts.add("published", day.isoformat() if day else None, where, value)
    elif label in ("成文日期", "成文时间", "生成日期", "生成时间", "印发日期"):
        day = dates.first(value)
        facts.add("written", day.isoformat() if day else None, where, value)
    elif label in (
        "发布机构",
        "发文机关",
        "发文机构",
        "发布机关",
        "发文单位",
        "发布单位",
        "公开主体",
        "制发机关",
    ):
        facts.add("source", value if 2 <= len(value) <= 60 else None, where, value)
    elif label in ("标题", "名称", "信息名称", "公文名称", "文件名称"):
        facts.add("title", title.clean(value) if 4 <= len(value) <= 200 else None, "index table", value)


def read_column(facts: Facts, named: Sequence[tuple[lxml_html.HtmlElement, str]]) -> None:
    """The last step of the breadcrumb is the column."""
    crumbs = (element for element, names in named if _CRUMB_NAMES.search(names))
    for element in islice(crumbs, 40):
        steps = [fold("".join(a.itertext())) for a in islice(element.iter("a"), 12)]
        steps = [s for s in steps if s]
        if len(steps) >= 2 and steps[0].strip("> ") in ("首页", "网站首页", "主页", "本站首页"):
            facts.add("column", steps[-1].strip("> "), "breadcrumb", " > ".join(steps))
            return


def read_body(facts: Facts, lines: Sequence[Line]) -> None:
    """Signature date and document number of the text itself."""
    for line in reversed(lines[-12:]):
        day = dates.whole(line.text)
        if day is not None:
            facts.add("signed", day.isoformat(), "signature", line.text)
            break
    for line in lines[:6]:
        if len(line.text) < 40:
            number = _DOC_NUMBER.search(line.text)
            facts.add("document_number", number.group() if number else None, "first lines", line.text)


def read_opening(facts: Facts, lines: Sequence[Line]) -> None:
    """A publish line that stands among the first lines of the text, or a date without a label."""
    for line in lines[:_FIRST]:
        named = _DATE_AND_NAME.fullmatch(line.text)
        day = dates.first(named.group(1)) if named else dates.whole(line.text)
        if day is not None:
            facts.add("published", day.isoformat(), "first lines", line.text)
    for line in lines[:_FIRST_OF_ALL]:
        if len(line.text) < 100 and "。" not in line.text:
            _publish_line(facts, line, "publish line")


def settle_published(facts: Facts, url: str | None) -> None:
    """Orders the dates of publication: what is printed as such, then metas, index table, address, signature.

    A printed date beats the address: pages are re-created years later under a new one.
    """
    day = dates.in_url(url) if url else None
    if day is not None:
        facts.add("published", day.isoformat(), "url", url or "")
    for signed in facts.fields.get("signed", []):
        facts.add("published", signed.value, "signature", signed.raw)

    def rank(e: Evidence) -> int:
        if e.where == "publish line":
            return 0 if re.search("发\\s*布|公\\s*开", e.raw) else 2
        if e.where.startswith("meta"):
            return 1
        if e.where.startswith("index table"):
            return 3
        return {
            "unlabelled line": 4,
            "line below the text": 5,
            "update line": 5,
            "url": 6,
            "first lines": 7,
            "signature": 8,
        }[e.where]

    known = facts.fields.get("published")
    if known:
        known.sort(key=rank)
