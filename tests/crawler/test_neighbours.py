from __future__ import annotations

from crawler.neighbours import likely_challenged, note
from crawler.seeds import PortalRow
from crawler.site import all_portals


def portal(key: str, name: str, **more: str) -> PortalRow:
    values = {
        "province": "某省",
        "city": "甲市",
        "level": "county",
        "url": f"http://www.{key}.gov.cn/",
        "platform_hint": "",
    }
    values |= more
    return PortalRow(
        key=key, name=name, short_name=name[-3:], division_code=None, access_probe=None, disclosure_url=None,
        disclosure_note=None, news_url=None, note=None, **values,
    )  # fmt: skip


ROWS = (
    portal("own", "某省甲市乙区", platform_hint="trs"),
    portal("sister", "某省甲市丙县"),
    portal("parent", "某省甲市", city="甲市", level="city"),
    portal("far", "某省丁市戊县", city="丁市", platform_hint="trs"),
    portal("other", "某省丁市己县", city="丁市", platform_hint="vsb"),
    portal("abroad", "别省庚市辛县", province="别省", city="庚市", platform_hint="trs"),
    portal("silent", "某省甲市壬县", url=""),
)


def test_city_before_platform_and_nobody_else() -> None:
    assert [(one.key, one.why) for one in likely_challenged("own", ROWS)] == [
        ("sister", "city"),
        ("parent", "city"),
        ("far", "platform in the province"),
    ]
    assert likely_challenged("nowhere", ROWS) == ()


def test_the_real_table_names_a_city_and_a_host_group() -> None:
    rows = all_portals()
    chengdu = {one.key for one in likely_challenged("jinniu", rows) if one.why == "city"}
    assert {"chengdu", "chengdu-qingyang", "wuhou"} <= chengdu
    assert {one.why for one in likely_challenged("nanan", rows)} == {"host group"}
    assert "dongli" not in chengdu


def test_a_note_names_a_few_and_counts_the_rest() -> None:
    assert note(()) == []
    (line,) = note(likely_challenged("own", ROWS))
    assert line == "likely challenged, too: 某省甲市丙县 (sister)、某省甲市 (parent) and 1 more"
