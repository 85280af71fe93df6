"""Search finds what an exact scan of all texts finds, on both databases, whatever is asked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from archive import schema, search_index
from archive.database import open_archive, reading, writing
from archive.errors import DatabaseUnusable
from archive.reader import Archive
from archive.records import FrontierKind, PublisherRef
from archive.search_index import IndexUnusable
from archive.search_query import parse
from archive.segment import fold
from tests.archive.builder import PARTED, Crawl, body_text, extraction, parted_reading
from tests.archive.search_texts import PORTALS, Made, fill, scan, texts

LINES = (
    "复议 行政复议 法治 法治政府 法治政府建设 政府建 治政 无人机 人机 一网通办 网通 双随机 放管服 第一责任人 习近平法治思想 近平法",
    "法 案 的 亿 龘 12345 123 1 app App ＡＰＰ 热线APP 12345热线ＡＰＰ 案件12 3件 万元 .5万 %。 。 ； “放管服” （3 。全年罚款",
    "普法形式有待 普法形式 不会有这样的话 ab zzz 负责人出庭应诉率达 合法性审查 规范性文件进行合法性审查",
)
WORDS = [word for line in LINES for word in line.split()]
SEVERAL = [
    "复议 无人机",
    "法治 执法 12345",
    "放管服 的",
    '"第 一 责任人" 法治',
    "行政复议 不会有",
    "法 治",
    "。 法治",
    "“一网通办” 12",
]


def asked(words: str) -> list[str]:
    return [word.folded for word in parse(words).words]


def cut_out(made: list[Made], number: int) -> Iterator[str]:
    """Strings cut out of texts anywhere, as they stand there or as they are compared."""
    chance = random.Random(7)
    for turn in range(number):
        text = chance.choice(made).text
        text = fold(text) if turn % 2 else text
        start = chance.randrange(len(text))
        yield '"' + text[start : start + chance.choice((1, 2, 2, 3, 4, 6, 12, 40))].replace('"', "") + '"'


@pytest.mark.parametrize("number", [500, pytest.param(5000, marks=pytest.mark.slow)])
def test_same_answers_as_a_scan(engine: Engine, number: int) -> None:
    made = fill(engine, texts(number, 70))
    search_index.rebuild(engine)
    folded = [(row, fold(row.text)) for row in made]
    archive = Archive(engine)
    sizes = Counter()
    for turn, words in enumerate([*WORDS, *SEVERAL, *cut_out(made, 60 if number > 500 else 20)]):
        wanted = scan(folded, asked(words)) if asked(words) else []
        sizes[len(str(len(wanted)))] += 1
        assert [hit.report_id for hit in archive.search(words, limit=30)] == wanted[:30], words
        if turn % 3:
            continue
        years = Counter(made[number - 1].year for number in wanted)
        assert {row.year: row.reports for row in archive.search_counts(words)} == years, words
    assert min(sizes[digits + 1] for digits in range(len(str(number)))) > 2, "the queries are rare and common"
    for words in [*WORDS[:16], *SEVERAL]:
        wanted = scan(folded, asked(words), ranked=True)
        found = archive.search(words, order="rank", limit=25)
        assert [hit.report_id for hit in found] == wanted[:25], words
    for words in ("复议", "法治政府建", "无人机 法"):
        assert [hit.report_id for hit in archive.search(words, limit=None)] == scan(folded, asked(words)), (
            words
        )
        places = Counter(PORTALS[made[number - 1].portal - 1][0] for number in scan(folded, asked(words)))
        assert {row.portal_key: row.reports for row in archive.search_counts(words, by="place")} == places


@pytest.mark.slow
def test_same_order_by_rank_in_texts_of_real_length(engine: Engine) -> None:
    made = fill(engine, texts(250, 3000, seed=3))
    search_index.rebuild(engine)
    folded = [(row, fold(row.text)) for row in made]
    archive = Archive(engine)
    for words in [*WORDS, *SEVERAL]:
        wanted = scan(folded, asked(words), ranked=True)
        found = archive.search(words, order="rank", limit=None)
        assert [hit.report_id for hit in found] == wanted, words


def test_any_string_is_answered_as_by_a_scan(engine: Engine) -> None:
    strange = [
        '"" * - NEAR(法治) OR NOT a:b ^c (】',
        "％法治' ; DROP TABLE text; -- \\ 法",
        "𠮷野家 𠮷 Ａ𠮷 \U0001f600 ǅ ﬁ ㎡ ½ … é e\u0301 ß",
        "ﷺ\u200b零\u200b宽\ufeff \u3000 表\t格\n１２\t34",
        "བོད་ཡིག ئۇيغۇرچە 한국어 ŉ İ",
        "法治 法治\x00\udcff 法治政府",
    ]
    made = fill(engine, [*strange, *texts(12, 60, seed=5)])
    search_index.rebuild(engine)
    folded = [(row, fold(row.text)) for row in made]
    archive = Archive(engine)
    whole = "".join(row.text for row in made)
    pieces = st.tuples(st.integers(0, len(whole) - 1), st.integers(1, 6)).map(
        lambda at: whole[at[0] : at[0] + at[1]]
    )
    some = st.lists(
        st.one_of(pieces, st.text(max_size=4), st.sampled_from(['"', " ", "“", "*", "\x00", "'"])), max_size=4
    )

    @settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))
    @given(some.map("".join))
    @example('"')
    @example("\udc80 法")
    @example("法" * 5000)
    @example(" ".join(map(str, range(1000))))
    def check(words: str) -> None:
        wanted = scan(folded, asked(words)) if asked(words) else []
        assert [hit.report_id for hit in archive.search(words)] == wanted
        assert {hit.report_id for hit in archive.search(words, order="rank")} == set(wanted)
        assert sum(row.reports for row in archive.search_counts(words)) == len(wanted)

    check()


def numbers(archive: Archive, words: str, **given: object) -> list[int]:
    return [hit.report_id for hit in archive.search(words, **given)]


class TestVersions:
    def test_an_earlier_text_is_found_in_the_history_alone(self, crawl: Crawl) -> None:
        archive = Archive(crawl.engine)
        crawl.page("a.html")
        crawl.page("a.html", extraction(body_text(more="新增无人机巡查。")))
        crawl.page("a.html", extraction(body_text(more="另有摩托车巡查。")))
        assert numbers(archive, "无人机") == []
        (hit,) = archive.search("无人机", history=True)
        assert (hit.version, hit.current, hit.report_id) == (2, False, 1)
        assert [hit.version for hit in archive.search("习近平法治思想", history=True)] == [3, 2, 1]
        assert [(row.year, row.reports) for row in archive.search_counts("无人机 OR", history=True)] == []
        for words, times in (("无人机", 1), ("法治思想", 1), ("摩托车", 1)):
            assert [(row.year, row.reports) for row in archive.search_counts(words, history=True)] == [
                (2025, times)
            ]

    def test_page_and_attachment_are_one_report(self, crawl: Crawl) -> None:
        archive = Archive(crawl.engine)
        crawl.page("a.html")
        crawl.enqueue(crawl.link("a.pdf", FrontierKind.ATTACHMENT), found_on_id=crawl.id_of("a.html"))
        crawl.record("a.pdf", extraction=extraction(body_text(more="附件另有摩托车巡查。")))
        assert numbers(archive, "摩托车") == [1]
        assert sorted(hit.document_id for hit in archive.search("法治思想")) == [1, 2]
        for filters in ({}, {"history": True}, {"level": "street"}):
            assert [row.reports for row in archive.search_counts("法治思想", **filters)] == [1]
            assert [row.reports for row in archive.search_counts("法治思想", by="place", **filters)] == [1]

    def test_the_order_follows_the_year(self, crawl: Crawl) -> None:
        archive = Archive(crawl.engine)
        for year in (2023, 2025, 2024):
            crawl.page(f"{year}.html", extraction(body_text(f"{year}街道"), report_year=year, publishers=()))
        assert numbers(archive, "法治") == [2, 3, 1]
        crawl.page(
            "2023.html", extraction(body_text("2023街道"), report_year=2026, publishers=(), version="2")
        )
        assert [(hit.report_id, hit.year) for hit in archive.search("法治")] == [
            (1, 2026),
            (2, 2025),
            (3, 2024),
        ]
        assert [row.year for row in archive.search_counts("法治")] == [2026, 2025, 2024]

    def test_a_transaction_that_fails_leaves_the_index_as_it_was(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        archive = Archive(crawl.engine)
        with pytest.raises(RuntimeError), writing(crawl.engine) as connection:
            connection.execute(schema.report.update().values(year=2001))
            search_index.catch_up(connection)
            assert (
                connection.execute(sa.select(schema.search_entry.c.id)).scalar()
                < search_index.band(search_index.Class.CURRENT, 2002)[0]
            )
            raise RuntimeError
        assert [row.year for row in archive.search_counts("法治")] == [2025]
        assert numbers(archive, "法治") == [1]


class TestFilters:
    @pytest.fixture
    def archive(self, crawl: Crawl) -> Archive:
        street = PublisherRef(name="清河街道", code="999001001", level="street")
        town = PublisherRef(name="华新镇", code="999001002", level="town")
        crawl.page("a.html", parted_reading(publishers=(street,)))
        crawl.page(
            "b.html",
            extraction(body_text("华新镇"), publishers=(town,), report_year=2024, report_kind="plan"),
        )
        crawl.page("c.html", extraction(body_text("本区"), publishers=(), report_year=None))
        with writing(crawl.engine) as connection:
            connection.execute(schema.document.update().where(schema.document.c.id == 2).values(state="gone"))
        crawl.store.finish_run(crawl.run_id, "complete", {}, "")
        other = Crawl(crawl.engine, "other")
        other.page("d.html", extraction(body_text("外区"), publishers=(), report_year=2024))
        return Archive(crawl.engine)

    CASES = (
        ({}, [1, 4, 2, 3]),
        ({"portal": "qinghe"}, [1, 2, 3]),
        ({"portal": "nowhere"}, []),
        ({"place": "清河区"}, [1, 4, 2, 3]),
        ({"place": "other"}, [4]),
        ({"place": "9990"}, [1, 4, 2, 3]),
        ({"place": "8"}, []),
        ({"level": "town"}, [2]),
        ({"level": "county"}, [4, 3]),
        ({"year": 2024}, [4, 2]),
        ({"year": 999_999_999_999}, []),
        ({"publisher": "华新"}, [2]),
        ({"publisher": "999001001"}, [1]),
        ({"kind": "plan"}, [2]),
        ({"state": "live"}, [1, 4, 3]),
        ({"state": "gone"}, [2]),
        ({"state": "unheard"}, []),
        ({"part": 4}, [1]),
        ({"part": 3}, []),
        ({"year": 2024, "place": "other", "state": "live", "level": "county"}, [4]),
    )

    def test_each(self, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
        for few, (filters, wanted) in product((1000, 0), self.CASES):
            monkeypatch.setattr("archive.search_walk.FEW", few)
            assert numbers(archive, "执法", **filters) == wanted, filters
            assert numbers(archive, "执法力", order="rank", **filters) == wanted, filters
            assert sum(row.reports for row in archive.search_counts("执法", **filters)) == len(wanted), (
                filters
            )
            by_place = archive.search_counts("执法力量", by="place", **filters)
            assert sum(row.reports for row in by_place) == len(wanted), filters

    def test_every_word_has_to_stand_in_the_part(self, archive: Archive) -> None:
        assert numbers(archive, "执法力量 计划", part=2) == [1]
        assert numbers(archive, "罚款 计划", part=2) == []
        (hit,) = archive.search("１２件", part=1)
        (passage,) = hit.passages
        assert [PARTED[start:end] for start, end in passage.hits] == ["１２件"]
        assert PARTED[passage.start : passage.end] == passage.text


def test_passages_mark_what_is_set_otherwise(crawl: Crawl) -> None:
    text = "开头。" * 40 + "推 进\n法治ＡＰＰ建设。" + "中间。" * 40 + "推进法治app建设。"
    crawl.page("a.html", extraction(text))
    (hit,) = Archive(crawl.engine).search("进法治APP建 中间")
    marked = [
        passage.text[s - passage.start : e - passage.start]
        for passage in hit.passages
        for s, e in passage.hits
    ]
    assert marked[:2] == ["进\n法治ＡＰＰ建", "中间"]


class TestIndex:
    def test_a_withdrawn_text_leaves_it_for_good(self, crawl: Crawl, query: Callable[..., list]) -> None:
        archive = Archive(crawl.engine)
        crawl.page("a.html", extraction(body_text(more="张三住在清河路。")))
        crawl.page("b.html", extraction(body_text("华新镇"), publishers=(), title="华新"))
        (hit,) = archive.search("张三")
        with writing(crawl.engine) as connection:
            assert search_index.forget(connection, hit.text_sha256) == 1
            assert search_index.forget(connection, hit.text_sha256) == 0
            connection.execute(
                schema.text_.update().where(schema.text_.c.sha256 == hit.text_sha256).values(content="")
            )
        assert numbers(archive, "张三", history=True) == []
        assert numbers(archive, "法治") == [2]
        if crawl.engine.dialect.name == "sqlite":
            assert query("SELECT count(*) FROM search_index WHERE search_index MATCH '\"张三\"'") == [(0,)]
        crawl.page("a.html", extraction(body_text(more="张三住在清河路。"), report_year=2024, version="2"))
        assert numbers(archive, "法治", history=True) == [2]
        assert archive.search_status().usable

    def test_a_text_emptied_before_it_left_is_told(self, sqlite_url: str) -> None:
        crawl = Crawl(open_archive(sqlite_url))
        crawl.page("a.html")
        archive = Archive(crawl.engine)
        (hit,) = archive.search("法治")
        with writing(crawl.engine) as connection:
            connection.execute(schema.text_.update().values(content=""))
            search_index.forget(connection, hit.text_sha256)
        with pytest.raises(IndexUnusable, match="words of an emptied text"):
            archive.search("法治")
        search_index.rebuild(crawl.engine)
        assert numbers(archive, "法治") == []

    def test_another_segmenter_needs_a_rebuild(self, crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
        archive = Archive(crawl.engine)
        for number in range(5):
            crawl.page(
                f"{number}.html", extraction(body_text(f"第{number}镇"), publishers=(), title=f"{number}")
            )
        monkeypatch.setattr("archive.search_index.stamp", lambda: "another")
        with pytest.raises(IndexUnusable, match=r"another segmenter \(rjieba.*archive index rebuild"):
            archive.search("法治")
        crawl.page("5.html", extraction(body_text("第5镇"), publishers=(), title="5"))  # writing goes on
        assert archive.search_status().waiting == 1
        monkeypatch.setattr("archive.search_index.catch_up.__defaults__", (2,))
        interrupted = []

        def stop(done: int, of: int) -> None:
            interrupted.append((done, of))
            if len(interrupted) == 1:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            search_index.rebuild(crawl.engine, told=stop)
        with pytest.raises(IndexUnusable, match="are not in the search index yet"):
            archive.search_counts("法治")
        search_index.rebuild(crawl.engine, told=stop)
        (first, *rest) = interrupted
        assert first[1] == 6
        assert rest[-1][1] < 6, "it went on where it was stopped"
        assert rest[-1][0] == rest[-1][1]
        assert sorted(numbers(archive, "法治")) == [1, 2, 3, 4, 5, 6]
        assert archive.search_status().segmenter == "another"

    def test_an_index_that_was_not_copied_is_told(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        archive = Archive(crawl.engine)
        empty = (
            "INSERT INTO search_index (search_index) VALUES ('delete-all')"
            if crawl.engine.dialect.name == "sqlite"
            else "DELETE FROM search_index"
        )
        with writing(crawl.engine) as connection:
            connection.exec_driver_sql(empty)
        crawl.page("b.html", extraction(body_text("华新镇"), publishers=(), title="华新"))
        with pytest.raises(IndexUnusable, match="rebuild --all"):
            archive.search("法治")
        assert search_index.rebuild(crawl.engine) == 0
        assert search_index.rebuild(crawl.engine, everything=True) == 2
        assert numbers(archive, "法治") == [2, 1]

    def test_rebuilt_it_is_the_same(self, crawl: Crawl) -> None:
        archive = Archive(crawl.engine)
        crawl.page("a.html")
        crawl.page("a.html", extraction(body_text(more="新增。")))
        crawl.page("b.html", extraction(body_text("华新镇"), publishers=(), report_year=2020))
        before = archive.search("法治", history=True, order="rank")
        search_index.rebuild(crawl.engine, everything=True)
        assert archive.search("法治", history=True, order="rank") == before
        with reading(crawl.engine) as connection:
            assert search_index.status(connection).entries == 3

    def test_a_reader_cannot_write_it(self, sqlite_url: str) -> None:
        Crawl(open_archive(sqlite_url)).page("a.html")
        engine = open_archive(sqlite_url, read_only=True)
        assert numbers(Archive(engine), "法治") == [1]
        with pytest.raises(DatabaseUnusable):
            search_index.rebuild(engine, everything=True)
