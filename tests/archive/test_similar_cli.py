"""``archive similar`` and ``similar-index``: the same for people and programs, wrong use in one line."""

from __future__ import annotations

import csv
import json
import random
from io import StringIO

from archive.reader import Archive
from archive.records import PublisherRef
from archive.similar_index import fill
from tests.archive import streets as near
from tests.archive.builder import Crawl, extraction
from tests.archive.conftest import Cli
from tests.archive.streets import ONE_DATABASE, street
from tests.archive.test_shingles import made

ask, template, streets = near.ask, near.template, near.streets


@ONE_DATABASE
def test_the_commands_tell_people_and_programs_the_same(
    crawl: Crawl, streets: dict[str, int], ask: Cli
) -> None:
    code, out, err = ask("similar", "甲街道 2023")
    assert (code, out) == (0, "")
    assert "4 texts have no signature yet" in err
    assert ask("similar-index")[1] == "4 texts signed; 4 covered\n"
    assert json.loads(ask("similar-index", "--json")[1])["signed"] == 0
    code, out, err = ask("similar", "甲街道 2023")
    assert (code, err) == (0, "")
    assert "乙街道2023年法治政府建设年度报告" in out
    assert "same publisher" in out
    assert "passages" in out
    answer = json.loads(ask("similar", "甲街道 2023", "--json")[1])
    assert [row["report_id"] for row in answer["found"]] == [streets["甲22"], streets["乙23"]]
    assert all(row["passages"] for row in answer["found"])
    assert (
        json.loads(ask("similar", "甲街道 2023", "--same-year", "--json", "--limit", "1")[1])["found"][0][
            "report_id"
        ]
        == streets["乙23"]
    )
    passages = json.loads(ask("similar", "甲街道 2023", "--with", "乙街道 2023", "--json")[1])["passages"]
    assert passages == answer["found"][1]["passages"]
    assert "passages" in ask("similar", "甲街道 2023", "--with", "乙街道 2023")[1]
    assert "no other report" in ask("similar", "丙街道")[2]
    rows = list(csv.DictReader(StringIO(ask("similar", "--all", "--csv", "--min", "0.3")[1])))
    listed = json.loads(ask("similar", "--all", "--json", "--min", "0.3")[1])
    assert {(row["report_id"], row["other_report_id"]) for row in listed} == {
        (int(row["report_id"]), int(row["other_report_id"])) for row in rows
    }
    assert len(rows) == 3
    assert json.loads(ask("similar", "--all", "--json", "--year", "2019")[1]) == []


WRONG = [
    ((), "name one report, or ask for --all"),
    (("甲", "--all"), "name one report, or ask for --all"),
    (("--all",), "--csv or --json"),
    (("--all", "--csv", "--json"), "--csv or --json"),
    (("--all", "--csv", "--same-year"), "--all takes"),
    (("甲", "--year", "2023"), "go with --all"),
    (("甲街道 2023", "--same-year", "--other-years"), "ask for one of the two"),
    (("没有",), "no report matches"),
    (("甲街道 2023", "--min", "7"), "--min"),
    (("甲街道 2023", "--boilerplate", "0"), "--boilerplate"),
]


@ONE_DATABASE
def test_wrong_questions_get_one_line(crawl: Crawl, ask: Cli) -> None:
    street(crawl, "甲街道", 2023, made(random.Random(1), 200))
    for arguments, said in WRONG:
        code, out, err = ask("similar", *arguments)
        assert (code, out) == (2, ""), arguments
        assert said in err
        assert err.count("\n") == 1


@ONE_DATABASE
def test_titles_from_outside_run_nothing(crawl: Crawl, template: str, ask: Cli) -> None:
    for number, title in enumerate(["=HYPERLINK(1)\x1b[2J", "\x1b]0;x\x07法治政府建设年度报告"]):
        reading_ = extraction(
            f"{number}{template}",
            title=title,
            report_year=2020 + number,
            publishers=(PublisherRef(name=f"第{number}街道", level="street"),),
        )
        crawl.page(f"{number}.html", reading_)
    fill(crawl.engine)
    ref = str(Archive(crawl.engine).reports()[0].report_id)
    for arguments in (("similar", ref), ("similar", ref, "--json"), ("similar", "--all", "--csv")):
        code, out, _ = ask(*arguments)
        assert code == 0
        assert "\x1b" not in out
        assert "\x07" not in out
    assert "'=HYPERLINK" in ask("similar", "--all", "--csv")[1]
