"""The programs that ``benchmarks/crawl.py`` times, each as a process of its own."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from benchmarks.portal import COLUMN, SITE_FILE

CONCURRENCY = 8


def ours(proxy: str, folder: Path) -> int:
    """This program: bytes, text, evidence, versions; politeness off. Run twice, the second finds nothing new."""
    from crawler.prepare import prepare
    from crawler.runner import run

    site = folder / "bench.toml"
    site.write_text(SITE_FILE, encoding="utf-8")
    session = prepare(str(site), db=str(folder / "archive.db"), proxy=proxy, concurrency=CONCURRENCY, delay=0)
    summary = run(session)
    assert summary.exit_code == 0, summary.sentence()
    return session.planning.live_documents(session.portal_id)


def _spider(keep: bool, proxy: str, folder: Path) -> int:
    import scrapy
    from scrapy.crawler import CrawlerProcess

    database = sqlite3.connect(folder / "plain.db")
    database.execute("create table if not exists article (url text primary key, text text)")
    seen: list[int] = []

    class Plain(scrapy.Spider):
        name = "plain"

        async def start(self) -> AsyncIterator[Any]:
            yield scrapy.Request(COLUMN, meta={"proxy": proxy})

        def parse(self, response: Any) -> Iterator[Any]:
            if response.url == COLUMN:
                pages = int(response.selector.re_first(r"createPageHTML\((\d+)"))
                for number in range(1, pages):
                    yield scrapy.Request(f"{COLUMN}index_{number}.html", meta={"proxy": proxy})
            for href in response.css("ul.list a::attr(href)").getall():
                yield response.follow(href, self.article, meta={"proxy": proxy})

        def article(self, response: Any) -> None:
            seen.append(1)
            if keep:
                import trafilatura

                text = trafilatura.extract(response.text)
                database.execute("insert or replace into article values (?, ?)", (response.url, text))
                database.commit()

    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": CONCURRENCY,
            "DOWNLOAD_DELAY": 0,
        }
    )
    process.crawl(Plain)
    process.start()
    return len(seen)


def main() -> None:
    """``contenders.py NAME PROXY FOLDER``: prints how many articles came."""
    name, proxy, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    counts = {
        "ours": lambda: ours(proxy, folder),
        "plain": lambda: _spider(True, proxy, folder),
        "fetch": lambda: _spider(False, proxy, folder),
    }
    print(counts[name]())


if __name__ == "__main__":
    main()
