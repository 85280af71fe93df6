"""``archive search`` and ``archive index`` as people and programs see them."""

from __future__ import annotations

import json

import pytest

from archive.cli import main
from archive.database import open_archive
from tests.archive.builder import Crawl, body_text, extraction

EVIL = "\x1b[31m红\x1b[0m\u202e反"


@pytest.fixture
def run(sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ARCHIVE_URL", sqlite_url)
    crawl = Crawl(open_archive(sqlite_url))
    crawl.page("a.html", extraction(body_text(more=f"{EVIL}无人机\n巡查。")))
    crawl.page(
        "b.html", extraction(body_text("华新镇"), title=f"华新镇{EVIL}", report_year=2024, publishers=())
    )
    crawl.page(
        "b.html",
        extraction(
            body_text("华新镇", more="补充。"), title=f"华新镇{EVIL}", report_year=2024, publishers=()
        ),
    )

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        out, err = capsys.readouterr()
        assert "\x1b" not in out + err
        assert "\u202e" not in out + err
        return int(left.value.code or 0), out, err

    return run


def test_answers_with_marked_words(run) -> None:
    code, out, err = run("search", "法治")
    assert (code, err) == (0, "")
    assert out.index("清河街道2025年") < out.index("华新镇␛")
    assert "习近平【法治】思想" in out
    assert out.endswith("2 answers\n")
    code, out, _ = run("search", "无人机巡")
    assert "【无人机 巡】查" in out
    assert "1 answer, and more; --limit 0 shows all" in run("search", "法治", "--limit", "1")[1]
    assert "level 1" in run("search", "法治", "--rank")[1]
    assert "version 1 at" in run("search", "法治", "--history")[1]


def test_for_programs(run) -> None:
    code, out, _ = run("search", "无人机", "--json")
    (hit,) = json.loads(out)
    (passage,) = hit["passages"]
    ((start, end),) = passage["hits"]
    assert code == 0
    assert passage["text"][start - passage["start"] : end - passage["start"]] == "无人机"
    assert json.loads(run("search", "法治", "--count", "year", "--json")[1]) == [
        {"year": 2025, "reports": 1},
        {"year": 2024, "reports": 1},
    ]
    (place,) = json.loads(run("search", "法治", "--count", "place", "--json")[1])
    assert (place["portal_key"], place["reports"]) == ("qinghe", 2)
    assert "2  天津市清河区（qinghe） (qinghe)" in run("search", "法治", "--count", "place")[1]
    assert json.loads(run("search", "不会有", "--json")[1]) == []


@pytest.mark.parametrize(
    "arguments",
    [
        (
            "法治",
            "--place",
            "天津",
            "--year",
            "2025",
            "--level",
            "street",
            "--state",
            "live",
            "--kind",
            "annual",
        ),
        ("法治", "--site", "qinghe", "--publisher", "清河", "--history"),
    ],
)
def test_filters(run, arguments: tuple[str, ...]) -> None:
    code, out, _ = run("search", *arguments)
    assert (code, out.splitlines()[-1]) == (0, "1 answer")


@pytest.mark.parametrize("words", ["不会有", "*", "' OR 1=1", EVIL + "x"])
def test_nothing_found_is_told_and_no_error(run, words: str) -> None:
    code, out, err = run("search", words)
    assert (code, out) == (0, "")
    assert err.startswith("archive: no text has that")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("search",), "Missing argument"),
        (("search", "法治", "--part", "6"), "--part"),
        (("search", "法治", "--count", "month"), "--count"),
        (("search", "法治", "--count", "year", "--rank"), "leave out --rank"),
        (("search", "法治", "--state", "lost"), "--state"),
        (("index",), "rebuild"),
    ],
)
def test_wrong_usage(run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    assert said in out + err


def test_index(run, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = run("index", "status")
    assert code == 0
    assert out.startswith("texts in the index: 3\nreports waiting: 0\nmade with: rjieba")
    assert out.endswith("\nusable\n")
    assert run("index", "rebuild")[1] == "the index is complete\n"
    monkeypatch.setattr("archive.search_index.stamp", lambda: "another")
    code, _, err = run("search", "法治")
    assert (code, err.count("\n")) == (1, 1)
    assert "run `archive index rebuild`" in err
    assert "not usable: run `archive index rebuild`" in run("index", "status")[1]
    assert json.loads(run("index", "status", "--json")[1])["usable"] is False
    assert run("index", "rebuild")[1] == "2 reports indexed\n"
    assert json.loads(run("index", "rebuild", "--all", "--json")[1]) == {"reports": 2}
    assert run("search", "法治")[0] == 0


@pytest.mark.parametrize("words", ["", " ", '"', "“”"])
def test_nothing_to_look_for_is_said(run, words: str) -> None:
    code, out, err = run("search", words)
    assert (code, out) == (2, "")
    assert "there is no letter, digit or mark to look for; name a word" in err


def test_an_unknown_portal_is_said(run) -> None:
    assert "the archive has no portal 'nosuch'" in run("search", "法治", "--site", "nosuch")[2]
