"""The five real reports, dressed as pages by this test, come back exactly."""

from __future__ import annotations

import html
import re
import unicodedata
from pathlib import Path

import pytest

from crawler.extract import extract

from .pages import FOOTER, HEADER, SHARED

SEEDS = SHARED / "seeds"
FILES = ["000_qingyuan_2023", "001_huaxin_2022", "002_yangcun_2024", "003_xiguan_2023", "004_haitangxi_2023"]
# Seed 001 was copied with the page around it: the first line of its body and the last.
FIRST, LAST = "2022年,华新街道", "五是进一步建立健全执法普法队伍"

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/seeds is not here")


def folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def body_of(name: str) -> list[str]:
    found = lines(SEEDS / f"{name}.txt")
    if name.startswith("001"):
        start = next(i for i, line in enumerate(found) if line.startswith(FIRST))
        end = next(i for i, line in enumerate(found) if line.startswith(LAST))
        return found[start : end + 1]
    return found


def wrapped(name: str, how: str, charset: str = "utf-8") -> bytes:
    ps = [html.escape(line) for line in body_of(name)]
    inner = {
        "paragraphs": "".join(f"<p>　　<span>{p}</span></p>" for p in ps),
        "line breaks": "<br>\n　　".join(ps),
        "divs": "".join(f"<div>{p}</div>\n" for p in ps),
        "table": "<table><tr><td>" + "".join(f"<p>{p}</p>" for p in ps) + "</td></tr></table>",
    }[how]
    return (
        f"<html><head><title>某街道法治政府建设报告_某区人民政府</title></head><body>{HEADER}"
        "<h1>某街道法治政府建设报告</h1>"
        "<div>发布时间：2024-03-03 14:39 来源：某街道 字号：大 中 小</div>"
        f"<div class='TRS_Editor'>{inner}</div>"
        f"<p>扫一扫在手机打开当前页</p>{FOOTER}</body></html>"
    ).encode(charset)


@pytest.mark.parametrize("how", ["paragraphs", "line breaks", "divs", "table"])
@pytest.mark.parametrize("name", FILES)
def test_body_comes_back(name: str, how: str) -> None:
    found = extract(wrapped(name, how))
    assert [folded(line) for line in found.text.split("\n")] == [folded(line) for line in body_of(name)]


@pytest.mark.parametrize("name", FILES)
def test_body_comes_back_from_gb18030(name: str) -> None:
    found = extract(wrapped(name, "paragraphs", "gb18030"), content_type="text/html; charset=utf-8")
    assert folded(found.text) == folded("".join(body_of(name)))
    assert "\ufffd" not in found.text


@pytest.mark.parametrize("tag", ["p", "div"])
def test_seed_001_loses_its_furniture(tag: str) -> None:
    """The whole copy, header block and footer included, inside one container."""
    everything = "".join(f"<{tag}>{html.escape(line)}</{tag}>" for line in lines(SEEDS / f"{FILES[1]}.txt"))
    found = extract(f"<html><body>{HEADER}<div class='TRS_Editor'>{everything}</div></body></html>".encode())
    assert [folded(line) for line in found.text.split("\n")] == [folded(line) for line in body_of(FILES[1])]
    assert found.title == "华新街道2022年法治政府建设年度报告"
    assert str(found.published) == "2023-03-03"
    assert found.source == "天津市东丽区人民政府华新街道办事处"
    assert found.site_id_code == "1201100002"
