"""One list of demands for every platform: each replica of ``tests.portals.platform_replicas`` goes through all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from archive.records import FrontierKind, ListingRecord, Outcome
from crawler import attachments, reading
from crawler.completeness import ColumnCount, columns
from crawler.platforms import PLATFORMS, choose
from crawler.platforms.base import Listing, Page
from crawler.readjob import ReadJob, ReadResult
from crawler.site import Site
from tests.portals.platform_replicas import Answer, PlatformReplica, replicas

EVERY = {replica.name: replica for replica in replicas()}
MOST = 60
"""List pages followed; a replica has a handful."""

every_platform = pytest.mark.parametrize("replica", EVERY.values(), ids=EVERY)


def site_of(replica: PlatformReplica) -> Site:
    return Site(
        key="qinghe",
        name="清河区",
        short_name="清河区",
        level="county",
        division_code="120199",
        home_url=f"http://{replica.host}/",
        hosts=(replica.host,),
        options=dict(replica.options),
    )


def page_of(replica: PlatformReplica, url: str, answer: Answer | None = None) -> Page:
    answer = answer or replica.answers[url]
    return Page(url, answer.body, answer.content_type)


def listing_of(replica: PlatformReplica, url: str, answer: Answer | None = None) -> Listing:
    page = page_of(replica, url, answer)
    return choose(page, None, replica.options).listing(page)


def job_of(replica: PlatformReplica, url: str, answer: Answer, kind: FrontierKind) -> ReadJob:
    return ReadJob(
        kind=kind,
        url=url,
        final_url=url,
        status=answer.status,
        body=answer.body,
        content_type=answer.content_type,
        site=site_of(replica),
    )


_KNOWN: dict[tuple[str, str, bytes], ReadResult] = {}


def read(replica: PlatformReplica, url: str, answer: Answer) -> ReadResult:
    """Reads a list page; the same bytes at the same address once, for all faults of all pages ask for them."""
    key = (replica.name, url, answer.body)
    if key not in _KNOWN:
        _KNOWN[key] = reading.read(job_of(replica, url, answer, FrontierKind.COLUMN))
    return _KNOWN[key]


def crawled(replica: PlatformReplica, answers: Mapping[str, Answer]) -> tuple[list[str], list[ColumnCount]]:
    """What a run makes of a column: list pages that could not be read, and the counts of those that could."""
    queue, seen = [replica.column_url], {replica.column_url}
    listings: dict[str, ListingRecord] = {}
    unread: list[str] = []
    while queue:
        url = queue.pop(0)
        answer = answers.get(url)
        if answer is None or answer.status != 200:
            unread.append(url)
            continue
        result = read(replica, url, answer)
        if result.outcome is not Outcome.OK:
            unread.append(url)
            continue
        if result.listing is not None:
            listings[url] = result.listing
        further = [
            link.url
            for link in result.links
            if link.kind is FrontierKind.COLUMN and link.reason and "further" in link.reason
        ]
        fresh = [address for address in dict.fromkeys(further) if address not in seen]
        seen.update(fresh)
        queue += fresh
        assert len(seen) <= MOST, f"{replica.name} has no end: {queue[:3]}"
    return unread, columns(listings)


def is_complete(replica: PlatformReplica, answers: Mapping[str, Answer]) -> bool:
    unread, counts = crawled(replica, answers)
    return not unread and bool(counts) and all(count.complete for count in counts)


def test_every_platform_has_a_replica_of_at_least_three_list_pages() -> None:
    assert {replica.platform for replica in EVERY.values()} == set(PLATFORMS)
    assert all(len(replica.list_pages) >= 3 for replica in EVERY.values())


@every_platform
def test_it_is_recognised_by_its_pages(replica: PlatformReplica) -> None:
    chosen = {choose(page_of(replica, url)).name for url in (replica.column_url, *replica.list_pages)}
    assert choose(page_of(replica, replica.column_url)).name == replica.platform
    assert chosen <= {replica.platform, *replica.answered}


@every_platform
def test_rows_come_in_order_with_full_title_address_and_date(replica: PlatformReplica) -> None:
    found = []
    for url in replica.list_pages:
        listing = listing_of(replica, url)
        own = None if listing.rows is None else set(listing.rows)
        found += [e for e in listing.entries if own is None or e.url in own]
    assert [(e.title, e.url, e.date) for e in found] == [(r.title, r.url, r.date) for r in replica.rows]


@every_platform
def test_totals_are_read(replica: PlatformReplica) -> None:
    listing = listing_of(replica, replica.list_pages[0])
    assert (listing.total, listing.page_count) == (replica.total, replica.page_count)
    numbers = [listing_of(replica, url).page_number for url in replica.list_pages]
    assert all(number in {None, place} for place, number in enumerate(numbers)), numbers


@every_platform
def test_every_page_is_reached_and_a_column_read_whole_is_complete(replica: PlatformReplica) -> None:
    unread, counts = crawled(replica, replica.answers)
    assert unread == []
    (count,) = counts
    assert count.missing is None
    assert (count.pages_read, count.rows_read) == (len(replica.list_pages), len(replica.rows))
    assert count.rows_stated in {None, replica.total}


FAULTS: Mapping[str, Callable[[PlatformReplica, int], Answer]] = {
    "gone": lambda replica, n: replace(replica.answers[replica.list_pages[n]], status=404),
    "failing": lambda replica, n: replace(replica.answers[replica.list_pages[n]], status=500),
    "emptied": lambda replica, n: replica.empty[replica.list_pages[n]],
    "repeating": lambda replica, n: replica.answers[replica.list_pages[n - 1]],
    "stub": lambda replica, n: Answer(
        body=b"<html><head><title></title></head><body><div></div></body></html>" * 5
    ),
}


@every_platform
def test_any_list_page_that_is_missing_empty_or_repeated_is_noticed(replica: PlatformReplica) -> None:
    for fault, spoil in FAULTS.items():
        for n, url in enumerate(replica.list_pages):
            answers = {**replica.answers, url: spoil(replica, n)}
            assert not is_complete(replica, answers), f"{fault}: page {n + 1} of {len(replica.list_pages)}"


@every_platform
def test_a_row_that_stands_on_two_pages_counts_once(replica: PlatformReplica) -> None:
    _, counts = crawled(replica, replica.answers)
    twice = _records(replica)
    first, second, *_ = twice
    twice[second] = replace(twice[second], rows=(twice[first].rows[-1], *twice[second].rows[:-1]))
    (count,) = columns(twice)
    assert count.rows_read == counts[0].rows_read - 1
    assert count.complete == (replica.total is None)


def _records(replica: PlatformReplica) -> dict[str, ListingRecord]:
    found = {}
    for url in replica.list_pages:
        record = read(replica, url, replica.answers[url]).listing
        assert record is not None
        found[url] = record
    return found


@every_platform
def test_http_and_https_give_the_same_rows(replica: PlatformReplica) -> None:
    url = replica.list_pages[1]
    other = url.replace("https:", "http:") if url.startswith("https:") else url.replace("http:", "https:")
    shown, swapped = listing_of(replica, url), listing_of(replica, other, replica.answers[url])
    assert [e.title for e in swapped.entries] == [e.title for e in shown.entries]
    assert [e.url.partition("://")[2] for e in swapped.entries] == [
        e.url.partition("://")[2] for e in shown.entries
    ]
    assert len(swapped.pages) == len(shown.pages)


@every_platform
def test_the_body_is_found_and_nothing_round_it(replica: PlatformReplica) -> None:
    answer = replica.answers[replica.article_url]
    result = reading.read(job_of(replica, replica.article_url, answer, FrontierKind.PAGE))
    assert result.extraction is not None
    assert replica.article_text in result.extraction.text
    assert not any(word in result.extraction.text for word in ("网站地图", "政务服务", "联系我们"))


@every_platform
def test_attachments_are_found(replica: PlatformReplica) -> None:
    page = page_of(replica, replica.article_url)
    article = choose(page, replica.platform, replica.options).article(page)
    assert tuple(file.url for file in attachments.find(article)) == replica.attachments
