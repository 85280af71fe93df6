"""The two figures of the refusal rules: what slips through as content, and what content is refused."""

from __future__ import annotations

import time

import pytest

from archive.records import Outcome
from crawler.platforms.base import Page
from crawler.refusals import Refusal, by_status, by_text
from tests.crawler.refusals import good
from tests.crawler.refusals.answers import Refused
from tests.crawler.refusals.challenges import CHALLENGES
from tests.crawler.refusals.refused import ALL, SHELLS, SOFT_404S

ADDRESS = "http://www.example.gov.cn/zwgk/t20240102_1.html"
FALSE_ALARMS = 0.01
"""Share of good pages that may be refused (issue: at most 1 % of 1,000)."""


def judged(answer: Refused) -> Refusal | None:
    """As the spider and the reader judge: the status first, then the decoded text."""
    refusal = by_status(answer.status, answer.headers, answer.body)
    if refusal is None:
        refusal = by_text(Page(ADDRESS, answer.body, None).text)
    return refusal


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.name)
def test_no_refused_answer_is_content(answer: Refused) -> None:
    refusal = judged(answer)
    assert refusal is not None, "taken for content"
    assert refusal.outcome in {answer.outcome, *answer.also}, refusal
    assert refusal.outcome is not Outcome.GONE
    assert refusal.detail


def test_there_are_enough_of_them() -> None:
    assert len(CHALLENGES) >= 30
    assert len(CHALLENGES) + len(SHELLS) + len(SOFT_404S) >= 60
    assert len({answer.name for answer in ALL}) == len(ALL)


def test_good_pages_are_content() -> None:
    pages = [*good.of_own(), *good.of_the_sample(), *good.of_the_world()]
    assert len(pages) >= 1_000
    began = time.process_time()
    refused = {}
    for name, body in pages:
        refusal = by_status(200, {}, body) or by_text(Page(ADDRESS, body, None).text)
        if refusal is not None:
            refused[name] = refusal
    spent = time.process_time() - began
    share = len(refused) / len(pages)
    print(
        f"{len(pages)} good pages, {len(refused)} refused ({share:.2%}), {spent / len(pages) * 1000:.2f} ms each"
    )
    assert share <= FALSE_ALARMS, refused
