"""Bad input: named attacks and fuzz; nothing raises, nothing hangs."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extract import extract

from .pages import SHAPES

P = "<p>一年来，本街道坚持依法行政，推进法治政府建设，取得明显成效。</p>"
ATTACKS = {
    "10,000 nested divs": "<div>" * 10_000 + P * 5 + "</div>" * 10_000,
    "unclosed divs with prose": (P + "<div class='content title TRS_Editor'>") * 900,
    "nested hidden elements": (P + "<div style='display:none'>") * 200,
    "one attribute of a megabyte": "<div class='" + "a" * 1_000_000 + "'>" + P * 5 + "</div>",
    "50,000 attributes": "<div " + " ".join(f"a{i}=1" for i in range(50_000)) + ">" + P * 5 + "</div>",
    "NUL in every word": P.replace("法", "法\0") * 5,
    "body tags that never end": '<body "' * 50_000 + P * 5,
    "2,000 nested tables": "<table><tr><td>" * 2_000 + P * 5,
    "nothing but <": "<" * 200_000,
    "metas that never end": '<meta name="a" content="' * 10_000 + P * 5,
    "white space": "<p>法" + " \n" * 200_000 + "治</p>" + P * 4,
    "10,000 breadcrumbs": "<div class='position path title'><a>x</a>" * 10_000 + P * 5,
    "broken entities": "&#x110000;&#0;&bogus;&lt" * 10_000 + P * 5,
    "a cell without end": "<table><tr><td>1</td><td>2</td></tr>" * 5_000,
}


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str) -> None:
    began = time.perf_counter()
    extract(ATTACKS[name].encode())
    assert time.perf_counter() - began < 10


@pytest.mark.parametrize(
    "name", ["10,000 nested divs", "one attribute of a megabyte", "NUL in every word", "2,000 nested tables"]
)
def test_the_text_survives_the_attack(name: str) -> None:
    assert extract(ATTACKS[name].encode()).text.count("推进法治政府建设") == 5


@pytest.mark.parametrize("opener", ["<script>var a = 1;", "<!-- ", "<textarea>", "<style>"])
def test_what_is_never_closed_does_not_swallow_the_text(opener: str) -> None:
    found = extract(f"<div id=zoom>{P * 3}{opener}{P * 5}</div>".encode())
    assert found.text.count("推进法治政府建设") == 8
    assert any("unclosed" in w for w in found.warnings)


@pytest.mark.parametrize(
    "body", [b"", b" ", b"<!-- -->", b"\x00", b"<", bytes(range(256)) * 50, b"\xff\xfe", b"<frameset>"]
)
def test_nothing_to_read(body: bytes) -> None:
    assert extract(body).title is None or extract(body).title


@pytest.mark.parametrize("shape", ["trs", "hanweb", "unknown container"])
def test_a_page_cut_anywhere(shape: str) -> None:
    body = SHAPES[shape]
    for at in range(0, len(body), 151):
        assert "\x00" not in extract(body[:at]).text
    assert extract(body[:0]).text == ""


_TAGS = st.sampled_from(
    [
        "<div id=zoom>",
        "</div>",
        "<p>",
        "</p>",
        "<table>",
        "<tr>",
        "<td>",
        "</td>",
        "</table>",
        "<br>",
        "<a href=x.pdf>",
        "</a>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "</html>",
        "<body>",
        "<title>",
        "</title>",
        "<h1>",
        "<span style=display:none>",
        "<meta name=PubDate content=2024-01-01>",
        "发布时间：2024-01-01",
        "来源：某局",
        "依法行政，推进法治。",
        "\x00",
        "&#0;",
        "2024年1月1日",
        "<pre>",
        "<select>",
        "<iframe>",
        "<template>",
        "<svg>",
        "<frameset>",
        "<![CDATA[",
        "]]>",
        "<?xml",
        "��",
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_TAGS, max_size=60))
def test_fuzzed_markup(pieces: list[str]) -> None:
    found = extract("".join(pieces).encode("utf-8", errors="surrogatepass"), url="http://a/t20240101_1.html")
    assert "\x00" not in found.text


@settings(max_examples=100)
@given(st.binary(max_size=600))
def test_fuzzed_bytes(body: bytes) -> None:
    assert "\x00" not in extract(body, content_type="text/html").text
