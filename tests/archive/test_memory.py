"""What a list page said survives its way through JSON."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from archive.memory import recall, remember
from archive.records import FrontierKind, How, Link, ListingRecord, Verdict

words = st.text(max_size=10)
LINKS = st.builds(
    Link,
    url=words,
    kind=st.sampled_from(FrontierKind),
    how=st.sampled_from(How),
    title=st.none() | words,
    listed_date=st.none() | st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    fetch_url=st.none() | words,
    priority=st.integers(-9, 9),
    verdict=st.sampled_from(Verdict),
    reason=st.none() | words,
    column=st.none() | words,
)
LISTINGS = st.builds(
    ListingRecord,
    entries=st.integers(0, 99),
    total=st.none() | st.integers(0, 99),
    page_count=st.none() | st.integers(0, 99),
    page_number=st.none() | st.integers(0, 99),
    pages=st.lists(words, max_size=3).map(tuple),
    warnings=st.lists(words, max_size=3).map(tuple),
)


@given(st.none() | LISTINGS, st.lists(LINKS, max_size=4))
def test_it_comes_back_as_it_was(listing: ListingRecord | None, links: list[Link]) -> None:
    kept = json.loads(json.dumps(remember(listing, links)))
    assert recall(kept) == (listing, tuple(links))


def test_every_field_is_kept() -> None:
    kept = remember(ListingRecord(entries=1), [Link(url="u", kind=FrontierKind.PAGE, how=How.LISTED)])
    assert set(kept["listing"]) == set(ListingRecord.__dataclass_fields__)
    assert set(kept["links"][0]) == set(Link.__dataclass_fields__)


def test_nothing_kept_is_nothing() -> None:
    assert recall(None) == (None, ())
