"""What goes wrong in the field: each one clear line, the right exit code, everything fetched so far kept."""

from __future__ import annotations

import resource
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.errors import DatabaseUnusable, PortalBusy
from archive.reader import Archive
from archive.records import Event, RunState
from crawler.prepare import prepare
from crawler.runner import run
from crawler.sample.portal import COLUMNS, SamplePortal, reports
from crawler.sample.server import Answer, LoopbackServer, Request
from crawler.summary import Summary
from tests.conftest import Command, command_line, empty_archive, environment

pytestmark = pytest.mark.usefixtures("read_once")

Portal = Callable[[Request], Answer]
LIST = "/zwgk/fzzfjs/"
ERROR_JSON = (
    '{"code":500,"success":false,"data":null,"msg":"服务器内部错误，请稍后再试或联系管理员"}'.encode()
)
FAST = {"RETRY_TIMES": 1}


class Faulty:
    """The sample portal with something wrong at some paths."""

    def __init__(self, faults: dict[str, Callable[[Answer], Answer]] | None = None) -> None:
        self.portal = SamplePortal(0)
        self.faults = faults or {}
        self.everywhere: Callable[[Answer], Answer] | None = None

    def __call__(self, request: Request) -> Answer:
        answer = self.portal(request)
        fault = self.everywhere or self.faults.get(request.path)
        return fault(answer) if fault else answer


def status(
    code: int, body: bytes = b"<html><body>x</body></html>", **headers: str
) -> Callable[[Answer], Answer]:
    return lambda _: Answer(
        status=code, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()}, etag=False
    )


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., Summary]:
    """Crawls a stand-in for the sample portal."""

    def go(portal: Portal, **overrides: object) -> Summary:
        if not (tmp_path / "archive.db").exists():
            (tmp_path / "archive.db").write_bytes(empty_archive())
        with LoopbackServer(portal) as server:
            session = prepare("demo", db=str(tmp_path / "archive.db"), proxy=server.proxy_url, recheck="all")
            return run(session, workers=0, overrides={**FAST, **overrides})

    return go


def held(folder: Path) -> int:
    with Archive.open(str(folder / "archive.db")) as archive:
        return len(archive.reports())


# -- the call -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--site", "donli"], "did you mean dongli"),
        (["--site", "朝阳"], "ambiguous"),
        (["--site", ""], "no site named"),
        (["--site", "nowhere.toml"], "nowhere.toml"),
        (["--site", "dongli", "--advance"], "sample portal only"),
        (["--site", "demo", "--recheck", "sometimes"], "sometimes"),
        ([], "--site"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(called: Command, arguments: list[str], says: str) -> None:
    result = called("crawler", "run", *arguments)
    assert result.returncode == 2
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert not result.stdout


def test_a_broken_site_file_is_refused_naming_file_line_and_key(called: Command, tmp_path: Path) -> None:
    site = tmp_path / "broken.toml"
    site.write_text('key = "broken"\nhome = "http://www.broken.gov.cn/"\ndelya = 3\n', encoding="utf-8")
    result = called("crawler", "run", "--site", str(site))
    assert result.returncode == 2
    assert "broken.toml:3" in result.stderr
    assert "delya" in result.stderr
    site.write_text("key = \n", encoding="utf-8")
    assert "broken.toml:1" in called("crawler", "run", "--site", str(site)).stderr


def test_an_unwritable_archive_is_one_line(called: Command, tmp_path: Path) -> None:
    result = called(
        "crawler", "run", "--site", "demo", "--db", str(tmp_path / "no" / "such" / "folder" / "a.db")
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    (tmp_path / "text.db").write_text(
        "this is no database, only a text of some length" * 50, encoding="utf-8"
    )
    result = called("crawler", "run", "--site", "demo", "--db", "text.db")
    assert result.returncode == 1
    assert "text.db" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_archive_of_a_newer_version_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(empty_archive())
    with closing(sqlite3.connect(tmp_path / "archive.db")) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
        connection.commit()
    result = command("crawler", "run", "--site", "demo")
    assert result.returncode == 1
    assert "newer" in result.stderr
    assert "Traceback" not in result.stderr


def test_no_network_is_exit_code_4(called: Command) -> None:
    nobody = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    result = called("crawler", "run", "--site", "jinghai", env=nobody)
    assert result.returncode == 4, result.stderr
    assert "unreachable" in result.stdout
    assert "Open the portal in a browser" in result.stdout
    assert "Traceback" not in result.stderr


# -- the portal ---------------------------------------------------------------------------------


def test_a_portal_that_times_out_is_blocked_and_the_next_run_goes_on(
    crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    portal = Faulty()
    portal.everywhere = lambda _: Answer(wait=3)
    summary = crawl(portal, DOWNLOAD_TIMEOUT=0.3, RETRY_TIMES=0)
    assert summary.state is RunState.BLOCKED
    assert summary.exit_code == 4
    assert summary.outcomes.get("timeout")
    portal.everywhere = None
    assert crawl(portal).exit_code == 0
    assert held(tmp_path) == len(reports(0))


def test_a_404_column_makes_the_run_partial_and_keeps_the_rest(
    crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    summary = crawl(Faulty({LIST: status(404)}))
    assert summary.exit_code == 3
    assert any(LIST in problem.url and problem.outcome == "gone" for problem in summary.problems)
    assert 0 < held(tmp_path) < len(reports(0))


@pytest.mark.parametrize("page", ["index_1.html", ""])
def test_a_failing_list_page_makes_the_run_partial(crawl: Callable[..., Summary], page: str) -> None:
    summary = crawl(Faulty({LIST + page: status(500)}))
    assert summary.exit_code == 3
    assert any(problem.outcome == "http_error" for problem in summary.problems)


def test_empty_lists_read_completely_are_exit_code_5(crawl: Callable[..., Summary]) -> None:
    empty = Answer(
        body=(
            "<html><head><title>法治政府建设_兰汀区人民政府</title></head><body><div class='nav'>"
            + "".join(f"<a href='/c{n}/'>栏目{n}</a>" for n in range(40))
            + "</div><ul class='list'></ul><script>createPageHTML(1, 0, 'index', 'html');</script></body></html>"
        ).encode()
    )
    paths = {url.removeprefix("http://www.lanting.example"): (lambda _: empty) for url in COLUMNS}
    summary = crawl(Faulty(paths))  # type: ignore[arg-type]
    assert summary.state is RunState.NOTHING
    assert summary.exit_code == 5


def test_a_page_cut_in_half_is_no_version(crawl: Callable[..., Summary], tmp_path: Path) -> None:
    path = reports(0)[0].url.removeprefix("http://www.lanting.example")

    def cut(answer: Answer) -> Answer:
        return Answer(body=answer.body, cut_at=len(answer.body) // 2, etag=False)

    summary = crawl(Faulty({path: cut}))
    assert summary.exit_code == 3
    assert [problem.outcome for problem in summary.problems] == ["cut_short"]
    assert held(tmp_path) == len(reports(0)) - 1
    mended = crawl(Faulty())
    assert mended.exit_code == 0
    assert mended.count(Event.NEW) == 1


def test_a_page_that_ends_in_the_middle_without_saying_so_is_noticed(
    crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    """A proxy that cuts and corrects the length: the first answer ends anywhere, the second elsewhere."""
    path = reports(0)[0].url.removeprefix("http://www.lanting.example")
    shares = iter((0.5, 0.6, 0.5, 0.6))

    def cut(answer: Answer) -> Answer:
        return Answer(body=answer.body[: int(len(answer.body) * next(shares))], etag=False)

    summary = crawl(Faulty({path: cut}))
    assert [problem.outcome for problem in summary.problems] == ["cut_short"]
    assert held(tmp_path) == len(reports(0)) - 1


@pytest.mark.parametrize(
    "answer",
    [
        status(412, b"<html><script>$_ts=window['$_ts'];</script></html>"),
        status(521, b"<script>document.cookie='__jsl_clearance_s=1'</script>"),
        lambda _: Answer(
            body="<html><title>安全验证</title><body>请完成验证后继续访问本网站</body></html>".encode()
        ),
    ],
)
def test_a_challenge_ends_the_run_as_blocked_at_once(
    crawl: Callable[..., Summary], answer: Callable[[Answer], Answer]
) -> None:
    portal = Faulty()
    portal.everywhere = answer
    portal.portal = _no_robots(portal.portal)  # type: ignore[assignment]
    summary = crawl(_only_pages(portal))
    assert summary.state is RunState.BLOCKED
    assert summary.exit_code == 4
    assert set(summary.outcomes) == {"challenge"}
    assert summary.requests <= 2, "without a pause the next request may already be under way"
    assert "refuses us" in (summary.stopped or "")


def test_a_challenge_in_the_middle_keeps_what_was_fetched_and_makes_nothing_gone(
    crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    assert crawl(Faulty()).exit_code == 0
    portal = Faulty()
    portal.everywhere = status(412, b"<script>$_ts=1</script>")
    summary = crawl(_only_pages(portal))
    assert summary.exit_code == 4
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        assert {report.state for report in archive.reports()} == {"live"}
        assert len(archive.reports()) == len(reports(0))


def test_soft_404_and_error_bodies_are_no_content(crawl: Callable[..., Summary], tmp_path: Path) -> None:
    first, second = (report.url.removeprefix("http://www.lanting.example") for report in reports(0)[:2])
    missing = "<html><title>404</title><body>抱歉，您访问的页面不存在</body></html>"
    summary = crawl(
        Faulty(
            {
                first: lambda _: Answer(body=missing.encode()),
                second: lambda _: Answer(body=ERROR_JSON, content_type="application/json"),
            }
        )
    )
    assert sorted(problem.outcome for problem in summary.problems) == ["error_body", "soft_404"]
    assert held(tmp_path) == len(reports(0)) - 2


def test_a_redirect_to_another_host_is_recorded_not_followed(
    crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    path = reports(0)[0].url.removeprefix("http://www.lanting.example")
    asked: list[str] = []
    portal = Faulty({path: status(302, Location="http://evil.example/report.html")})

    def watched(request: Request) -> Answer:
        asked.append(request.host)
        return portal(request)

    summary = crawl(watched)
    assert set(asked) == {"www.lanting.example"}
    assert [problem.outcome for problem in summary.problems] == ["moved"]
    assert held(tmp_path) == len(reports(0)) - 1


def test_robots_txt_that_forbids_all_is_obeyed(crawl: Callable[..., Summary]) -> None:
    summary = crawl(
        Faulty(
            {"/robots.txt": lambda _: Answer(body=b"User-agent: *\nDisallow: /\n", content_type="text/plain")}
        )
    )
    assert summary.exit_code == 4
    assert set(summary.outcomes) == {"robots"}


def test_robots_txt_that_fails_means_nothing_is_fetched(crawl: Callable[..., Summary]) -> None:
    asked: list[str] = []
    portal = Faulty({"/robots.txt": status(500)})

    def watched(request: Request) -> Answer:
        asked.append(request.path)
        return portal(request)

    summary = crawl(watched)
    assert set(asked) == {"/robots.txt"}
    assert summary.exit_code == 4
    assert any("robots.txt could not be read" in (problem.detail or "") for problem in summary.problems)


def test_retry_after_is_waited_for(crawl: Callable[..., Summary]) -> None:
    state = {"asked": 0}

    def busy(answer: Answer) -> Answer:
        state["asked"] += 1
        return answer if state["asked"] > 1 else Answer(status=503, headers={"Retry-After": "1"}, etag=False)

    summary = crawl(Faulty({LIST: busy}))
    assert summary.exit_code == 0
    assert state["asked"] == 2


def test_too_large_an_answer_is_typed(crawl: Callable[..., Summary]) -> None:
    path = reports(0)[0].url.removeprefix("http://www.lanting.example")
    summary = crawl(Faulty({path: lambda _: Answer(body=b"x" * 2_000_000)}), DOWNLOAD_MAXSIZE=1_000_000)
    assert [problem.outcome for problem in summary.problems] == ["too_large"]


def test_a_title_without_a_year_gets_its_year_from_the_text(
    crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    crawl(Faulty())
    yearless = next(report for report in reports(0) if "20" not in report.title)
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        report = archive.report(archive.resolve(yearless.url).report_id)
    assert report.year == yearless.report_year


# -- the archive --------------------------------------------------------------------------------


def test_a_second_run_of_a_portal_that_is_being_crawled_is_refused(tmp_path: Path) -> None:
    db = str(tmp_path / "archive.db")
    first = prepare("demo", db=db)
    first.owner = "elsewhere:1:x-1"
    first.open()
    with pytest.raises(PortalBusy, match="elsewhere"):
        prepare("demo", db=db).open()


def test_an_archive_that_cannot_be_written_stops_the_run_at_once_and_keeps_what_was_stored(
    tmp_path: Path,
) -> None:
    """A file size limit stands in for a full disk."""
    db = tmp_path / "archive.db"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with LoopbackServer(Faulty()) as server:
        session = prepare("demo", db=str(db), proxy=server.proxy_url)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_200_000, hard))
        try:
            with pytest.raises(DatabaseUnusable):
                run(session, workers=0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        kept = held(tmp_path)
        assert 0 < kept < len(reports(0))
        assert len(server.log) < 60, "nothing is fetched that cannot be kept"
    with LoopbackServer(Faulty()) as server:
        summary = run(prepare("demo", db=str(db), proxy=server.proxy_url), workers=0)
    assert summary.exit_code == 0
    assert held(tmp_path) == len(reports(0))


def _no_robots(portal: Portal) -> Portal:
    return lambda request: Answer(status=404) if request.path == "/robots.txt" else portal(request)


def _only_pages(portal: Faulty) -> Portal:
    """Faults hit pages; robots.txt still answers."""
    plain = SamplePortal(0)
    return lambda request: plain(request) if request.path == "/robots.txt" else portal(request)


@pytest.mark.slow
@pytest.mark.ci
def test_an_interrupted_run_finishes_what_is_in_flight_and_the_next_goes_on(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command_line("crawler", "run", "--site", "demo"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("new"):
            break
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 3, output
    assert "interrupted" in output
    kept = held(tmp_path)
    assert 0 < kept < len(reports(0))
    again = subprocess.run(
        command_line("crawler", "run", "--site", "demo"),
        cwd=tmp_path,
        env=environment(),
        timeout=120,
        check=False,
    )
    assert again.returncode == 0
    assert held(tmp_path) == len(reports(0))
