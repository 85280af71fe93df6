"""The programs that ``benchmarks/many.py`` times, each as a process of its own."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.many_server import column, host

MODES = ("read", "fetch")
"""What a peer does with an article: trafilatura's text into SQLite with a commit per page, or nothing."""


def ours(proxy: str, folder: Path, portals: int, delay: float) -> int:
    """This program, everything on. Run twice, the second looks at every page again and finds nothing new."""
    from crawler.many_choice import Choice, Chosen
    from crawler.many_run import run_many
    from crawler.site import Column, Site

    def load(key: str) -> Site:
        number = int(key[1:])
        return Site(
            key=key,
            name=f"示例省{key}区",
            short_name=f"{key}区",
            level="county",
            division_code=None,
            home_url=f"http://{host(number)}/",
            hosts=(host(number),),
            platform="trs",
            columns=(Column(url=column(number), name="法治政府建设"),),
            delay=delay,
            host_group=host(number),
        )

    chosen = tuple(Chosen(key=f"p{n:03d}", name=f"p{n:03d}", group=host(n)) for n in range(portals))
    result = run_many(
        Choice(portals=chosen),
        db=str(folder / "archive.db"),
        load=load,
        proxy=proxy,
        at_once=portals,
        recheck="all" if (folder / "archive.db").exists() else "none",
    )
    assert result.exit_code == 0, result.counts()
    with closing(sqlite3.connect(folder / "archive.db")) as database:
        return int(database.execute("select count(*) from document where state = 'live'").fetchone()[0])


def _spider(mode: str, folder: Path, seen: list[int]) -> type[Any]:
    import scrapy

    database = sqlite3.connect(folder / f"plain-{os.getpid()}.db")
    database.execute("create table if not exists article (url text primary key, text text)")

    class Plain(scrapy.Spider):
        name = "plain"

        def __init__(self, number: int) -> None:
            super().__init__()
            self.column = column(number)

        async def start(self) -> AsyncIterator[Any]:
            yield scrapy.Request(self.column)

        def parse(self, response: Any) -> Iterator[Any]:
            if response.url == self.column:
                pages = int(response.selector.re_first(r"createPageHTML\((\d+)"))
                for number in range(1, pages):
                    yield scrapy.Request(f"{self.column}index_{number}.html")
            for href in response.css("ul.list a::attr(href)").getall():
                yield response.follow(href, self.article)

        def article(self, response: Any) -> None:
            seen.append(1)
            if mode == "read":
                import trafilatura

                text = trafilatura.extract(response.text)
                database.execute("insert or replace into article values (?, ?)", (response.url, text))
                database.commit()

    return Plain


def crawlers(mode: str, proxy: str, folder: Path, numbers: range, delay: float) -> int:
    """Plain Scrapy: one process, one crawler per portal, all at once."""
    from scrapy.crawler import CrawlerProcess

    os.environ["http_proxy"] = proxy  # so that robots.txt is asked there, too
    seen: list[int] = []
    spider = _spider(mode, folder, seen)
    process = CrawlerProcess(
        {
            "LOG_LEVEL": "ERROR",
            "TELNETCONSOLE_ENABLED": False,
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
            "DOWNLOAD_DELAY": delay,
            "RANDOMIZE_DOWNLOAD_DELAY": False,
        }
    )
    for number in numbers:
        process.crawl(spider, number)
    process.start()
    return len(seen)


def processes(mode: str, proxy: str, folder: Path, portals: int, delay: float) -> int:
    """Plain Scrapy: one process per portal, as many at once as there are cores."""

    def one(number: int) -> int:
        arguments = ("crawlers", mode, proxy, str(folder), str(number), str(number + 1), str(delay))
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.many_contenders", *arguments],
            check=True,
            capture_output=True,
            text=True,
        )
        return int(done.stdout.split()[-1])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(one, range(portals)))


def main() -> None:
    """``many_contenders NAME MODE PROXY FOLDER FIRST END DELAY``: prints how many articles came."""
    name, mode, proxy, folder = sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])
    first, end, delay = int(sys.argv[5]), int(sys.argv[6]), float(sys.argv[7])
    if name == "ours":
        print(ours(proxy, folder, end, delay))
    elif name == "crawlers":
        print(crawlers(mode, proxy, folder, range(first, end), delay))
    else:
        print(processes(mode, proxy, folder, end, delay))


if __name__ == "__main__":
    main()
