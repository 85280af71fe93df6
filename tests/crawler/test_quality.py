"""The quality gate: every real report passes, every kind of wrong text is told with its figure and its limit."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.records import DoubtKind, ExtractionRecord, FrontierKind, Verdict
from crawler import quality
from crawler.quality import find, is_short
from crawler.reading import read
from crawler.readjob import ReadJob
from crawler.sample.portal import near_misses, reports
from crawler.site import load_site

SHARED = Path(__file__).parents[2] / ".." / "shared"
TITLE = "清河街道2024年法治政府建设年度报告"
SENTENCES = (
    "清河街道坚持依法行政，把法治政府建设列入年度重点工作。",
    "全年办理行政处罚案件二十六件，执法人员全部持证上岗。",
    "组织普法宣传活动十八场，发放资料三千余份。",
    "聘请法律顾问两名，审查合同四十一份，出具意见十七条。",
)
BODY = "\n".join(SENTENCES * 8)
FETCHED = date(2025, 2, 10)


def reading(text: str = BODY, **given_: object) -> ExtractionRecord:
    values: dict[str, object] = {
        "extractor": "page",
        "version": "1",
        "text": text,
        "verdict": Verdict.REPORT,
        "verdict_reason": "title",
        "title": TITLE,
        "published": date(2025, 2, 7),
        "report_year": 2024,
    }
    return ExtractionRecord(**{**values, **given_})  # type: ignore[arg-type]


def kinds(text: str = BODY, **given_: object) -> list[DoubtKind]:
    return [doubt.kind for doubt in find(reading(text, **given_), fetched=FETCHED)]


def test_a_report_is_not_doubted() -> None:
    assert kinds() == []


@pytest.mark.parametrize("years", [0, 2])
def test_no_report_of_the_sample_portal_is_doubted(years: int) -> None:
    for report in reports(years):
        doubted = find(
            reading(
                report.text, title=report.title, published=report.published, report_year=report.report_year
            ),
            fetched=None,
        )
        assert doubted == (), report.title


def test_its_unsure_pages_stay_with_the_unsure() -> None:
    unsure = [miss for miss in near_misses() if miss.expected == "unsure"]
    assert unsure
    for miss in unsure:
        text = "一则短短的汇报，说的是法治建设工作。"
        given_ = reading(text, title=miss.title, verdict=Verdict.UNSURE, published=miss.published)
        assert find(given_, fetched=FETCHED) == ()


@pytest.mark.skipif(not SHARED.exists(), reason="../shared is not beside this checkout")
class TestRealTexts:
    def test_no_seed_is_doubted(self) -> None:
        paths = sorted((SHARED / "seeds").glob("*.txt"))
        assert len(paths) >= 5
        for path in paths:
            year = int(re.findall(r"_(20\d\d)", path.name)[0])
            text = path.read_text(encoding="utf-8")
            assert find(reading(text, report_year=year, published=None), fetched=None) == (), path.name

    def test_of_the_government_pages_only_the_reports_pass_as_one(self) -> None:
        """One regulation passes: a law speaks of 依法 as well. It would need a report's title."""
        passed = []
        for path in sorted((SHARED / "eval" / "extraction" / "gold").glob("gov-*.json")):
            gold = json.loads(path.read_text(encoding="utf-8"))
            found = find(reading(gold["text"], report_year=2022, published=None), fetched=FETCHED)
            if not found:
                passed.append(gold["title"])
        real = [title for title in passed if re.search(r"法治(?:政府建设)?工作", title)]
        assert len(real) >= 3
        assert set(passed) - set(real) <= {"专利代理条例"}

    def test_the_known_reports_have_plausible_years(self) -> None:
        import csv

        count = 0
        with (SHARED / "facts" / "known_reports.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                dated = re.match(r"20\d\d-\d\d-\d\d", row["published"])
                if not dated or not row["report_year"]:
                    continue
                day = date.fromisoformat(dated.group())
                given_ = reading(report_year=int(row["report_year"]), published=day)
                assert find(given_, fetched=day) == (), row["url"]
                count += 1
        assert count > 30


class TestShort:
    def test_a_stub_is_short(self) -> None:
        (doubt,) = find(reading("清河街道依法行政，成效明显。" * 5), fetched=FETCHED)
        assert doubt.kind is DoubtKind.SHORT
        assert doubt.detail == "60 Chinese characters, at least 400 expected"

    @pytest.mark.parametrize(("count", "short"), [(399, True), (400, False)])
    def test_the_limit(self, count: int, short: bool) -> None:
        text = (BODY * 2).replace("\n", "").replace("，", "").replace("。", "")[:count]
        text = "。".join(text[at : at + 30] for at in range(0, count, 30))
        assert is_short(text) is short
        assert (DoubtKind.SHORT in kinds(text)) is short

    def test_the_cover_of_a_file_needs_no_text(self) -> None:
        cover = reading("附件：清河街道2024年法治政府建设年度报告.pdf")
        assert find(cover, fetched=FETCHED, covers_file=True) == ()
        assert [doubt.kind for doubt in find(cover, fetched=FETCHED)] == [DoubtKind.SHORT]

    def test_a_long_wrong_text_with_a_file_is_doubted_all_the_same(self) -> None:
        wrong = reading("本单位组织春季植树活动，全体职工踊跃参加，共栽种柳树百余棵。" * 20)
        assert [d.kind for d in find(wrong, fetched=FETCHED, covers_file=True)] == [DoubtKind.TITLE_BODY]


class TestNotChinese:
    @pytest.mark.parametrize(
        ("written", "read_as"),
        [("utf-8", "gb18030"), ("gb18030", "latin-1"), ("gb18030", "utf-8"), ("gb18030", "big5")],
    )
    def test_mojibake(self, written: str, read_as: str) -> None:
        garbled = BODY.encode(written).decode(read_as, "replace")
        doubts = find(reading(garbled), fetched=FETCHED)
        (doubt,) = [doubt for doubt in doubts if doubt.kind is DoubtKind.NOT_CHINESE]
        assert "at least 50% expected" in doubt.detail

    def test_another_language(self) -> None:
        assert DoubtKind.NOT_CHINESE in kinds("The district government reports on the rule of law. " * 40)

    def test_traditional_characters_are_chinese(self) -> None:
        text = (
            "區政府堅持依法行政，嚴格規範公正文明執法，推進法治政府建設。"
            "組織領導幹部學法三次，開展普法宣傳活動十八場。"
        )
        assert kinds(text * 12) == []

    def test_a_report_with_latin_names_and_numbers_is_chinese(self) -> None:
        assert kinds(BODY + "\nwww.example.gov.cn APP WiFi 12345 PPP BOT" * 5) == []


class TestErrorPhrase:
    @pytest.mark.parametrize(
        "text",
        [
            "抱歉，您访问的页面不存在或已被删除！",
            "系统维护中，请稍后再试。",
            "网站正在升级维护，给您带来不便敬请谅解。",
            "您没有权限查看该信息",
            "对不起，您没有访问权限。",
            "请先登录",
            "登录超时，请重新登录。",
            "该信息已失效",
            "找不到您要的内容",
            "数据加载失败，请刷新重试",
            "访问过于频繁，请稍后再试",
            "请输入验证码后继续访问",
            "暂无数据",
            "404 Not Found",
            "java.lang.NullPointerException",
            "服务器内部错误",
            "本栏目正在建设中",
        ],
    )
    def test_a_page_that_says_so(self, text: str) -> None:
        assert kinds(text)[0] is DoubtKind.ERROR_PHRASE
        assert kinds(f"{TITLE}\n{text}\n返回首页 关闭窗口")[0] is DoubtKind.ERROR_PHRASE
        assert kinds(text, verdict=Verdict.UNSURE, title="年度报告")[0] is DoubtKind.ERROR_PHRASE
        covered = find(reading(text), fetched=FETCHED, covers_file=True)
        assert [doubt.kind for doubt in covered] == [DoubtKind.ERROR_PHRASE]

    def test_what_it_says_is_told(self) -> None:
        doubt = find(reading(f"{TITLE}\n您没有权限查看该信息\n"), fetched=FETCHED)[0]
        assert doubt.detail.endswith("says: 您没有权限查看该信息")
        assert "errors are looked for below 1000" in doubt.detail

    @pytest.mark.parametrize(
        "sentence",
        [
            "针对门户网站个别链接失效、页面不存在的问题立行立改。",
            "全年完成政务系统升级维护四次。",
            "系统维护中。",
            "您没有权限查看该信息。",
        ],
    )
    def test_a_report_that_mentions_one_is_a_report(self, sentence: str) -> None:
        assert kinds(f"{BODY}\n{sentence}") == []
        assert kinds(f"{sentence}\n{BODY}") == []

    def test_a_long_error_page_is_one_too(self) -> None:
        furniture = "本站提供办事指南、便民查询、在线咨询等服务，欢迎广大市民使用。" * 16
        assert DoubtKind.ERROR_PHRASE in kinds(f"{furniture}\n系统维护中\n")


class TestTitleAgainstBody:
    def test_a_text_on_something_else(self) -> None:
        (doubt,) = find(reading("本单位组织春季植树活动，全体职工踊跃参加。" * 40), fetched=FETCHED)
        assert doubt.kind is DoubtKind.TITLE_BODY
        assert "0.0 words on 法治 or 依法 for 1,000 characters, at least 2 expected" in doubt.detail

    def test_a_list_of_links(self) -> None:
        rows = "\n".join(
            f"清河区第{number}街道办事处2024年度法治政府建设情况报告 2025-01-{number:02}"
            for number in range(1, 25)
        )
        (doubt,) = find(reading(rows), fetched=FETCHED)
        assert (doubt.kind, "a list of links" in doubt.detail) == (DoubtKind.TITLE_BODY, True)

    def test_a_list_without_dates(self) -> None:
        rows = "\n".join(f"清河区第{number}街道办事处2024年度法治政府建设情况报告" for number in range(1, 25))
        (doubt,) = find(reading(rows), fetched=FETCHED)
        assert doubt.kind is DoubtKind.TITLE_BODY
        assert "24 lines with 0.0 ends of sentences" in doubt.detail

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("a budget", "二〇二四年部门预算收支总表，一般公共预算财政拨款支出决算数依法公开。"),
            ("a report on open government", "全年主动公开政府信息公开事项，办理依申请公开二件，依法答复。"),
            ("a tender", "本项目公开招标，投标人应依法提交投标文件，中标结果另行公告。"),
            ("a recruitment", "本次招聘面试成绩合格的考生，依法签订聘用合同，应聘材料概不退还。"),
        ],
    )
    def test_another_document(self, name: str, words: str) -> None:
        (doubt,) = find(reading(words * 25), fetched=FETCHED)
        assert (doubt.kind, name in doubt.detail) == (DoubtKind.TITLE_BODY, True)

    def test_a_report_of_the_finance_bureau_is_one(self) -> None:
        assert kinds(BODY + "\n加强预算管理，预算执行进度加快，政府采购更加规范。" * 5) == []

    def test_an_unsure_title_claims_nothing(self) -> None:
        text = "本单位组织春季植树活动，全体职工踊跃参加。" * 40
        assert kinds(text, verdict=Verdict.UNSURE, title="年度工作报告") == []


class TestYear:
    @pytest.mark.parametrize(
        ("year", "fetched", "published", "doubted"),
        [
            (2024, date(2025, 2, 10), date(2025, 2, 7), False),
            (
                2024,
                date(2024, 12, 20),
                date(2024, 12, 18),
                False,
            ),  # dated in the year itself, as two real ones
            (2024, date(2024, 12, 1), None, False),
            (2024, date(2024, 11, 30), None, True),
            (2025, date(2025, 2, 10), date(2025, 2, 7), True),
            (2031, date(2025, 2, 10), None, True),
            (2024, date(2026, 1, 5), date(2023, 3, 1), True),
            (2024, date(2026, 1, 5), date(2024, 11, 30), True),
            (2012, date(2026, 1, 5), date(2020, 8, 3), False),  # put up again years later
            (2004, date(2026, 1, 5), None, True),
            (1998, None, None, True),
            (2005, None, None, False),
            (2099, None, None, False),  # nobody knows today's date
            (None, date(2025, 2, 10), date(2020, 1, 1), False),
        ],
    )
    def test_a_year_that_was_not_over(
        self, year: int | None, fetched: date | None, published: date | None, doubted: bool
    ) -> None:
        found = find(reading(report_year=year, published=published), fetched=fetched)
        assert [doubt.kind for doubt in found] == ([DoubtKind.YEAR] if doubted else [])

    def test_the_later_date_counts(self) -> None:
        """A page's own date may be a clerk's slip; the column's is the system's."""
        given_ = reading(published=date(2024, 2, 7))
        assert find(given_, fetched=FETCHED, listed=date(2025, 2, 7)) == ()
        assert find(given_, fetched=FETCHED, listed=date(2024, 2, 7))[0].kind is DoubtKind.YEAR

    def test_figure_and_limit_are_told(self) -> None:
        (doubt,) = find(reading(report_year=2031), fetched=FETCHED)
        assert doubt.detail == (
            "report on 2031, which was not over when it was fetched on 2025-02-10 (limit: 2031-12-01)"
        )


class TestWhatIsNotJudged:
    def test_no_report(self) -> None:
        assert kinds("短。", verdict=Verdict.NO) == []

    def test_no_text(self) -> None:
        assert kinds("", error="no body text was found on the page") == kinds(" \n") == []


@given(st.text(max_size=400), st.integers(-5, 99_999), st.sampled_from([Verdict.REPORT, Verdict.UNSURE]))
@settings(max_examples=60)
def test_it_never_raises_and_says_each_kind_once(text: str, year: int, verdict: Verdict) -> None:
    found = find(reading(text, report_year=year, verdict=verdict), fetched=FETCHED)
    assert len({doubt.kind for doubt in found}) == len(found)
    assert all(doubt.detail and "\n" not in doubt.detail for doubt in found)


def test_the_worst_text_is_judged_quickly() -> None:
    import time

    began = time.process_time()
    for text in ("您" * 900 + "没有" * 40, "页面" * 50_000, "请" * 30_000, "a" * 90_000, "系统维护" * 200):
        find(reading(text), fetched=FETCHED)
    assert time.process_time() - began < 1.5


class TestReading:
    """Where the gate stands in the reading of a page."""

    def page(self, body: str, **given_: object) -> ReadJob:
        html = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{body}</body></html>"
        values: dict[str, object] = {
            "kind": FrontierKind.PAGE,
            "url": "http://www.tjdl.gov.cn/zwgk/t20250207_1.html",
            "final_url": "http://www.tjdl.gov.cn/zwgk/t20250207_1.html",
            "status": 200,
            "body": html.encode(),
            "content_type": "text/html; charset=utf-8",
            "site": load_site("dongli"),
            "title": TITLE,
            "listed_date": date(2025, 2, 7),
            "fetched": FETCHED,
        }
        return ReadJob(**{**values, **given_})  # type: ignore[arg-type]

    def doubts(self, job: ReadJob) -> list[DoubtKind]:
        extraction = read(job).extraction
        assert extraction is not None
        return [doubt.kind for doubt in extraction.doubts]

    def article(self, text: str) -> str:
        paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
        return f'<div class="TRS_Editor">{paragraphs}</div>'

    def test_a_report(self) -> None:
        assert self.doubts(self.page(self.article(BODY))) == []

    def test_a_stub(self) -> None:
        stub = self.article("清河街道坚持依法行政，法治政府建设取得新成效，详情请咨询办公室。" * 3)
        assert self.doubts(self.page(stub)) == [DoubtKind.SHORT]

    def test_a_page_that_only_links_its_file(self) -> None:
        link = '<a href="P020250207.pdf">清河街道2024年法治政府建设年度报告.pdf</a>'
        result = read(self.page(self.article(f"请下载附件查看全文：{link}")))
        assert result.extraction is not None
        assert result.extraction.doubts == ()
        (file,) = result.links
        assert (file.kind, file.verdict) == (FrontierKind.ATTACHMENT, Verdict.REPORT)

    def test_a_summary_with_a_file_of_any_name(self) -> None:
        """Between the shortest text and the shortest report: the file is fetched, the page makes no noise."""
        text = "\n".join(SENTENCES * 2) + '\n<a href="P020250207.pdf">全文</a>'
        result = read(self.page(self.article(text)))
        assert result.extraction is not None
        assert quality.is_short(result.extraction.text)
        assert result.extraction.doubts == ()
        assert [link.kind for link in result.links] == [FrontierKind.ATTACHMENT]

    def test_next_year_s_report(self) -> None:
        assert self.doubts(self.page(self.article(BODY), fetched=date(2024, 6, 1))) == [DoubtKind.YEAR]
