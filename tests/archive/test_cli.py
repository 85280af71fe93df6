"""The command line: what people and programs see, also when they err."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from archive.cli import main
from archive.database import open_archive
from archive.records import PublisherRef, Verdict
from archive.terminal import visible
from tests.archive.builder import HOST, PARTED, Crawl, body_text, extraction, figure, parted_reading, section

EVIL = "\x1b[31m红\x1b[0m\x07\u202e反\n换行"
FOLDER = Path(__file__).parents[2] / "docs"
DOCS = (FOLDER / "archive.md").read_text(encoding="utf-8")


@pytest.fixture
def crawl(sqlite_url: str) -> Crawl:
    crawl = Crawl(open_archive(sqlite_url))
    crawl.page("a.html")
    crawl.page("a.html", extraction(body_text().replace("四十二件", "四十三件").replace("2025年", "2026年")))
    long = (
        "中共天津市清河区东湖街道工作委员会、天津市清河区人民政府"
        "东湖街道办事处关于2024年度法治政府建设情况的报告"
    )
    crawl.page("b.html", extraction(body_text("东湖街道"), title=long, publishers=(), report_year=2024))
    crawl.page("c.html", extraction("存疑", title="汇报", verdict=Verdict.UNSURE, verdict_reason="no year"))
    crawl.enqueue(crawl.link("plan.html", title="工作计划", verdict=Verdict.NO, reason="a plan"))
    return crawl


@pytest.fixture
def run(crawl: Crawl, sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ARCHIVE_URL", sqlite_url)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return run


def test_list(run) -> None:
    code, out, err = run("list")
    assert (code, err) == (0, "")
    assert "清河街道2025年法治政府建设年度报告" in out
    assert "东湖街道办事处关于2024年度法治政府建设情况的报告" in out  # nothing is cut in a pipe
    assert "2 reports" in out
    assert "1 report of 2; --limit 0 shows all" in run("list", "--limit", "1")[1]
    assert "汇报" not in out


def test_list_for_programs(run) -> None:
    reports = json.loads(run("list", "--json")[1])
    assert [(row["report_id"], row["year"], row["published"], row["first_seen"]) for row in reports] == [
        (1, 2025, "2026-02-20", "2026-03-01T08:00:00+00:00"),
        (2, 2024, "2026-02-20", "2026-03-01T08:00:00+00:00"),
    ]
    assert (
        json.loads(run("list", "--publisher", "清河", "--year", "2025", "--site", "qinghe", "--json")[1])
        == reports[:1]
    )


def test_lists_of_the_doubtful_and_the_refused(run) -> None:
    assert "no year" in run("list", "--unsure")[1]
    assert "a plan" in run("list", "--refused", "--site", "qinghe")[1]
    assert [row["reason"] for row in json.loads(run("list", "--refused", "--json")[1])] == ["a plan"]


@pytest.mark.parametrize("filters", [["--site", "nowhere"], ["--year", "1999"], ["--unsure", "--site", "x"]])
def test_nothing_found_is_said_on_standard_error(run, filters: list[str]) -> None:
    code, out, err = run("list", *filters)
    assert (code, out) == (0, "")
    assert re.fullmatch(r"archive: (no report matches|nothing is unsure).*\n", err)
    assert run("list", *filters, "--json")[1] == "[]\n"


def test_show(run) -> None:
    out = run("show", "1")[1]
    for shown in (
        "清河街道 (999001001)",
        "2025 (confidence 0.90)",
        "h1",
        f"{HOST}/a.html",
        "changed",
        "version 2",
    ):
        assert shown in out
    about = json.loads(run("show", "1", "--json")[1])
    assert about["report"]["report_id"] == 1
    assert [change["kind"] for change in about["changes"]] == ["new", "changed"]
    assert about["newest"]["metadata"]["title"][0]["where"] == "h1"
    doubtful = run("show", "汇报")[1]
    assert "nobody has judged" in doubtful and "no year" in doubtful


def test_text(run) -> None:
    assert run("text", "1", "--version", "1")[1] == body_text() + "\n"
    assert "四十三件" in run("text", f"{HOST}/a.html")[1]
    assert json.loads(run("text", "1", "--version", "1", "--json")[1])["text"] == body_text()


@pytest.fixture
def parted(crawl: Crawl) -> str:
    """Number of a report with sections and figures, of another year."""
    reading = parted_reading(title="分部分的报告", publishers=(PublisherRef(name="甲镇"),), report_year=2020)
    return str(crawl.page("parted.html", reading).report_id)


def test_show_tells_parts(run, parted: str) -> None:
    out = run("show", parted)[1]
    for shown in ("2+4", "二、问题与打算", "  （一）履行第一责任人职责", "5 其他需要报告的情况"):
        assert shown in out
    about = json.loads(run("show", parted, "--json")[1])
    assert about["report"]["missing_parts"] == about["newest"]["missing_parts"] == [5]
    assert [row["parts"] for row in about["sections"]] == [[1], [3], [2, 4]]
    assert "before parts were looked for" in run("show", "1")[1]


def test_sections(run, parted: str) -> None:
    assert run("sections", parted, "--part", "3")[1] == "（一）履行第一责任人职责\n党工委书记讲法治课两次。\n"
    assert run("sections", parted, "--part", "4")[1].startswith("二、问题与打算\n")
    whole = run("sections", parted)[1]
    assert whole.startswith("[part 1]\n一、主要工作情况\n")
    assert "\n\n[part 2+4]\n二、问题与打算" in whole
    assert whole.count("党工委书记讲法治课两次。") == 1  # once, with the section it stands in
    rows = json.loads(run("sections", parted, "--part", "2", "--json")[1])
    assert [(row["heading"], row["parts"], row["parent"]) for row in rows] == [("问题与打算", [2, 4], None)]
    assert rows[0]["text"].endswith("１０次。")


def test_sections_that_are_not_there_are_told_apart(run, parted: str) -> None:
    assert run("sections", parted, "--part", "5") == (0, "", "archive: no heading announces part 5\n")
    assert run("sections", "1")[2] == "archive: this text was read before parts were looked for\n"
    assert run("sections", parted, "--part", "5", "--json")[1] == "[]\n"


def test_figures(run, parted: str) -> None:
    out = run("figures", parted)[1]
    for shown in (
        "penalties",
        "≥ 13,000",
        "year, within",
        "goal",
        "2+4",
        "明年计划开展培训１０次。",
        "4 figures",
    ):
        assert shown in out
    rows = json.loads(run("figures", parted, "--json")[1])
    assert [row["value"] for row in rows] == [12, 13000, 9, 10]
    assert "year" not in rows[0]
    assert [
        row["measure"] for row in json.loads(run("figures", parted, "--measure", "fines", "--json")[1])
    ] == ["fines"]
    code, out, err = run("figures", "1")
    assert (code, out) == (0, "")
    assert "does not say there are none" in err


def test_figures_of_all_reports(run, parted: str) -> None:
    rows = json.loads(run("figures", "--year", "2020", "--measure", "penalties", "--json")[1])
    assert [(row["report_id"], row["year"], row["publishers"], row["value"]) for row in rows] == [
        (int(parted), 2020, "甲镇", 12)
    ]
    assert rows[0]["sentence"].startswith("全年办理行政处罚案件")
    assert "甲镇" in run("figures", "--measure", "training")[1]
    assert len(json.loads(run("figures", "--site", "qinghe", "--json")[1])) == 4
    assert run("figures", "--year", "1999", "--json")[1] == "[]\n"


def test_versions(run) -> None:
    assert [row["number"] for row in json.loads(run("versions", "1", "--json")[1])] == [1, 2]
    assert f"{HOST}/a.html" in run("versions", "1")[1]


def test_diff_without_colours(run) -> None:
    out = run("diff", "1")[1]
    assert "[-2025-]{+2026+}年" in out
    assert "四十[-二-]{+三+}件" in out
    assert "paragraphs unchanged" not in out or "… 1 paragraphs" in out
    assert "\x1b" not in out
    assert run("diff", "1", "2", "1")[1].startswith("--- version 2")
    paragraphs = json.loads(run("diff", "1", "--json")[1])["paragraphs"]
    old = "\n".join(
        "".join(span["text"] for span in part["spans"] if span["op"] != "insert")
        for part in paragraphs
        if part["in_old"]
    )
    assert old == body_text()


def test_stats(run, sqlite_url: str) -> None:
    assert sqlite_url in run("stats")[1]
    assert json.loads(run("stats", "--json")[1])["reports"] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "99"], 2, "there is no report 99"),
        (["text", "报告"], 2, "matches several"),
        (["text", "1", "--version", "9"], 2, "versions: 1, 2"),
        (["text", "1", "--version", "0"], 2, "greater than or equal to 1"),
        (["diff", "2"], 2, "only one version"),
        (["diff", "1", "1"], 2, "name both versions"),
        (["diff", "1", "1", "9"], 2, "no version 9"),
        (["list", "--year", "x"], 2, "valid integer"),
        (["list", "--unsure", "--refused"], 2, "two lists"),
        (["list", "--unsure", "--year", "2024"], 2, "use --site"),
        (["list", "--db", "/nowhere/at/all.db"], 1, "does not exist"),
        (["list", "--db", "none.db"], 1, "`crawler run --site demo`"),
        (["list", "--db", "mysql://x/y"], 2, "not mysql"),
        (["frobnicate"], 2, "No such command"),
        (["show"], 2, "Missing argument"),
        (["sections", "1", "--part", "6"], 2, "less than or equal to 5"),
        (["figures"], 2, "name a report"),
        (["figures", "1", "--year", "2024"], 2, "leave out REF"),
        (["show", "1", "--colour"], 2, "No such option"),
    ],
)
def test_errors_are_one_line_with_an_exit_code(run, arguments: list[str], code: int, said: str) -> None:
    left, out, err = run(*arguments)
    assert (left, out) == (code, "")
    assert said in err
    assert err.startswith("archive: ")
    assert err.count("\n") == 1


def test_an_archive_without_reports_names_the_next_step(run, tmp_path: Path) -> None:
    path = str(tmp_path / "empty.db")
    open_archive(path).dispose()
    code, out, err = run("list", "--db", path)
    assert (code, out) == (0, "")
    assert "`crawler run --site demo`" in err
    assert run("stats", "--db", path)[0] == 0


def test_hostile_words_cannot_steer_the_terminal(run, crawl: Crawl) -> None:
    evil = extraction(
        body_text("恶意") + EVIL,
        title=EVIL,
        source=EVIL,
        verdict_reason=EVIL,
        publishers=(PublisherRef(name=EVIL),),
        warnings=(EVIL,),
        metadata={"title": [{"value": EVIL, "where": EVIL, "raw": EVIL}]},
    )
    recorded = crawl.page("evil.html", evil)
    crawl.page("evil.html", extraction(body_text("恶意") + EVIL + "改", title=EVIL))
    crawl.enqueue(crawl.link("x.html", title=EVIL, verdict=Verdict.NO, reason=EVIL))
    crawl.page("y.html", extraction("存疑二" + EVIL, title=EVIL, verdict=Verdict.UNSURE, verdict_reason=EVIL))
    number = str(recorded.report_id)
    calls = [["list"], ["list", "--unsure"], ["list", "--refused"]]
    calls += [[command, number] for command in ("show", "text", "versions", "diff")]
    text = PARTED.replace("执法力量", EVIL.replace("\n", "") + "执法力量")
    begun = section(text, "二、", "问题与打算", "清河街道办事处")
    sections = (replace(begun, heading=EVIL, number=EVIL),)
    figures = (figure(text, "１０次", "training", "10", label=EVIL, unit=EVIL),)
    steering = parted_reading(text, title="甲", publishers=(), sections=sections, figures=figures)
    parted = str(crawl.page("parted.html", steering).report_id)
    calls += [[command, parted] for command in ("show", "sections", "figures")]
    for call in calls:
        for arguments in (call, [*call, "--json"]):
            code, out, err = run(*arguments)
            assert code == 0, err
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", out + err), arguments
    assert "␛[31m红" in run("show", number)[1]
    assert json.loads(run("text", number, "--version", "1", "--json")[1])["text"].endswith(EVIL)
    err = run("show", "反")[2] + run("show", EVIL)[2]
    assert "\x1b" not in err


def test_every_control_character_is_shown() -> None:
    assert visible("a\tb\nc\x1b\x7f\x9b\u200fd") == "a\tb\nc␛␡<U+009B><U+200F>d"


def test_help_is_quick_and_every_command_is_documented() -> None:
    began = time.monotonic()
    shown = subprocess.run(
        [sys.executable, "-c", "from archive.cli import main; main(['--help'])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert time.monotonic() - began < 3  # generous: the machine may be busy; what counts is the next line
    code = (
        "import sys, archive.cli; sys.exit(any(name in sys.modules for name in ('sqlalchemy', 'rapidfuzz')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    commands = re.findall(r"^  ([a-z][a-z-]+)  ", shown, re.MULTILINE)
    assert len(commands) > 20
    told = "".join(path.read_text() for path in FOLDER.glob("*.md"))
    assert [command for command in commands if f"archive {command}" not in told] == []


def test_a_closed_pipe_is_no_error(sqlite_url: str) -> None:
    crawl = Crawl(open_archive(sqlite_url))
    crawl.page("a.html", extraction("很长的一段文字。\n" * 50_000))
    archive = f"{sys.executable} -c 'from archive.cli import main; main()' text 1 --db {sqlite_url}"
    command = f"{archive} | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == "很长的一段文字。\n0\n"
    assert done.stderr == ""


def on_a_terminal(*arguments: str, columns: int) -> str:
    """The output of the command on a terminal of that width."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-c", "from archive.cli import main; main()", *arguments],
        stdout=theirs,
        env=environment,
        close_fds=True,
    )
    os.close(theirs)
    read = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not piece:
            break
        read += piece
    assert process.wait() == 0
    os.close(ours)
    return read.decode()


def test_on_a_terminal_diffs_are_coloured_and_titles_whole(crawl: Crawl, sqlite_url: str) -> None:
    coloured = on_a_terminal("diff", "1", "--db", sqlite_url, columns=80)
    assert re.search("\x1b\\[9;31m2025\x1b\\[0m\x1b\\[4;32m2026", coloured)
    assert "[-" not in coloured
    table = re.sub("\x1b\\[[0-9;]*m", "", on_a_terminal("list", "--db", sqlite_url, columns=80))
    narrow = "".join(line[24:60] for line in table.splitlines())
    assert "…" not in table
    assert set("东湖街道办事处关于2024年度法治政府建设情况的报告") <= set(narrow)
