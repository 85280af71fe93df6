"""A portal whose answers come packed in every way, good and bad; crawled in a process of its own, which is measured.

``python -m tests.crawler.transfers FOLDER`` crawls it and prints what came of every answer, and the peak of memory.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import zstandard

from crawler.prepare import prepare
from crawler.runner import run
from crawler.sample.portal import reports
from crawler.sample.server import Answer, LoopbackServer, Request
from tests.crawler.measured import peak_of

BASE = "http://www.lanting.example"
FOLDER = "/zwgk/fzzfjs/202403/"
_MIB = 1 << 20
_GIB = 1 << 30
REPORTS = [report for report in reports(0) if report.report_year == 2023 and "2023" in report.title]


def gzip(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(body) + packer.flush()


def deflate(body: bytes) -> bytes:
    return zlib.compress(body, 1)


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


def br(body: bytes) -> bytes:
    return brotli.compress(body, quality=1)


def zstd(body: bytes) -> bytes:
    return zstandard.compress(body, 1)


def _repeated(window: int) -> bytes:
    """One packed mebibyte again and again, up to a gibibyte: packing it all would take seconds."""
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    begin = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(b" " * _MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return begin + piece * (_GIB // _MIB)


def _of_brotli(size: int) -> bytes:
    packer = brotli.Compressor(quality=1, lgwin=24)
    return b"".join(packer.process(b" " * _MIB) for _ in range(size // _MIB)) + packer.finish()


GOOD: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip),
    "x-gzip": ("x-gzip", gzip),
    "deflate": ("deflate", deflate),
    "deflate without its head": ("deflate", raw_deflate),
    "br": ("br", br),
    "zstd": ("zstd", zstd),
    "gzip in gzip": ("gzip, gzip", lambda body: gzip(gzip(body))),
    "identity": ("identity", bytes),
}
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "gzip bomb": ("gzip", lambda: _repeated(31)),
    "deflate bomb": ("deflate", lambda: _repeated(15)),
    "br bomb": ("br", lambda: _of_brotli(256 * _MIB)),
    "zstd bomb": ("zstd", lambda: zstd(b" " * _MIB) * 1024),
    "gzip bomb in gzip": ("gzip, gzip", lambda: gzip(_repeated(31))),
    "br bomb in zstd": ("br, zstd", lambda: zstd(_of_brotli(256 * _MIB))),
}
DAMAGED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip that is none": ("gzip", bytes),
    "deflate that is none": ("deflate", lambda body: b"\xff" * 50 + body),
    "br that is none": ("br", lambda body: b"\xff" * 50 + body),
    "zstd that is none": ("zstd", bytes),
    "an encoding nobody knows": ("snappy", bytes),
    "an encoding of old": ("compress", lambda body: b"\x1f\x9d\x90" + body[::-1]),
}
CUT: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip cut in half": ("gzip", lambda body: gzip(body)[: len(gzip(body)) // 2]),
    "zstd cut in half": ("zstd", lambda body: zstd(body)[: len(zstd(body)) // 2]),
}
NAMES = [*GOOD, *BOMBS, *DAMAGED, *CUT]


class Packed:
    """A column of articles, each delivered in another way."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Answer:
        if request.path.startswith(FOLDER):
            return self._article(int(request.path.rpartition("_")[2].removesuffix(".html")))
        if request.path == "/zwgk/fzzfjs/":
            rows = "".join(
                f"<li><a href='{FOLDER}t20240301_{n}.html'>{self.title(n)}</a><span>2024-03-01</span></li>"
                for n in range(len(NAMES))
            )
            return Answer(body=_html("法治政府建设", f"<ul class='list'>{rows}</ul>"))
        if request.path.startswith("/zwgk/") and request.path.endswith("/"):
            return Answer(body=_html("栏目", "<ul class='list'></ul>"))
        return Answer(status=404, body=b"<html><body>404</body></html>")

    @staticmethod
    def title(number: int) -> str:
        return REPORTS[number % len(REPORTS)].title

    def _article(self, number: int) -> Answer:
        name = NAMES[number]
        self.asked.append(name)
        lines = "".join(f"<p>{line}</p>" for line in REPORTS[number % len(REPORTS)].text.split("\n"))
        body = _html(
            self.title(number), f"<h1>{self.title(number)}</h1><div class='TRS_Editor'>{lines}</div>"
        )
        if name in BOMBS:
            encoding, make = BOMBS[name]
            packed = make()
        else:
            encoding, pack = (GOOD | DAMAGED | CUT)[name]
            packed = pack(body)
        return Answer(body=packed, headers={"Content-Encoding": encoding}, etag=False)


def _html(title: str, body: str) -> bytes:
    script = "<script>createPageHTML(1, 0, 'index', 'html');</script>" if "class='list'" in body else ""
    date = "" if script else "<meta name='PubDate' content='2024-03-01 10:00'>"
    return f"<html><head><title>{title}</title>{date}</head><body>{body}{script}</body></html>".encode()


def main(folder: str) -> None:
    portal = Packed()
    db = str(Path(folder) / "archive.db")
    with LoopbackServer(portal) as server:
        # No second attempts: a damaged answer is damaged again.
        summary = run(prepare("demo", db=db, proxy=server.proxy_url), workers=0, overrides={"RETRY_TIMES": 0})
    problems = {
        NAMES[int(problem.url.rpartition("_")[2].removesuffix(".html"))]: [problem.outcome, problem.detail]
        for problem in summary.problems
        if FOLDER in problem.url
    }
    # Not ru_maxrss, which begins with the peak of the process that started this one.
    peak = peak_of(Path("/proc/self/status"))
    print(
        json.dumps(
            {
                "problems": problems,
                "megabytes": peak,
                "exit_code": summary.exit_code,
                "asked": portal.asked,
                "stopped": summary.stopped,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
