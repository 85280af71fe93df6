"""The sample portal as a crawl meets it."""

import io
import re
import urllib.error
import urllib.request
import zipfile
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html

from crawler.sample.portal import BASE_URL, COLUMNS, ROWS, SAMPLE_HOST, SamplePortal, near_misses, reports
from crawler.sample.server import Answer, LoopbackServer, Request

BODY = "//div[contains(concat(' ', @class, ' '), ' {} ')]"
CONTAINERS = ("trs_editor_view", "zwxl-article", "TRS_Editor")


def ask(portal: SamplePortal, url: str) -> Answer:
    parts = urlsplit(url)
    return portal(Request(url=url, host=parts.netloc, path=parts.path, query=parts.query, headers={}))


def rows(portal: SamplePortal, column: str) -> list[tuple[str, str, str, str]]:
    """Address, full title, shown title and date of every row, all pages of a column."""
    found, page, pages = [], 0, 1
    while page < pages:
        url = column if page == 0 else f"{column}index_{page}.html"
        text = ask(portal, url).body.decode()
        total, current = re.findall(r'createPageHTML\((\d+), (\d+), "index", "html"\)', text)[-1]
        pages = int(total)
        assert int(current) == page
        items = html.fromstring(text).xpath("//ul[@class='list']/li")
        assert 0 < len(items) <= ROWS
        assert len(items) == ROWS or page == pages - 1
        for item in items:
            (link,) = item.xpath("a")
            found.append(
                (urljoin(url, link.get("href")), link.get("title"), link.text, item.findtext("span"))
            )
        page += 1
    return found


def body_lines(page: bytes, charset: str = "utf-8") -> list[str]:
    tree = html.fromstring(page.decode(charset))
    (container,) = [node for name in CONTAINERS for node in tree.xpath(BODY.format(name))]
    return [paragraph.text_content().strip("\u3000 ") for paragraph in container.iter("p")]


@pytest.fixture(scope="module")
def first() -> SamplePortal:
    return SamplePortal()


def test_about_forty_reports_of_four_years_and_their_neighbours():
    found = reports()
    assert 38 <= len(found) <= 44
    assert {report.report_year for report in found} == {2021, 2022, 2023, 2024}
    assert len({report.publisher for report in found}) == 13
    assert 10 <= len(near_misses()) <= 16
    assert sum(miss.expected == "unsure" for miss in near_misses()) == 2


@pytest.mark.parametrize("year", [0, 1, 3])
def test_lists_and_pages_agree(year):
    portal = SamplePortal(year)
    listed = [row for column in COLUMNS for row in rows(portal, column)]
    expected = {url: report.title for report in reports(year) for url in report.urls}
    expected |= {miss.url: miss.title for miss in near_misses(year)}
    assert {url: title for url, title, _, _ in listed} == expected
    assert len(listed) == len(expected)
    for url, title, shown, _ in listed:
        assert ask(portal, url).status == 200
        assert shown == title or (shown.endswith("…") and title.startswith(shown[:-1]))
    by_url = {report.url: report.published.isoformat() for report in reports(year)}
    assert all(day == by_url[url] for url, _, _, day in listed if url in by_url)


def test_both_report_columns_run_over_pages_and_one_states_its_total(first):
    bureaus, towns, _ = COLUMNS
    assert len(rows(first, bureaus)) > ROWS
    assert len(rows(first, towns)) > ROWS
    stated = re.search(r"共(\d+)条", ask(first, towns).body.decode())
    assert stated is not None
    assert int(stated[1]) == len(rows(first, towns))


def test_rows_are_newest_first(first):
    for column in COLUMNS:
        days = [day for _, _, _, day in rows(first, column)]
        assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("year", [0, 1])
def test_the_truth_is_what_the_page_says(year):
    portal = SamplePortal(year)
    for report in reports(year):
        for url in report.urls:
            page = ask(portal, url).body
            assert body_lines(page, report.charset) == report.text.splitlines()
            assert 15_000 <= len(page) <= 30_000


def test_same_year_same_bytes_but_for_the_ticking_pages():
    seconds = iter(datetime(2025, 6, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(1000))
    one, other = SamplePortal(1, now=lambda: next(seconds)), SamplePortal(1, now=lambda: next(seconds))
    ticking = {report.url for report in reports(1) if not report.static}
    assert 3 <= len(ticking) <= 12
    for url in one.urls:
        mine, theirs, again = ask(one, url), ask(other, url), ask(one, url)
        if mine.etag:
            assert mine.body == theirs.body == again.body
            assert url not in ticking
        else:
            assert mine.body != again.body
    for url in ticking:
        once, twice = ask(one, url).body, ask(one, url).body
        assert body_lines(once) == body_lines(twice)


def test_furniture_on_every_article(first):
    for report in reports():
        page = ask(first, report.url).body.decode(report.charset)
        for piece in (
            "今天是",
            "您当前的位置",
            "扫一扫在手机打开当前页",
            "分享到",
            "上一篇",
            "下一篇",
            "打印",
        ):
            assert piece in page, (piece, report.title)
        for piece in (
            "网站标识码：9999010001",
            "ICP备",
            "公网安备",
            "网站地图",
            'name="SiteIDCode"',
            "主办：",
        ):
            assert piece in page, (piece, report.title)
        assert report.published.isoformat() in page


def test_the_page_in_gb18030_lies_about_its_charset(first):
    (report,) = [report for report in reports() if report.charset != "utf-8"]
    answer = ask(first, report.url)
    assert answer.content_type == "text/html; charset=utf-8"
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode("utf-8")
    with pytest.raises(UnicodeDecodeError):
        answer.body.decode("gbk")
    assert "㳇河村" in answer.body.decode("gb18030")


def test_the_hard_cases_are_there(first):
    bare, unheaded, copied, attached = [], [], [], []
    for report in reports():
        page = ask(first, report.url).body.decode(report.charset)
        if 'name="ArticleTitle"' not in page:
            bare.append(report)
        if "<h1>" not in page:
            unheaded.append(report)
        if report.copies:
            copied.append(report)
        if report.attachments:
            attached.append(report)
    assert len(bare) == len(unheaded) == len(copied) == len(attached) == 1
    assert unheaded[0].text.splitlines()[:2] == list(unheaded[0].issuers)
    original, copy = (ask(first, url).body for url in copied[0].urls)
    assert body_lines(original) == body_lines(copy)
    assert original != copy
    assert urlsplit(copied[0].copies[0]).path.startswith("/zwgk/gzbg/")


def test_the_attachment_is_a_word_file_that_its_page_links(first):
    (report,) = [report for report in reports() if report.attachments]
    page = html.fromstring(ask(first, report.url).body)
    links = [urljoin(report.url, link) for link in page.xpath("//a/@href") if link.endswith(".docx")]
    assert links == list(report.attachments)
    answer = ask(first, links[0])
    with zipfile.ZipFile(io.BytesIO(answer.body)) as package:
        assert package.testzip() is None
        assert "行政检查" in package.read("word/document.xml").decode()


def test_every_link_of_home_and_menus_leads_somewhere(first):
    for start in (f"{BASE_URL}/", f"{BASE_URL}/zwgk/", reports()[0].url):
        for link in html.fromstring(ask(first, start).body).xpath("//a/@href"):
            target = urljoin(start, link)
            if urlsplit(target).scheme == "http" and "/search/" not in target:
                assert ask(first, target).status == 200, (start, link)
    home = ask(first, f"{BASE_URL}/").body.decode()
    assert "/zwgk/fzzfjs/" in home
    assert "/zwgk/jzxxgk/" in home


def test_odd_addresses(first):
    behind = ask(first, f"{next(iter(COLUMNS))}index_99.html")
    assert behind.status == 200
    assert 300 <= len(behind.body) <= 700
    assert "t20" not in behind.body.decode()
    gone = ask(first, f"{BASE_URL}/zwgk/fzzfjs/202401/t20240101_1.html")
    assert gone.status == 404
    assert "页面不存在" in gone.body.decode()
    assert ask(first, "http://www.elsewhere.example/").status == 404
    moved = ask(first, f"{BASE_URL}/zwgk/fzzfjs")
    assert (moved.status, moved.headers["Location"]) == (301, f"{BASE_URL}/zwgk/fzzfjs/")
    assert "Disallow: /search/" in ask(first, f"{BASE_URL}/robots.txt").body.decode()
    with pytest.raises(ValueError, match="back in time"):
        SamplePortal(-1)


def test_a_year_passes():
    before = {(report.publisher, report.report_year): report for report in reports(0)}
    after = {(report.publisher, report.report_year): report for report in reports(1)}
    new = after.keys() - before.keys()
    assert {year for _, year in new} == {2025}
    assert 9 <= len(new) <= 13
    (withdrawn,) = before.keys() - after.keys()
    (edited,) = [key for key in before.keys() & after.keys() if after[key].edited]
    (moved,) = [key for key in before.keys() & after.keys() if before[key].url != after[key].url]
    assert len({withdrawn, edited, moved}) == 3
    portal = SamplePortal(1)
    assert ask(portal, before[withdrawn].url).status == 404
    assert ask(portal, before[moved].url).status == 404
    assert ask(portal, after[moved].url).status == 200
    assert before[moved].text == after[moved].text
    assert before[edited].url == after[edited].url
    for key in before.keys() & after.keys() - {edited, moved}:
        assert before[key] == after[key]


@pytest.mark.parametrize("year", [1, 2, 3])
def test_the_edit_is_one_figure_and_one_sentence(year):
    before = {report.url: report for report in reports(year - 1)}
    (now,) = [report for report in reports(year) if report.edited and not before[report.url].edited]
    then = before[now.url]
    changed = [
        (one, other)
        for one, other in zip(then.text.splitlines(), now.text.splitlines(), strict=True)
        if one != other
    ]
    assert len(changed) == 2
    figure, sentence = changed
    assert re.sub(r"\d+", "#", figure[0]) == re.sub(r"\d+", "#", figure[1])
    assert (
        sum(
            one != other
            for one, other in zip(re.findall(r"\d+", figure[0]), re.findall(r"\d+", figure[1]), strict=True)
        )
        == 1
    )
    assert sentence[0].split("，")[0] == sentence[1].split("，")[0]


def test_years_go_on():
    for year in range(1, 6):
        fresh = [report for report in reports(year) if report.report_year == 2024 + year]
        assert len(fresh) == 11
    urls = [url for report in reports(5) for url in report.urls] + [miss.url for miss in near_misses(5)]
    assert len(urls) == len(set(urls))


def test_end_to_end_through_the_proxy():
    report = next(report for report in reports() if report.static)
    with LoopbackServer(SamplePortal()) as server:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": server.proxy_url}))
        with opener.open(report.url, timeout=10) as answer:
            tag = answer.headers["ETag"]
            assert body_lines(answer.read()) == report.text.splitlines()
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            opener.open(urllib.request.Request(report.url, headers={"If-None-Match": tag}), timeout=10)
        assert unchanged.value.code == 304
        ticking = next(report for report in reports() if not report.static)
        with opener.open(ticking.url, timeout=10) as answer:
            assert answer.headers["ETag"] is None
        with pytest.raises(urllib.error.HTTPError) as gone:
            opener.open(f"http://{SAMPLE_HOST}/nowhere.html", timeout=10)
        assert gone.value.code == 404
    assert [line.status for line in server.log] == [200, 304, 200, 404]
