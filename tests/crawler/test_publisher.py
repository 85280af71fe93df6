"""Who issued a report: streets, towns, the place itself, bureaus, two together, nobody."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.publisher import PublisherFinding, find
from crawler.site import Unit

SHARED = Path(__file__).parents[2] / ".." / "shared"

ROSTER = (
    Unit(code="990102001", name="青山街道", kind="街道"),
    Unit(code="990102002", name="北大街道", kind="街道"),
    Unit(code="990102003", name="南坪街道", kind="街道"),
    Unit(code="990102004", name="新村街道", kind="街道"),
    Unit(code="990102005", name="果园新村街道", kind="街道"),
    Unit(code="990102006", name="甘源街道", kind="街道"),
    Unit(code="990102007", name="清源街道", kind="街道"),
    Unit(code="990102008", name="前进街街道", kind="街道"),
    Unit(code="990102100", name="南坪镇", kind="镇"),
    Unit(code="990102101", name="云岭镇", kind="镇"),
    Unit(code="990102102", name="小云岭镇", kind="镇"),
    Unit(code="990102200", name="白水乡", kind="乡"),
    Unit(code="990102201", name="石门满族乡", kind="乡"),
    Unit(code="990102400", name="综合保税区", kind="类似乡级单位"),
)


def issuers(found: PublisherFinding) -> list[tuple[str, str | None, str | None]]:
    return [(ref.name, ref.code, ref.level) for ref in found.publishers]


def ask(title: str | None = None, text: str = "", source: str | None = None, **more: Any) -> PublisherFinding:
    return find(
        title=title,
        text=text,
        source=source,
        portal_name="清河省江州市望江区",
        portal_short_name="望江区",
        portal_code="990102",
        portal_level="county",
        roster=ROSTER,
        **more,
    )


PLACE = ("望江区", "990102", "county")


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("青山街道2023年法治政府建设情况报告", [("青山街道", "990102001", "street")]),
        ("青山街2023年法治政府建设情况报告", [("青山街道", "990102001", "street")]),
        (
            "江州市望江区人民政府青山街道办事处关于2023年度法治政府建设情况的报告",
            [("青山街道", "990102001", "street")],
        ),
        (
            "中共青山街道党工委、青山街道办事处关于2023年法治政府建设情况的报告",
            [("青山街道", "990102001", "street")],
        ),
        (
            "中共望江区青山街道工作委员会 望江区人民政府青山街道办事处 关于2023年法治政府建设情况的报告",
            [("青山街道", "990102001", "street")],
        ),
        (
            "甘（清）源街2023年法治政府建设情况报告",
            [("甘源街道", "990102006", "street"), ("清源街道", "990102007", "street")],
        ),
        (
            "甘源街道、清源街道2023年法治政府建设情况报告",
            [("甘源街道", "990102006", "street"), ("清源街道", "990102007", "street")],
        ),
        ("前进街道办事处2023年法治政府建设情况报告", [("前进街街道", "990102008", "street")]),
        ("北大街街道办事处2023年法治政府建设年度报告", [("北大街道", "990102002", "street")]),
        ("南坪镇2023年法治政府建设情况报告", [("南坪镇", "990102100", "town")]),
        ("南坪街道2023年法治政府建设情况报告", [("南坪街道", "990102003", "street")]),
        ("2023年南坪镇人民政府法治政府建设情况报告", [("南坪镇", "990102100", "town")]),
        ("果园新村街道2023年法治政府建设情况报告", [("果园新村街道", "990102005", "street")]),
        ("新村街道2023年法治政府建设情况报告", [("新村街道", "990102004", "street")]),
        ("小云岭镇2023年法治政府建设情况报告", [("小云岭镇", "990102102", "town")]),
        ("白水镇2023年法治政府建设情况报告", [("白水乡", "990102200", "town")]),
        ("石门乡2023年法治政府建设情况报告", [("石门满族乡", "990102201", "town")]),
        ("望江区综合保税区2023年法治政府建设情况报告", [("综合保税区", "990102400", None)]),
        ("东港综合保税区2023年法治政府建设情况报告", [("东港综合保税区", None, None)]),
        ("望江区2023年度法治政府建设情况报告", [PLACE]),
        ("2020年望江区法治政府建设情况报告", [PLACE]),
        ("江州市望江区人民政府关于2024年法治政府建设报告", [PLACE]),
        ("望江区人民政府关于望江区2023年度法治政府建设工作总结的报告", [PLACE]),
        ("中共江州市望江区委望江区人民政府关于2024年法治政府建设情况的报告", [PLACE]),
        ("望江区人民政府望江区政府2012年依法行政年度报告", [PLACE]),
        ("区政府2014年依法行政年度报告", [PLACE]),
        ("关于望江区2021年度法治政府建设情况的报告", [PLACE]),
        ("江州市望江区城市管理局2024年法治政府建设情况报告", [("城市管理局", None, "department")]),
        (
            "中共江州市望江区城市管理局委员会 江州市望江区城市管理局 关于2024年度法治政府建设情况的报告",
            [("城市管理局", None, "department")],
        ),
        ("区公安局2023年法治政府建设情况报告", [("公安局", None, "department")]),
        ("望江区市场监督管理局2023年法治政府建设情况报告", [("市场监督管理局", None, "department")]),
        (
            "望江综合实验区社会事业局关于2022年法治工作情况暨2023年工作要点的报告",
            [("社会事业局", None, "department")],
        ),
        (
            "国家税务总局江州市望江区税务局2019年法治政府建设情况报告",
            [("国家税务总局江州市望江区税务局", None, "department")],
        ),
        ("淮安市人民政府关于2017年度法治政府建设情况的报告", [("淮安市人民政府", None, "city")]),
        ("2023年度法治政府建设工作总结", []),
        ("关于2023年度法治政府建设情况的报告", []),
        ("我镇2023年法治政府建设工作总结", []),
        ("各镇街2023年度法治政府建设情况报告", []),
    ],
)
def test_issuer_by_title(title: str, expected: list[tuple[str, str | None, str | None]]) -> None:
    assert issuers(ask(title)) == expected


@pytest.mark.parametrize(
    ("name", "short", "level", "title", "expected"),
    [
        ("吉林省", "吉林省", "province", "吉林市人民政府2023年法治政府建设情况报告", "吉林市人民政府"),
        ("吉林省", "吉林省", "province", "省政府2023年法治政府建设情况报告", "吉林省"),
        ("湖南省长沙市", "长沙市", "city", "长沙县人民政府2023年法治政府建设情况报告", "长沙县人民政府"),
        ("湖南省长沙市", "长沙市", "city", "湖南省长沙市2023年法治政府建设情况报告", "长沙市"),
        ("湖南省长沙市", "长沙市", "city", "长沙市教育局2023年法治政府建设情况报告", "教育局"),
        (
            "云南省楚雄彝族自治州",
            "楚雄彝族自治州",
            "city",
            "楚雄州2023年法治政府建设情况报告",
            "楚雄彝族自治州",
        ),
        ("云南省楚雄彝族自治州", "楚雄彝族自治州", "city", "楚雄市2023年法治政府建设情况报告", "楚雄市"),
        ("河南省郑州市金水区", "金水区", "county", "郑州市金水区住建局2023年法治政府建设情况报告", "住建局"),
        (
            "辽宁省本溪市桓仁满族自治县",
            "桓仁满族自治县",
            "county",
            "桓仁县2023年法治政府建设情况报告",
            "桓仁满族自治县",
        ),
    ],
)
def test_places_that_share_a_core_name(name: str, short: str, level: str, title: str, expected: str) -> None:
    found = find(
        title=title,
        text="",
        source=None,
        portal_name=name,
        portal_short_name=short,
        portal_code="990000",
        portal_level=level,
        roster=(),
    )
    assert [ref.name for ref in found.publishers] == [expected]
    assert (found.publishers[0].code == "990000") == (expected == short)


def test_a_part_of_another_name_is_not_the_unit() -> None:
    assert issuers(ask("大云岭镇2023年法治政府建设情况报告")) == [("大云岭镇", None, "town")]
    assert issuers(ask("云岭镇司法所2023年法治政府建设情况报告")) != [("云岭镇", "990102101", "town")]


BODY = "2023年，我单位在区委、区政府领导下推进法治政府建设，规范行政执法。现将有关情况报告如下："


def test_letterhead_over_signature_over_source() -> None:
    title = "关于2023年法治政府建设情况的报告"
    head = f"中共望江区青山街道工作委员会\n望江区人民政府青山街道办事处\n{title}\n{BODY}"
    found = ask(title, head, "望江区人民政府办公室")
    assert issuers(found) == [("青山街道", "990102001", "street")]
    assert found.evidence[0].where == "letterhead"
    assert [e.where for e in found.evidence if e.value == "望江区"] == ["source (weak)"]


def test_a_signature_broken_over_two_lines() -> None:
    found = ask(
        "2023年度法治政府建设工作总结", f"{BODY}\n江州市望江区人民政府\n青山街道办事处\n2023年12月18日"
    )
    assert issuers(found) == [("青山街道", "990102001", "street")]
    assert found.evidence[0].where == "signature"


def test_given_signature_lines_are_used() -> None:
    found = ask(None, BODY, signature_lines=["云岭镇人民政府", "2024年1月5日"])
    assert issuers(found) == [("云岭镇", "990102101", "town")]


def test_a_letterhead_adds_the_second_street_of_a_joint_report() -> None:
    text = f"甘源街道办事处\n清源街道办事处\n2023年法治政府建设情况报告\n{BODY}"
    found = ask("甘源街道2023年法治政府建设情况报告", text)
    assert [ref.name for ref in found.publishers] == ["甘源街道", "清源街道"]


def test_the_title_wins_over_another_letterhead() -> None:
    found = ask("云岭镇2023年法治政府建设情况报告", f"白水乡人民政府\n{BODY}")
    assert issuers(found) == [("云岭镇", "990102101", "town")]
    assert "白水乡" in {e.value for e in found.evidence}


def test_the_addressee_is_not_the_issuer() -> None:
    text = f"区委、区政府：\n{BODY}\n云岭镇人民政府\n2024年1月5日\n抄报：望江区委依法治区办"
    assert issuers(ask("关于2023年法治政府建设情况的报告", text)) == [("云岭镇", "990102101", "town")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("江州市望江区人民政府青山街道办事处", [("青山街道", "990102001", "street")]),
        ("来源：云岭镇", [("云岭镇", "990102101", "town")]),
        ("望江区司法局", [("司法局", None, "department")]),
        ("区政府办公室", [PLACE]),
        ("望江区人民政府", [PLACE]),
        (None, []),
    ],
)
def test_the_source_line_where_nothing_else_speaks(source: str | None, expected: list[Any]) -> None:
    assert issuers(ask("2023年度法治政府建设工作总结", BODY, source)) == expected


def test_the_opening_sentence_outweighs_the_editors_own_source() -> None:
    text = "2024年，云岭镇在区委、区政府的领导下，认真落实法治政府建设各项部署，规范行政执法，成效明显。"
    found = ask(None, text, "望江区人民政府办公室")
    assert issuers(found) == [("云岭镇", "990102101", "town")]


@given(
    title=st.none() | st.text(max_size=60),
    text=st.text(max_size=200),
    source=st.none() | st.text(max_size=40),
)
def test_any_page_has_an_answer(title: str | None, text: str, source: str | None) -> None:
    found = ask(title, text, source)
    assert found == ask(title, text, source)
    assert {ref.name for ref in found.publishers} <= {e.value for e in found.evidence}


# -- the real places ----------------------------------------------------------------------------


def shared_roster(county: str) -> tuple[Unit, ...]:
    with (SHARED / "facts" / "towns.csv").open(encoding="utf-8", newline="") as handle:
        return tuple(
            Unit(code=row["code"], name=row["name"], kind=row["kind"])
            for row in csv.DictReader(handle)
            if row["county_code"] == county
        )


@pytest.mark.parametrize(
    ("seed", "county", "name", "short", "source", "expected"),
    [
        ("000", "120113", "天津市北辰区", "北辰区", None, ["青源街道", "广源街道"]),
        ("001", "120110", "天津市东丽区", "东丽区", "天津市东丽区人民政府华新街道办事处", ["华新街道"]),
        ("002", "120114", "天津市武清区", "武清区", "天津市武清区人民政府办公室", ["杨村街道"]),
        ("003", "411002", "河南省许昌市魏都区", "魏都区", None, ["西关街道"]),
        ("004", "500108", "重庆市南岸区", "南岸区", "南岸区人民政府", ["海棠溪街道"]),
    ],
)
def test_the_seed_reports(
    seed: str, county: str, name: str, short: str, source: str | None, expected: list[str]
) -> None:
    if not SHARED.is_dir():
        pytest.skip("../shared is absent")
    found = find(
        title=None,
        text=next((SHARED / "seeds").glob(f"{seed}_*.txt")).read_text(encoding="utf-8"),
        source=source,
        portal_name=name,
        portal_short_name=short,
        portal_code=county,
        portal_level="county",
        roster=shared_roster(county),
    )
    assert [ref.name for ref in found.publishers] == expected
    assert all(ref.code and ref.code.startswith(county) for ref in found.publishers)
