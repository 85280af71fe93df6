"""Missing, gone, back: by repeated evidence, each step told; and no text once seen is ever lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive.database import open_archive
from archive.reader import Archive
from archive.records import Event, Outcome, Verdict
from tests.archive.builder import Crawl, body_text, extraction

ONE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""

SOFT = {"outcome": Outcome.SOFT_404, "status": 200, "detail": "redirected to the home page http://a/"}


def told(crawl: Crawl) -> list[tuple[str, str | None]]:
    return [(change.kind.value, change.detail) for change in Archive(crawl.engine).changes()][1:]


def state(crawl: Crawl) -> tuple[str, int, bool]:
    document = Archive(crawl.engine).document(1)
    return document.state, document.missed, document.missing_since is not None


def test_one_404_is_missing_and_a_second_a_day_later_is_gone(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    assert crawl.gone("a.html").event is Event.MISSING
    assert state(crawl) == ("live", 1, True)
    crawl.again()
    assert crawl.gone("a.html").event is Event.GONE
    assert state(crawl) == ("gone", 2, True)
    document = Archive(crawl.engine).document(1)
    assert document.gone_since == document.missing_since
    assert told(crawl) == [
        ("missing", "404; looked for again before it counts as gone"),
        ("gone", "404; not found 2 times since 2026-03-02 08:00 UTC"),
    ]


@ONE
def test_twice_on_one_day_is_one_observation(crawl: Crawl) -> None:
    crawl.page("a.html")
    for _ in range(4):
        crawl.again(days=0.2)
        assert crawl.gone("a.html").event is Event.MISSING
    assert state(crawl) == ("live", 1, True)
    assert len(told(crawl)) == 1
    crawl.again(days=0.3)
    assert crawl.gone("a.html").event is Event.GONE


@ONE
def test_410_counts_at_once(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    assert crawl.record("a.html", outcome=Outcome.GONE, status=410).event is Event.GONE
    assert told(crawl) == [("gone", "410; told so at once")]


@ONE
@pytest.mark.slow
def test_a_404_and_then_a_410_within_the_hour(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    crawl.gone("a.html")
    crawl.again(days=0.04)
    crawl.record("a.html", outcome=Outcome.GONE, status=410)
    assert state(crawl) == ("gone", 2, True)


@ONE
def test_soft_404s_and_redirects_home_are_evidence(crawl: Crawl) -> None:
    crawl.page("a.html")
    crawl.again()
    assert crawl.record("a.html", **SOFT).event is Event.MISSING
    crawl.again()
    assert crawl.record("a.html", **SOFT).event is Event.GONE
    assert told(crawl)[-1] == (
        "gone",
        "soft_404: redirected to the home page http://a/; not found 2 times since 2026-03-02 08:00 UTC",
    )
    crawl.again()
    assert [change.kind for change in crawl.store.settle(crawl.run_id, True)] == ["withdrawn"]


@ONE
@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.CHALLENGE, Outcome.FORBIDDEN, Outcome.MOVED])
@pytest.mark.slow
def test_what_says_nothing_of_the_page_neither_counts_nor_clears(crawl: Crawl, outcome: Outcome) -> None:
    crawl.page("a.html")
    crawl.again()
    crawl.gone("a.html")
    for _ in range(3):
        crawl.again()
        crawl.record("a.html", outcome=outcome, status=None, body=None)
    assert state(crawl) == ("live", 1, True)


@pytest.mark.parametrize("lost", [False, True], ids=["missing", "gone"])
def test_back_closes_the_episode(crawl: Crawl, lost: bool) -> None:
    crawl.page("a.html")
    crawl.again()
    (crawl.lost if lost else crawl.gone)("a.html")
    crawl.again()
    crawl.not_modified("a.html")
    assert state(crawl) == ("live", 0, False)
    was = "gone" if lost else "missing"
    assert told(crawl)[-1] == ("back", f"was {was} since 2026-03-02 08:00 UTC")
    crawl.again()
    assert crawl.gone("a.html").event is Event.MISSING


@ONE
@pytest.mark.slow
def test_what_stays_away_is_counted_and_not_told_again(crawl: Crawl) -> None:
    crawl.page("a.html")
    for _ in range(5):
        crawl.again()
        crawl.gone("a.html")
    assert state(crawl) == ("gone", 5, True)
    assert [kind for kind, _ in told(crawl)] == ["missing", "gone"]


@ONE
def test_an_answer_from_before_the_last_sight_says_nothing(crawl: Crawl) -> None:
    crawl.page("a.html")
    before = crawl.clock()
    crawl.again()
    crawl.not_modified("a.html")
    crawl.again()
    crawl.record("a.html", outcome=Outcome.GONE, status=404, fetched_at=before)
    assert state(crawl) == ("live", 0, False)


TEXTS = [body_text(more="改。" * number) for number in range(3)] + [body_text()[:60]]


def _content(text: str) -> Callable[[Crawl], object]:
    return lambda crawl: crawl.page("a.html", extraction(text))


STEPS: dict[str, Callable[[Crawl], object]] = {
    **{f"text {number}": _content(text) for number, text in enumerate(TEXTS)},
    "no report": lambda crawl: crawl.page("a.html", extraction("通知", verdict=Verdict.NO)),
    "unread": lambda crawl: crawl.page("a.html", extraction("", error="crashed"), body=b"broken"),
    "304": lambda crawl: crawl.not_modified("a.html"),
    "404": lambda crawl: crawl.gone("a.html"),
    "410": lambda crawl: crawl.record("a.html", outcome=Outcome.GONE, status=410),
    "soft 404": lambda crawl: crawl.record("a.html", **SOFT),
    "challenge": lambda crawl: crawl.record("a.html", outcome=Outcome.CHALLENGE, status=412, body=b"js"),
    "timeout": lambda crawl: crawl.record("a.html", outcome=Outcome.TIMEOUT, status=None),
    "elsewhere": lambda crawl: crawl.page("b.html", extraction(TEXTS[0])),
    "complete": lambda crawl: crawl.store.settle(crawl.run_id, True),
    "partial": lambda crawl: crawl.store.settle(crawl.run_id, False),
}
sequences = st.lists(
    st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from([0.1, 1.0, 40.0])), min_size=3, max_size=14
)


def walk(path: Path, steps: list[tuple[str, float]]) -> None:
    """Any answers in any order: what was a version stays one, and the changes tell the state."""
    engine = open_archive(str(path))
    crawl = Crawl(engine)
    crawl.page("a.html")
    archive = Archive(engine)
    held: dict[tuple[int, int], str] = {(1, 1): TEXTS[0]}
    try:
        for name, days in steps:
            crawl.again(days)
            STEPS[name](crawl)
            for document in archive.documents(1):
                for version in archive.versions_of(document.document_id):
                    held.setdefault(
                        (version.document_id, version.number), archive.text_of(version.text_sha256)
                    )
        now = {
            (version.document_id, version.number): archive.text_of(version.text_sha256)
            for version in archive.versions(1)
        }
        assert now == held
        assert all(text in TEXTS for text in held.values())
        document = archive.document(1)
        last = {
            "missing": "live",
            "back": "live",
            "gone": "gone",
            "moved": "moved",
            "withdrawn": "withdrawn",
        }
        states = [change.kind.value for change in archive.changes_of([1]) if change.kind in last]
        assert document.state == last[states[-1] if states else "back"]
        assert (document.missing_since is None) == (not states or states[-1] == "back")
        for before, after in zip(["back", *states], states, strict=False):
            assert before != after, states
            assert after not in {"moved", "withdrawn"} or before in {"gone", "withdrawn"}, states
    finally:
        engine.dispose()


LIMITS = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


def fresh(sqlite_template: Path, tmp_path: Path) -> Path:
    for old in tmp_path.glob("walk.db*"):
        old.unlink()
    return Path(shutil.copy(sqlite_template, tmp_path / "walk.db"))


@settings(max_examples=3, derandomize=True, **LIMITS)  # type: ignore[arg-type]
@given(steps=sequences)
def test_no_text_once_seen_is_lost(
    sqlite_template: Path, tmp_path: Path, steps: list[tuple[str, float]]
) -> None:
    walk(fresh(sqlite_template, tmp_path), steps)


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(max_examples=100, **LIMITS)  # type: ignore[arg-type]
@given(steps=sequences)
def test_no_text_once_seen_is_lost_in_many_orders(
    sqlite_template: Path, tmp_path: Path, steps: list[tuple[str, float]]
) -> None:
    walk(fresh(sqlite_template, tmp_path), steps)
