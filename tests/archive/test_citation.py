"""Citation lines in the order of GB/T 7714."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from archive import cli
from archive.citation import Citation, cite
from archive.database import open_archive
from archive.errors import UsageError
from archive.reader import Archive
from tests.archive.builder import HOST, Crawl, body_text, extraction

FULL = Citation(
    publishers="华新街道办事处、华新街道党工委",
    title="华新街道2022年法治政府建设年度报告",
    published=date(2023, 1, 12),
    url="https://www.tjdl.gov.cn/a.html",
    archived_at=datetime(2026, 3, 1, 8, tzinfo=UTC),
    text_sha256="0123456789abcdef" * 4,
)


def test_the_line_in_full() -> None:
    assert FULL.line == (
        "华新街道办事处, 华新街道党工委. 华新街道2022年法治政府建设年度报告[EB/OL]. (2023-01-12)[2026-03-01]. "
        "https://www.tjdl.gov.cn/a.html. SHA-256: 0123456789abcdef."
    )


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"publishers": None}, "华新街道2022年法治政府建设年度报告[EB/OL]. (2023-01-12)"),
        ({"published": None}, "年度报告[EB/OL]. [2026-03-01]. https"),
        ({"title": None}, "华新街道党工委. [题名不详][EB/OL]. (2023"),
        ({"title": "\x1b[31m红\n\u202e题"}, "␛[31m红 <U+202E>题[EB/OL]"),
        ({"title": "长" * 1_000_000}, "长" * 299 + "…[EB/OL]"),
    ],
)
def test_what_is_not_known_is_left_out(given: dict, line: str) -> None:
    said = replace(FULL, **given).line
    assert line in said and "\n" not in said and "\x1b" not in said and len(said) < 600


def test_a_reference_is_cited_with_the_standing_text(sqlite_url: str) -> None:
    engine = open_archive(sqlite_url)
    crawl = Crawl(engine)
    crawl.page("a.html")
    crawl.again(days=3)
    crawl.page("a.html", extraction(body_text(more="另有说明。")))
    with Archive(engine) as archive:
        by_number, by_url = cite(archive, "1"), cite(archive, f"{HOST}/a.html")
        assert by_number == by_url
        assert by_number.archived_at == datetime(2026, 3, 4, 8, tzinfo=UTC)
        assert by_number.text_sha256 == archive.report(1).text_sha256
        assert by_number.line.startswith(
            "清河街道. 清河街道2025年法治政府建设年度报告[EB/OL]. (2026-02-20)[2026-03-04]. http://"
        )
        with pytest.raises(UsageError, match="no report 99"):
            cite(archive, "99")


def test_the_command(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine = open_archive(sqlite_url)
    Crawl(engine).page("a.html")
    engine.dispose()

    def run(*arguments: str) -> str:
        with pytest.raises(SystemExit) as left:
            cli.main(["cite", *arguments, "--db", sqlite_url])
        assert not left.value.code
        return capsys.readouterr().out

    said, told = run("1"), json.loads(run("1", "--json"))
    assert said.startswith("清河街道. 清河街道2025")
    assert told["citation"] + "\n" == said and told["published"] == "2026-02-20"
