"""What the tests of near-duplicates share: streets that fill in one template."""

from __future__ import annotations

import random

import pytest

from archive.records import PublisherRef
from tests.archive.builder import Crawl, extraction
from tests.archive.conftest import Cli
from tests.archive.test_shingles import edited, made

ONE_DATABASE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""The words of a command do not depend on the database; what it asks is tested on both."""


@pytest.fixture
def ask(cli: Cli, url: str) -> Cli:
    """Runs ``archive`` on the test's archive."""
    return lambda *arguments: cli(*arguments, "--db", url)


def street(crawl: Crawl, name: str, year: int, text: str) -> int:
    """Records a street's report and returns its number."""
    reading_ = extraction(
        text,
        title=f"{name}{year}年法治政府建设年度报告",
        report_year=year,
        publishers=(PublisherRef(name=name, level="street"),),
    )
    recorded = crawl.page(f"{name}-{year}.html", reading_)
    assert recorded.report_id is not None
    return recorded.report_id


@pytest.fixture
def template() -> str:
    return "。".join(made(random.Random(number), 60) for number in range(20))


@pytest.fixture
def streets(crawl: Crawl, template: str) -> dict[str, int]:
    """Two streets that fill in one template, one of them again a year later, and one that writes itself."""
    chance = random.Random(9)
    return {
        "甲23": street(crawl, "甲街道", 2023, f"甲街道{template}"),
        "甲22": street(crawl, "甲街道", 2022, edited(chance, f"甲街道{template}", 0.03)),
        "乙23": street(crawl, "乙街道", 2023, edited(chance, f"乙街道{template}", 0.05)),
        "丙23": street(crawl, "丙街道", 2023, made(random.Random(99), 1_200)),
    }
