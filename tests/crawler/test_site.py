import csv
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import BadSeeds, BadSiteFile, UnknownSite
from crawler.seeds import portal_rows, seeds_dir, town_rows
from crawler.site import all_portals, load_site, load_site_file, site_files
from crawler.site_file import host_of

SEEDS = Path(__file__).parents[2] / "seeds"


# -- the tables ---------------------------------------------------------------------------------


def test_every_portal_of_the_facts_is_there():
    rows = portal_rows(SEEDS)
    assert len(rows) == 3215
    assert len({row.key for row in rows}) == 3215
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+){0,2}", row.key) for row in rows)
    assert {row.level for row in rows} == {"province", "city", "county"}
    assert all(row.name.endswith(row.short_name) for row in rows)
    codes = [row.division_code for row in rows if row.division_code]
    assert len(codes) == len(set(codes)) == 3207


def test_no_two_portals_share_a_host_and_what_has_none_says_why():
    rows = portal_rows(SEEDS)
    hosts = [host_of(row.url) for row in rows if row.url]
    assert len(hosts) == len(set(hosts))
    assert {row.key for row in rows if not row.url} == {
        "jinmen", "xisha", "sansha-nansha", "taiwan", "hunchun", "guichi", "daye"
    }  # fmt: skip
    assert all(row.note for row in rows if not row.url)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("dongli", "天津市东丽区"), ("nanan", "重庆市南岸区"), ("quanzhou-nanan", "福建省泉州市南安市"),
        ("weidu", "河南省许昌市魏都区"), ("pingtan", "福建省福州市平潭县"), ("beijing-chaoyang", "北京市朝阳区"),
        ("guoyang", "安徽省亳州市涡阳县"), ("luan", "安徽省六安市"), ("zhangjiakou-yuxian", "河北省张家口市蔚县"),
        ("xiamen", "福建省厦门市"), ("panyu", "广东省广州市番禺区"), ("lishui", "浙江省丽水市"), ("chongqing", "重庆市"),
        ("changsha", "湖南省长沙市"), ("zhangzi", "山西省长治市长子县"), ("bozhou", "安徽省亳州市"),
        ("shaanxi", "陕西省"), ("shanxi", "山西省"), ("tonghuaxian", "吉林省通化市通化县"), ("jilinshi", "吉林省吉林市"),
        ("shizhu", "重庆市石柱土家族自治县"), ("hongtong", "山西省临汾市洪洞县"), ("luhe", None),
        ("wanbailin", "山西省太原市万柏林区"), ("pudong", "上海市浦东新区"), ("jiashi", "新疆维吾尔自治区喀什地区伽师县"),
    ],
)  # fmt: skip
def test_keys_are_forever(key, name):
    assert next((row.name for row in portal_rows(SEEDS) if row.key == key), None) == name


def test_putuo_is_corrected():
    row = next(row for row in portal_rows(SEEDS) if row.key == "shanghai-putuo")
    assert (row.url, row.disclosure_url) == ("https://www.shpt.gov.cn/", None)
    assert "www.putuo.gov.cn" in (row.note or "")


def test_towns_are_sorted_whole_and_found_by_code():
    with (SEEDS / "towns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 41352
    codes = [row["code"] for row in rows]
    assert codes == sorted(set(codes))
    assert all(row["code"].startswith(row["county_code"]) for row in rows)
    expected = [row["code"] for row in rows if row["county_code"] == "120110"]
    assert [town.code for town in town_rows("120110", SEEDS)] == expected != []
    assert town_rows(rows[0]["county_code"], SEEDS)[0].code == codes[0]
    assert town_rows(rows[-1]["county_code"], SEEDS)[-1].code == codes[-1]
    assert town_rows("999999", SEEDS) == ()


def test_damaged_tables_are_named(tmp_path):
    with pytest.raises(BadSeeds, match=r"portals\.csv: cannot be read"):
        portal_rows(tmp_path)
    (tmp_path / "portals.csv").write_text("key,name\na,b\n", encoding="utf-8")
    with pytest.raises(BadSeeds, match=r"portals\.csv:1: columns must be key,name,short_name"):
        portal_rows(tmp_path)
    head, first = (SEEDS / "portals.csv").read_text(encoding="utf-8").splitlines()[:2]
    (tmp_path / "portals.csv").write_text(f"{head}\n{first}\n{first[:20]}\n", encoding="utf-8")
    with pytest.raises(BadSeeds, match=r"portals\.csv:3: 14 values"):
        portal_rows(tmp_path)
    (tmp_path / "portals.csv").write_text(f"{head}\n{first}\n{first}\n", encoding="utf-8")
    with pytest.raises(BadSeeds, match="twice"):
        portal_rows(tmp_path)
    (tmp_path / "towns.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(BadSeeds, match=r"towns\.csv:1"):
        town_rows("120110", tmp_path)


def test_seeds_by_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("FAZHI_SEEDS", str(tmp_path))
    with pytest.raises(BadSeeds, match="FAZHI_SEEDS"):
        seeds_dir()
    (tmp_path / "portals.csv").write_text("", encoding="utf-8")
    assert seeds_dir() == tmp_path
    monkeypatch.delenv("FAZHI_SEEDS")
    assert (seeds_dir() / "towns.csv").is_file()


# -- finding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("dongli", "dongli"), (" dongli ", "dongli"), ("120110", "dongli"), ("东丽", "dongli"), ("东丽区", "dongli"),
        ("天津市东丽区", "dongli"), ("天津东丽", "dongli"), ("天津东丽区", "dongli"), ("魏都", "weidu"), ("许昌魏都区", "weidu"),
        ("许昌市魏都区", "weidu"), ("河南省许昌市魏都区", "weidu"), ("河南许昌魏都", "weidu"), ("石柱", "shizhu"), ("延边", "yanbian"),
        ("北京", "beijing"), ("吉林省", "jilin"), ("吉林市", "jilinshi"), ("北京朝阳", "beijing-chaoyang"),
        ("上海普陀", "shanghai-putuo"), ("兰汀区", "demo"), ("demo", "demo"),
    ],
)  # fmt: skip
def test_every_form_of_a_name(query, key):
    assert load_site(query, seeds=SEEDS).key == key


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("donli", r'no site "donli"; did you mean dongli \(天津市东丽区\)'),
        ("东力区", "dongli"),
        ("朝阳", r'"朝阳" is ambiguous: beijing-chaoyang \(北京市朝阳区\), '),
        ("鼓楼区", "ambiguous: .*nanjing-gulou"),
        ("", "no site named"),
        ("999999", 'no site "999999"'),
        ("jinmen", r"jinmen \(福建省泉州市金门县\) has no address in seeds/portals\.csv: no portal known"),
        ("珲春", "the source gives the portal of 延边朝鲜族自治州"),
    ],
)
def test_unknown_and_ambiguous(query, said):
    with pytest.raises(UnknownSite, match=said) as caught:
        load_site(query, seeds=SEEDS)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


@given(st.text(max_size=12))
def test_no_query_crashes(query):
    if query.strip().endswith(".toml"):
        return
    try:
        load_site(query, seeds=SEEDS)
    except UnknownSite as error:
        assert str(error)


def test_tls_private_hosts_and_list_budget_are_declared(tmp_path):
    file = tmp_path / "dongli.toml"
    file.write_text(
        'key = "dongli"\ntls = "legacy"\nlist_budget = 40\nprivate_hosts = ["www.tjdl.gov.cn"]\n',
        encoding="utf-8",
    )
    site = load_site_file(file, seeds=SEEDS)
    assert (site.tls, site.list_budget, site.private_hosts) == ("legacy", 40, ("www.tjdl.gov.cn",))
    plain = load_site("dongli", seeds=SEEDS)
    assert (plain.tls, plain.list_budget, plain.private_hosts) == ("strict", 1_000, ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('tls = "none"', r"2: tls: 'none' is none of strict, legacy, unverified, legacy-unverified"),
        ("tls = true", "2: tls: must be a string"),
        ('private_hosts = ["localhost"]', r"2: private_hosts\[0\]: 'localhost' is no host of this site"),
        ("list_budget = 0", "2: list_budget: 0: must be 1 or more"),
    ],
)
def test_what_is_wrong_with_them_is_named(tmp_path, line, said):
    file = tmp_path / "dongli.toml"
    file.write_text(f'key = "dongli"\n{line}\n', encoding="utf-8")
    with pytest.raises(BadSiteFile, match=said):
        load_site_file(file, seeds=SEEDS)


def test_loading_is_quick():
    load_site("dongli", seeds=SEEDS)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        load_site("weidu", seeds=SEEDS)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.06


# -- what is loaded -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(site_files(SEEDS)))
def test_every_site_file_loads(key):
    site = load_site(key, seeds=SEEDS)
    assert site.declared and site.key == key
    assert site.hubs[0] == site.home_url
    for url in [site.home_url, *site.hubs, *(column.url for column in site.columns)]:
        assert host_of(url) in site.hosts
    assert len(site.roster) >= 7


def test_the_eight_site_files():
    assert set(site_files(SEEDS)) == {
        "dongli",
        "beichen",
        "wuqing",
        "weidu",
        "nanan",
        "jinghai",
        "pingtan",
        "demo",
    }
    confirmed = {k: any(c.confirmed for c in load_site(k, seeds=SEEDS).columns) for k in site_files(SEEDS)}
    assert {key for key, known in confirmed.items() if known} == {"jinghai", "pingtan", "demo"}


def test_only_loopback_portals_do_without_a_pause():
    sites = [load_site(key, seeds=SEEDS) for key in site_files(SEEDS)]
    assert [site.key for site in sites if site.delay < 1] == ["demo"]
    assert load_site("demo", seeds=SEEDS).hosts[0].endswith(".example")


def test_a_portal_without_a_file_loads_from_its_row():
    site = load_site("beijing-chaoyang", seeds=SEEDS)
    assert not site.declared and site.columns == () and site.platform is None
    assert site.hosts == ("www.bjchy.gov.cn", "bjchy.gov.cn")
    assert site.host_group == "www.bjchy.gov.cn"
    assert len(site.roster) == 43
    anywhere = load_site("changchun", seeds=SEEDS)
    assert all(host_of(hub) in anywhere.hosts for hub in anywhere.hubs)


def test_shared_platforms_are_one_host_group():
    assert {load_site(key, seeds=SEEDS).host_group for key in ("nanan", "beibei", "chongqing")} == {
        "chongqing"
    }
    assert {load_site(key, seeds=SEEDS).host_group for key in ("weidu", "xuchang", "changge")} == {"xuchang"}


def test_all_portals_has_the_ones_with_only_a_file():
    keys = [row.key for row in all_portals(SEEDS)]
    assert len(keys) == 3216 and keys[-1] == "demo"


# -- site files ---------------------------------------------------------------------------------

GOOD = """\
# a portal
key = "dongli"
platform = "trs"
hosts = [
    "xxgk.tjdl.gov.cn",
]
hubs = [
    "https://www.tjdl.gov.cn/gongkai/",
    "https://xxgk.tjdl.gov.cn/a/",
]
delay = 3.5

[[column]]
url = "https://tjdl.gov.cn/zwgk/fzzfjs/"
name = "法治政府建设"
confirmed = false

[[column]]
url = "https://www.tjdl.gov.cn/zwgk/b/"
name = "其他"

[options]
siteguid = "x"
"""


def write(folder, text, name="dongli"):
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_anywhere_overrides_the_row(tmp_path):
    site = load_site(str(write(tmp_path, GOOD)), seeds=SEEDS)
    assert site.name == "天津市东丽区" and site.delay == 3.5 and site.options == {"siteguid": "x"}
    assert site.hosts == ("www.tjdl.gov.cn", "tjdl.gov.cn", "xxgk.tjdl.gov.cn")
    assert [(column.name, column.confirmed) for column in site.columns] == [
        ("法治政府建设", False),
        ("其他", True),
    ]
    assert load_site("东丽", seeds=SEEDS, extra=tmp_path) == site
    assert len(site.roster) == 19


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "dongli"\n', "", "1: key: missing"),
        ('key = "dongli"', 'key = "beichen"', "2: key: 'beichen' is not the file's name, 'dongli'"),
        ('key = "dongli"', 'key = "Dong Li"', "2: key: 'Dong Li': lower-case"),
        (
            'platform = "trs"',
            'platform = "wordpress"',
            "3: platform: no platform 'wordpress'; there are: anchors, anhui, .*, trs, ucap, vsb",
        ),
        ('platform = "trs"', 'plattform = "trs"', "3: plattform: unknown key; known are: key, name"),
        ('platform = "trs"', "platform = 7", "3: platform: must be a string"),
        ('"xxgk.tjdl.gov.cn"', '"https://xxgk.tjdl.gov.cn/"', r"5: hosts\[0\]: .* is no host name"),
        (
            '"https://www.tjdl.gov.cn/gongkai/"',
            '"ftp://www.tjdl.gov.cn/gongkai/"',
            r"8: hubs\[0\]: .*scheme must be http",
        ),
        (
            "https://xxgk.tjdl.gov.cn/a/",
            "https://news.tjdl.gov.cn/a/",
            r"9: hubs\[1\]: host news.tjdl.gov.cn is not the portal's",
        ),
        (
            "https://xxgk.tjdl.gov.cn/a/",
            "https://tjdl.com/a/",
            r"9: hubs\[1\]: host tjdl.com is outside .gov.cn",
        ),
        (
            "https://xxgk.tjdl.gov.cn/a/",
            "https://wwwtjdl.gov.cn.evil.net/a/",
            r"9: hubs\[1\]: host .* is outside .gov.cn",
        ),
        ("delay = 3.5", "delay = -1", "11: delay: -1: must be 0 or more"),
        ("delay = 3.5", "delay = true", "11: delay: must be a number"),
        (
            "https://tjdl.gov.cn/zwgk/fzzfjs/",
            "https://tjdl.gov.cn/zwgk/ fzzfjs/",
            r"14: column\[0\]\.url: .*blanks",
        ),
        (
            "https://tjdl.gov.cn/zwgk/fzzfjs/",
            "https://tjdl.gov.cn:x/",
            r"14: column\[0\]\.url: .* is no address",
        ),
        (
            "https://tjdl.gov.cn/zwgk/fzzfjs/",
            "https:///zwgk/",
            r"14: column\[0\]\.url: .* has no usable host",
        ),
        (
            "https://tjdl.gov.cn/zwgk/fzzfjs/",
            "https://a:b@tjdl.gov.cn/",
            r"14: column\[0\]\.url: .* has no usable host",
        ),
        ("confirmed = false", 'confirmed = "no"', r"16: column\[0\]\.confirmed: must be true or false"),
        ("confirmed = false", "checked = false", r"16: column\[0\]\.checked: unknown key"),
        ("https://www.tjdl.gov.cn/zwgk/b/", "", r"19: column\[1\]\.url: '' is no address"),
        ('url = "https://www.tjdl.gov.cn/zwgk/b/"\n', "", r"18: column\[1\]\.url: missing"),
        (
            "https://www.tjdl.gov.cn/zwgk/b/",
            "https://tjdl.gov.cn/zwgk/fzzfjs/",
            r"19: column\[1\]\.url: stands in the file twice",
        ),
        ('name = "其他"', 'name = " "', r"20: column\[1\]\.name: is empty"),
        ('siteguid = "x"', "siteguid = 4", r"23: options\.siteguid: must be a string"),
        (
            "delay = 3.5",
            'roster = [{ code = "12", name = "a", kind = "镇" }]',
            r"11: roster\[0\]\.code: '12' is not nine digits",
        ),
        ("delay = 3.5", 'roster = [{ name = "a", kind = "镇" }]', r"11: roster\[0\]\.code: missing"),
        ("delay = 3.5", "delay = = 3", "11: not TOML: Invalid value"),
        (
            "delay = 3.5",
            'home = "http://www.lanting.example/"',
            "11: home: host www.lanting.example is outside .gov.cn",
        ),
        ("delay = 3.5", 'level = "village"', "11: level: 'village' is none of"),
    ],
)
def test_what_is_wrong_is_named_with_file_line_and_key(tmp_path, old, new, said):
    assert GOOD.count(old) == 1
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(BadSiteFile, match=f"^{re.escape(str(path))}:{said}") as caught:
        load_site_file(path, seeds=SEEDS)
    assert caught.value.exit_code == 2


def test_a_portal_not_in_the_table_must_say_everything(tmp_path):
    path = write(tmp_path, 'key = "nowhere"\nhome = "http://www.nowhere.gov.cn/"\n', "nowhere")
    with pytest.raises(
        BadSiteFile, match=r"nowhere\.toml:1: name: missing; portals\.csv does not have this key"
    ):
        load_site_file(path, seeds=SEEDS)
    whole = 'key = "nowhere"\nname = "甲省乙县"\nshort_name = "乙县"\nlevel = "county"\nhome = "http://www.nowhere.gov.cn/"\n'
    site = load_site_file(write(tmp_path, whole, "nowhere"), seeds=SEEDS)
    assert (site.division_code, site.roster, site.hubs) == (None, (), ("http://www.nowhere.gov.cn/",))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(BadSiteFile, match=r"absent\.toml: cannot be read"):
        load_site(str(tmp_path / "absent.toml"), seeds=SEEDS)
    path = tmp_path / "dongli.toml"
    path.write_bytes('key = "东丽"'.encode("gb18030"))
    with pytest.raises(BadSiteFile, match="is not UTF-8"):
        load_site_file(path, seeds=SEEDS)


def test_a_bad_file_in_the_seeds_is_named_by_its_place(tmp_path):
    (tmp_path / "sites").mkdir()
    for name in ("portals.csv", "towns.csv"):
        (tmp_path / name).symlink_to(SEEDS / name)
    (tmp_path / "sites" / "dongli.toml").write_text('key = "dongli"\nspeed = 1\n', encoding="utf-8")
    with pytest.raises(BadSiteFile, match=r"^seeds/sites/dongli\.toml:2: speed: unknown key"):
        load_site("东丽区", seeds=tmp_path)
    assert load_site("beichen", seeds=tmp_path).declared is False


@given(st.text(max_size=120))
def test_no_text_crashes_the_reader(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("site") / "dongli.toml"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        load_site_file(path, seeds=SEEDS)
    except BadSiteFile as error:
        assert str(path) in str(error)
