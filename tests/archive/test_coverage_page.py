"""The page of the matrix: one file, no script, nothing from outside, every word escaped."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, date, datetime
from html import escape
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from archive.coverage_cells import (
    Cell,
    CellState,
    Coverage,
    Evidence,
    Place,
    Row,
    Stranger,
    Timeliness,
    count,
)
from archive.coverage_page import page
from archive.coverage_table import SIGNS
from archive.errors import UsageError

SEEN = datetime(2026, 5, 1, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'&\x1b[31m\u202e]]>" + "长" * 2_000


def evidence(**given: object) -> Evidence:
    values: dict[str, object] = {
        "report_id": 7,
        "kind": "annual",
        "title": EVIL,
        "year": 2025,
        "published": date(2026, 2, 1),
        "url": "http://www.example.gov.cn/a.html?a=1&b='\"<x>",
        "role": "page",
        "state": "live",
        "documents": 1,
        "first_seen": SEEN,
        "last_seen": SEEN,
        "gone_since": None,
        "year_confidence": 0.9,
        "timeliness": Timeliness.ON_TIME,
        "position": 0,
    }
    return Evidence(**{**values, **given})


def coverage(rows: int = 2, evil: str = EVIL, url: str | None = None) -> Coverage:
    given = {} if url is None else {"url": url}
    states = list(CellState)
    years = tuple(range(2025 - len(states) + 1, 2026))
    made = tuple(
        Row(
            body=f"9990010{number:02d}",
            code=None,
            name=evil,
            level="street",
            kind="街道",
            place="999001",
            valid_from=None,
            valid_to=None,
            dropped=None,
            cells=tuple(
                Cell(
                    year=year,
                    state=state,
                    reason=evil,
                    reports=(evidence(**given),) if state is CellState.ON_TIME else (),
                )
                for year, state in zip(years, states, strict=True)
            ),
            undated_year=(evidence(**given),),
        )
        for number in range(rows)
    )
    counts = count([cell for row in made for cell in row.cells if cell])
    place = Place(
        place="999001",
        name=evil,
        province=evil,
        city="",
        county=evil,
        portal_key="qinghe",
        counts=counts,
        rows=made,
    )
    stranger = Stranger(
        portal_key="x", name=evil, code=None, level=None, why="w", reports=(evidence(**given),)
    )
    return Coverage(
        years=years,
        today=date(2026, 6, 1),
        places=(place,),
        counts=counts,
        strangers=(stranger,),
        unassigned=(evidence(**given),),
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("bodies", [True, False])
def test_nothing_is_loaded_and_nothing_runs(bodies: bool) -> None:
    made = page(coverage(), bodies=bodies)
    tags = Tags()
    tags.feed(made)
    names = {tag for tag, _ in tags.found}
    assert not names & {
        "script",
        "img",
        "link",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
        "image",
        "use",
        "foreignobject",
    }
    for tag, attributes in tags.found:
        assert not [
            name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset"}
        ], tag
        if "href" in attributes:
            assert tag == "a"
            assert str(attributes["href"]).startswith("http://www.example.gov.cn/")
    policy = next(a["content"] for t, a in tags.found if t == "meta" and "http-equiv" in a)
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")
    style = re.search(r"<style>(.*?)</style>", made, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{digest}'" in str(policy)
    assert "url(" not in style[1]
    assert "@import" not in style[1]


@pytest.mark.parametrize("bodies", [True, False])
def test_words_from_outside_are_only_words(bodies: bool) -> None:
    made = page(coverage(), bodies=bodies)
    assert "<script" not in made
    assert "\x1b" not in made
    assert "\u202e" not in made
    tags = Tags()
    tags.feed(made)
    assert any("<script>alert(1)</script>" in text for text in tags.text)
    longest = max(len(text) for text in tags.text if "长" in text)
    assert longest < 2_500 or not bodies


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " http://x", "//x", "HTTP://x\u0000"]
)
def test_an_address_that_is_none_is_no_link(url: str) -> None:
    tags = Tags()
    tags.feed(page(coverage(evil="x", url=url)))
    assert not [attributes for tag, attributes in tags.found if tag == "a"]


def test_every_cell_is_in_the_picture_and_in_the_table() -> None:
    found = coverage(rows=3, evil="清河街道")
    made = page(found)
    pictures = [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", made, re.S)]
    matrix = next(svg for svg in pictures if str(svg.get("aria-label")).startswith("Matrix"))
    rects = [rect.get("class") for rect in matrix.iter("rect")]
    assert rects == [state.value for state in CellState] * 3
    letters = [text.text for text in matrix.iter("text") if "c " in str(text.get("class"))]
    assert letters == [SIGNS[state][0] for state in CellState] * 3
    titles = [title.text for title in matrix.iter("title")]
    assert sum("清河街道 2025" in str(title) for title in titles) == 3
    for state in CellState:
        assert made.count(f"<td>{escape(SIGNS[state][2])}</td>") == 3
    assert all(svg.get("viewBox") for svg in pictures if svg.get("class") == "m")


def test_states_differ_in_letter_and_in_colour() -> None:
    assert len({sign for sign, _, _ in SIGNS.values()}) == len(SIGNS) == len(CellState)
    made = page(coverage())
    fills = dict(re.findall(r"rect\.(\w+)\{fill:(#\w+)", made))
    assert set(fills) == {state.value for state in CellState}
    assert len(set(fills.values())) == len(fills)
    inks = dict(re.findall(r"svg text\.(\w{3,})\{fill:(#\w+)", made))
    for state, fill in fills.items():
        assert contrast(fill, inks[state]) >= 3, state


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_same_answer_gives_the_same_page() -> None:
    assert page(coverage()) == page(coverage())


def test_too_much_for_one_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.coverage_page.MOST_CELLS", len(CellState))
    assert page(coverage(rows=1))
    with pytest.raises(UsageError, match="--province"):
        page(coverage(rows=2))
    assert page(coverage(rows=2), bodies=False).count("<svg") < 100
