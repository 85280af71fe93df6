"""Pages made to harm, read in the real pool: no crash, no hang over 10 s, no memory over 512 MB, a typed outcome."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterator

import pytest

from archive.records import Outcome
from crawler.sample.server import Answer, LoopbackServer, Request
from tests.crawler.measured import Meter, column, file, meter, page

SENTENCE = "一年来，本街道坚持依法行政，推进法治政府建设，取得明显成效。"
P = f"<p>{SENTENCE}</p>"
REPORT = P * 30
MOST_BYTES = 7_900_000
MOST_TAGS = 249_000


@pytest.fixture(scope="module")
def pool() -> Iterator[Meter]:
    with meter() as made:
        yield made


def attributes(count: int) -> str:
    """So many attributes or a few more, each with a name of its own."""
    letters = string.ascii_lowercase
    heads = itertools.chain.from_iterable(itertools.product(letters, repeat=n) for n in itertools.count(1))
    pieces = []
    for head in itertools.islice(heads, -(-count // len(letters))):
        stem = "".join(head)
        pieces.append(" ".join([stem + letter for letter in letters]))
    return " ".join(pieces)


# -- the items of the list ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "end", [pytest.param("</div>" * 100_000, marks=pytest.mark.slow), ""], ids=["closed", "never closed"]
)
def test_100_000_nested_divs(pool: Meter, end: str) -> None:
    read = pool.read(page("<div>" * 100_000 + REPORT + end)).within_limits()
    assert read.extraction.text.count(SENTENCE) == 30
    assert any("nested deeper" in warning for warning in read.extraction.warnings)
    pool.read(column("<div>" * 100_000 + REPORT + end)).within_limits()


def test_5_million_attributes_of_one_element(pool: Meter) -> None:
    read = pool.read(page(f"<div {attributes(5_000_000)}>{REPORT}</div>")).within_limits()
    assert read.extraction.text.count(SENTENCE) == 30


def test_5_million_attributes_of_a_hundred_elements(pool: Meter) -> None:
    body = f"<p {attributes(50_000)}>" * 100 + REPORT
    assert pool.read(page(body)).within_limits().extraction.text.count(SENTENCE) == 30


@pytest.mark.parametrize("elements", [1_000_000, 10_000])
def test_5_million_attributes_of_many_elements(pool: Meter, elements: int) -> None:
    body = f"<p {attributes(5_000_000 // elements)}>" * elements + REPORT
    read = pool.read(page(body)).within_limits()
    assert "in one page, more than" in (read.extraction.error or "")
    listed = pool.read(column(body)).within_limits()
    assert listed.result.outcome is Outcome.ERROR_BODY
    assert listed.result.listing is None


NULS: dict[str, Callable[[], str]] = {
    "between all characters": lambda: "\0".join(REPORT),
    "in tags": lambda: "<\0div>" * 10_000 + REPORT,
    "a million before the page": lambda: "\0" * 1_000_000 + REPORT,
    "a million in a sentence": lambda: REPORT[:100] + "\0" * 1_000_000 + REPORT[100:],
    "as entities": lambda: REPORT.replace("，", "&#0;，&#x0;"),
}


@pytest.mark.parametrize("where", NULS)
def test_nul_bytes(pool: Meter, where: str) -> None:
    read = pool.read(page(NULS[where]())).within_limits()
    assert "\0" not in read.extraction.text
    assert read.extraction.text.count("推进法治政府建设") == 30
    pool.read(column(NULS[where]())).within_limits()


_OPENED = "<table><tr><td><div class='TRS_Editor'><ul><li><a href='x'><b><font><span style='"
UNCLOSED = {
    "every kind of element": f"<html><head><title>报告<body>{_OPENED}'>{P}",
    "a quote in every tag": f"{_OPENED}{P}",
    "formatting that is opened again in every paragraph": "<b class=x>" * 1_000 + P,
    "comments": "<!--",
    "scripts": "<script>",
    "metas": '<meta name="a" content="',
    "entities": "&#x110000;&#0;&bogus;&lt",
    "only <": "<",
}


@pytest.mark.parametrize("what", UNCLOSED)
def test_unclosed_everything(pool: Meter, what: str) -> None:
    body = UNCLOSED[what] * max(5, min(1_000, 20_000 // len(UNCLOSED[what]))) + P
    pool.read(page(body)).within_limits()
    pool.read(column(body)).within_limits()


def largest(piece: str) -> str:
    """As much of it as a page may have."""
    times = MOST_BYTES // len(piece.encode())
    return piece * (min(times, MOST_TAGS // piece.count("<")) if "<" in piece else times)


@pytest.mark.slow
@pytest.mark.parametrize("what", UNCLOSED)
def test_unclosed_everything_as_large_as_can_be(pool: Meter, what: str) -> None:
    body = largest(UNCLOSED[what]) + P
    pool.read(page(body)).within_limits()
    pool.read(column(body)).within_limits()


# -- vector pictures and XML ----------------------------------------------------------------------


def _bomb(inner: str) -> str:
    entities = '<!ENTITY a "法治法治法治法治法治">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise("abcdefghi")
    )
    return f'<?xml version="1.0"?><!DOCTYPE svg [{entities}]>{inner}'


SVG = "<svg xmlns='http://www.w3.org/2000/svg'><text>{}</text></svg>"


def test_entity_bomb_in_svg(pool: Meter) -> None:
    for body in (_bomb(SVG.format("&i;")), _bomb(f"<html><body>{SVG.format('&i;')}{REPORT}</body></html>")):
        for job in (page(body), file(body.encode(), "tu.svg", "image/svg+xml"), file(body.encode())):
            read = pool.read(job).within_limits()
            if read.result.extraction is not None:
                assert len(read.extraction.text) < 10_000


def test_xxe_in_svg_reads_no_file_and_asks_no_server(pool: Meter) -> None:
    def answer(request: Request) -> Answer:
        return Answer(body=b"<!ENTITY stolen 'stolen'>")

    with LoopbackServer(answer) as server:
        for target in ("file:///etc/passwd", f"{server.proxy_url}/x.dtd"):
            doctype = f'<!DOCTYPE svg SYSTEM "{target}" [<!ENTITY i SYSTEM "{target}"><!ENTITY % p SYSTEM "{target}"> %p;]>'
            linked = SVG.format(f"&i;<image href='{target}'/><use href='{target}#x'/>")
            include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{target}" parse="text"/>'
            style = f'<?xml-stylesheet href="{target}"?>'
            body = f'<?xml version="1.0"?>{style}{doctype}<html><body>{linked}{include}{REPORT}</body></html>'
            for job in (page(body), column(body), file(body.encode(), "tu.svg"), file(body.encode())):
                read = pool.read(job).within_limits()
                said = repr(read.result)
                assert "root:" not in said
                assert "stolen" not in said
        assert server.log == []


# -- truncated ------------------------------------------------------------------------------------


def test_a_truncated_page_says_that_it_has_no_end(pool: Meter) -> None:
    whole = f"<html><head><title>报告</title></head><body><div class='TRS_Editor'>{REPORT}</div></body></html>".encode()
    assert pool.read(page(whole)).result.ends
    for tenth in range(3, 10):
        cut = pool.read(page(whole[: len(whole) * tenth // 10])).within_limits()
        assert not cut.result.ends
        assert "\ufffd" not in cut.extraction.text.rstrip("\ufffd")


# -- just below the limits of size ----------------------------------------------------------------

REPEATED = {
    "nested bold and italics": "<b><i>",
    "nested tables": "<table><tr><td>",
    "nested lists": "<ul><li>",
    "list rows": "<li><a href='/t1.html'>关于某镇2023年工作的通知</a><span>2024-01-01</span>",
    "reports in a list": "<li><a href='/t1.html'>某镇2023年法治政府建设情况报告</a>",
    "hidden elements": f"{P}<div style='display:none'>",
    "cells": "<td>1",
    "line breaks": "法治<br>",
    "headings": "<p>一、法治政府建设情况</p>",
    "figures": "共排查矛盾纠纷15件，",
    "years": "2023年",
    "one sentence without an end": "法治",
    "digits": "1",
    "brackets": "（《",
    "quotes": "\"'",
    "white space": " \n",
    "titles": "<title>某镇2023年法治政府建设情况报告</title>",
    "a title without an end": "某镇2023年法治政府建设情况报告_",
    "page scripts": "<script>createPageHTML(100000000, 0, 'index', 'html');</script>",
    "calls": "createPageHTML(",
    "objects": '{"a":',
    "lists of lists": "[",
    "classes": "<div class='content article TRS_Editor'>",
    "doctypes": "<!DOCTYPE html>",
    "frames": "<iframe src='a.html'></iframe>",
    "bodies": "<body onload='a'>",
    "declarations": "<?xml version='1.0'?>",
}


@pytest.mark.slow
@pytest.mark.parametrize("what", REPEATED)
def test_a_page_of_nothing_but(pool: Meter, what: str) -> None:
    body = largest(REPEATED[what])
    pool.read(page(P + body)).within_limits()
    pool.read(column(body)).within_limits()


BYTES: dict[str, Callable[[], bytes]] = {
    "of no charset": lambda: b"\xff" * MOST_BYTES,
    "of half characters": lambda: b"<p>\x80" * (MOST_TAGS - 1),
    "of mixed charsets": lambda: ("法治".encode("gb18030") + b"<p>" + "法治".encode()) * (MOST_TAGS - 1),
    "of UTF-16": lambda: ("<p>法治" * (MOST_TAGS - 1)).encode("utf-16"),
    "of UTF-32": lambda: ("<p>法治" * (MOST_TAGS - 1)).encode("utf-32"),
    "of escapes": lambda: b"\x1b$B" * (MOST_BYTES // 3),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", BYTES)
def test_a_page_of_bytes(pool: Meter, what: str) -> None:
    pool.read(page(BYTES[what]())).within_limits()
    pool.read(column(BYTES[what]())).within_limits()
