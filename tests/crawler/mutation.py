"""Real-shaped pages changed by chance: cut, spliced, with tags doubled, dropped and nested, bytes flipped, charsets mixed."""

from __future__ import annotations

import functools
import random
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from archive.records import FrontierKind
from crawler.readjob import ReadJob
from crawler.sample.portal import COLUMNS, SamplePortal, reports
from crawler.sample.server import Request
from tests.crawler.extract.pages import SHAPES
from tests.crawler.measured import page
from tests.portals.dongli import Dongli
from tests.portals.nanan import Nanan
from tests.portals.seeds import seeds_present
from tests.portals.wuqing import Wuqing

_TAG = re.compile(rb"<[^<>]{1,400}>")
_CHARSETS = (
    "utf-8",
    "gb18030",
    "gbk",
    "big5",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "shift_jis",
    "latin-1",
    "utf-7",
)
_TYPES = (
    None,
    "text/html",
    "text/html; charset=gbk",
    "text/html; charset=utf-8",
    "application/json",
    "x; charset=utf-16",
)
_DICTIONARY = (
    b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<script>", b"</script>", b"<style>", b"<textarea>", b"<title>", b"</title>",
    b"</html>", b"</body>", b"<html>", b"<body>", b"<frameset>", b"<iframe src=a.html>", b"<table>", b"<td>", b"</td>", b"<tr>",
    b"<div style='display:none'>", b"<base href='http://x/'>", b"<meta charset=gbk>", b"<meta name=PubDate content=2024-13-45>",
    b"<meta http-equiv=refresh content='0;url=/'>", b"<a href='javascript:'>", b"<a href='http://[::1'>", b"<a href='//'>",
    b"<a href='a.pdf'>", b"<br>", b"<p>", b"<select>", b"<template>", b"<svg>", b"<math>", b"<plaintext>", b"<noscript>",
    b"createPageHTML(99999999999, -1, 'index', 'html');", b"createPageHTML(", b"document.write('", b"<?xml version='1.0'?>",
    b"<!DOCTYPE x [", b"&#0;", b"&#x110000;", b"&#xd800;", b"&nbsp;", b"&amp;amp;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1b$B",
    b"\x84\x31\x95\x33", "2024年13月45日".encode(), "二〇二三年".encode(), "第99999999999999页".encode(), "１２３".encode(), "　".encode(),
    "\u202e".encode(), "\ufeff".encode(), "𠮷".encode(), b"'", b'"', b"<", b">", b"{", b"}", b"[", b"]", b"\\", b"%", b"%00", b"\r", b"\t",
)  # fmt: skip
LARGEST = 400_000
"""Bytes of a made page, half the largest real one: mutation doubles parts again and again."""


@functools.cache
def corpus() -> tuple[bytes, ...]:
    """Articles and lists of the sample portal and of three replicas, the shapes of the platforms, an interface's answer.

    Without the seeds beside this checkout there are no replicas.
    """
    sample = SamplePortal(0)
    found = [sample(_ask(url)).body for url in (*COLUMNS, *(report.url for report in reports(0)[:40]))]
    for replica in (Dongli(), Wuqing(), Nanan()) if seeds_present() else ():
        paths = [*list(replica.articles)[:15], *list(replica.columns)[:10], "/"]
        found += [replica(_ask(replica.url(path))).body for path in paths]
    found += SHAPES.values()
    found.append(
        b'{"code":200,"data":{"total":2,"rows":[{"title":"a","url":"/a.html","date":"2024-01-01"}]}}'
    )
    return tuple(body for body in found if body)


def _ask(url: str) -> Request:
    parts = urlsplit(url)
    return Request(url=url, host=parts.netloc, path=parts.path, query=parts.query, headers={})


def jobs(count: int, seed: int) -> Iterator[ReadJob]:
    """So many changed pages, the same for the same seed."""
    for number in range(count):
        chance = random.Random(f"{seed}-{number}")
        body = chance.choice(corpus())
        for _ in range(chance.randint(1, 8)):
            body = chance.choice(MUTATIONS)(chance, body)[:LARGEST]
        kind = chance.choice(
            (
                FrontierKind.PAGE,
                FrontierKind.PAGE,
                FrontierKind.COLUMN,
                FrontierKind.HUB,
                FrontierKind.ATTACHMENT,
            )
        )
        yield page(
            body, kind=kind, content_type=chance.choice(_TYPES), url=f"http://www.x.gov.cn/{number}.html"
        )


def _place(chance: random.Random, body: bytes) -> int:
    return chance.randint(0, len(body))


def _span(chance: random.Random, body: bytes, most: int) -> tuple[int, int]:
    begin = _place(chance, body)
    return begin, min(len(body), begin + chance.randint(0, most))


def cut(chance: random.Random, body: bytes) -> bytes:
    return body[: _place(chance, body)] if chance.random() < 0.7 else body[_place(chance, body) :]


def dropped(chance: random.Random, body: bytes) -> bytes:
    begin, end = _span(chance, body, 3_000)
    return body[:begin] + body[end:]


def repeated(chance: random.Random, body: bytes) -> bytes:
    begin, end = _span(chance, body, 2_000)
    return body[:end] + body[begin:end] * chance.choice((1, 2, 20, 300)) + body[end:]


def spliced(chance: random.Random, body: bytes) -> bytes:
    other = chance.choice(corpus())
    begin, end = _span(chance, other, 20_000)
    at = _place(chance, body)
    return body[:at] + other[begin:end] + body[at:]


def flipped(chance: random.Random, body: bytes) -> bytes:
    changed = bytearray(body)
    for _ in range(min(len(changed), chance.choice((1, 10, 200)))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def sown(chance: random.Random, body: bytes) -> bytes:
    for _ in range(chance.choice((1, 5, 40))):
        at = _place(chance, body)
        body = body[:at] + chance.choice(_DICTIONARY) + body[at:]
    return body


def _tags(chance: random.Random, body: bytes, change: Callable[[bytes], bytes], share: float) -> bytes:
    return _TAG.sub(lambda tag: change(tag.group()) if chance.random() < share else tag.group(), body)


def tags_dropped(chance: random.Random, body: bytes) -> bytes:
    return _tags(chance, body, lambda _: b"", chance.choice((0.02, 0.3)))


def tags_doubled(chance: random.Random, body: bytes) -> bytes:
    return _tags(chance, body, lambda tag: tag * chance.choice((2, 2, 50)), chance.choice((0.02, 0.2)))


def tags_opened(chance: random.Random, body: bytes) -> bytes:
    return _tags(chance, body, lambda tag: tag.replace(b"</", b"<"), 0.3)


def tags_broken(chance: random.Random, body: bytes) -> bytes:
    return _tags(
        chance, body, lambda tag: tag[:-1] if chance.random() < 0.5 else tag.replace(b'"', b"", 1), 0.1
    )


def tags_shuffled(chance: random.Random, body: bytes) -> bytes:
    tags = _TAG.findall(body) or [b""]
    return _tags(chance, body, lambda _: chance.choice(tags), 0.15)


def nested(chance: random.Random, body: bytes) -> bytes:
    begin, end = chance.choice(
        (
            (b"<table><tr><td>", b"</td></tr></table>"),
            (b"<div class='content'>", b"</div>"),
            (b"<ul><li>", b"</ul>"),
            (b"<b><i>", b""),
        )
    )
    times = chance.choice((3, 30, 600, 3_000))
    first, last = sorted((_place(chance, body), _place(chance, body)))
    return body[:first] + begin * times + body[first:last] + end * times + body[last:]


def recoded(chance: random.Random, body: bytes) -> bytes:
    text = body.decode("utf-8", "replace")
    return text.encode(chance.choice(_CHARSETS), chance.choice(("replace", "ignore", "xmlcharrefreplace")))


def half_recoded(chance: random.Random, body: bytes) -> bytes:
    at = _place(chance, body)
    return body[:at] + recoded(chance, body[at:])


def misread(chance: random.Random, body: bytes) -> bytes:
    """Mojibake that was saved as text."""
    return body.decode(chance.choice(("gb18030", "latin-1", "big5")), "replace").encode()


def with_nuls(chance: random.Random, body: bytes) -> bytes:
    step = chance.choice((2, 17, 400))
    return b"\0".join(body[at : at + step] for at in range(0, min(len(body), 40_000), step))


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    cut,
    dropped,
    repeated,
    spliced,
    flipped,
    sown,
    tags_dropped,
    tags_doubled,
    tags_opened,
    tags_broken,
    tags_shuffled,
    nested,
    recoded,
    half_recoded,
    misread,
    with_nuls,
)
