from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract.documents import flow
from crawler.extract.documents.ocr_layout import marks_of, told
from crawler.extract.documents.ocr_model import Seen, Sight
from tests.crawler.documents.cases import solid
from tests.crawler.documents.eyes import LEFT, SIZE, page, seen

TWO = (
    "一、全年共办理行政复议案件十四件，组织旁听庭审六次，参加旁听的工作人员共有二百一十人次，比上年增加三成。",
    "二、专题学习五次，开展执法检查三百二十次，下达整改通知书四十一份，已全部整改到位，没有发生一起投诉。",
)


def text(sight: Sight) -> list[str]:
    return flow.text_of([marks_of(sight, 150)]).split("\n")


@pytest.mark.parametrize("slant", [0.0, 1.0, -1.0, 4.0, -6.0])
def test_lines_are_joined_to_paragraphs_however_the_page_lies(slant: float) -> None:
    assert text(page(TWO, slant=slant)) == list(TWO)


def test_a_page_that_lies_askew_is_as_good_as_a_straight_one() -> None:
    straight, askew = (marks_of(page(TWO, slant=slant), 150) for slant in (0.0, 3.0))
    for one, other in zip(straight.glyphs, askew.glyphs, strict=True):
        assert one.text == other.text
        assert abs(one.x0 - other.x0) < 1
        assert abs(one.middle - other.middle) < 1


def test_a_slanted_seal_does_not_turn_the_page() -> None:
    seal = seen("廉洁印", 700, 1200, slant=40)
    sight = page(TWO)
    marks = marks_of(Sight(width=1240, height=1754, lines=(seal, *sight.lines)), 150)
    straight = marks_of(sight, 150).glyphs
    assert [glyph for glyph in marks.glyphs if glyph.text not in "廉洁印"] == straight


def test_a_last_line_of_one_character_belongs_to_its_paragraph() -> None:
    # Its box is half as wide again as the character: the engine adds a margin.
    first = seen(TWO[0][:26], LEFT, 220)
    last = seen("绩", LEFT, 278, size=SIZE * 1.35)
    assert text(Sight(width=1240, height=1754, lines=(first, last))) == [TWO[0][:26] + "绩"]


def test_two_lines_of_a_title_are_one() -> None:
    size = SIZE * 22 / 16
    lines = [
        seen("兰汀区城市管理局法治政府建设", 620 - 7 * size, 150, size=size),
        seen("年度报告", 620 - 2 * size, 220, size=size),
    ]
    body = page(TWO).lines
    lower = tuple(
        Seen(text=one.text, corners=tuple((x, y + 120) for x, y in one.corners), confidence=0.9)  # type: ignore[arg-type]
        for one in body
    )
    assert (
        text(Sight(width=1240, height=1754, lines=(*lines, *lower)))[0]
        == "兰汀区城市管理局法治政府建设年度报告"
    )


def test_two_boxes_of_one_line_are_put_side_by_side() -> None:
    left, right = seen("组织旁听庭审", LEFT, 220), seen("共六次，均有记录。", LEFT + 6 * SIZE, 223)
    assert text(Sight(width=1240, height=1754, lines=(right, left))) == ["组织旁听庭审共六次，均有记录。"]


def test_writing_over_writing_does_not_mix() -> None:
    printed = seen("兰汀区城市管理局", 700, 1200, confidence=0.98)
    stamped = seen("人民政府", 770, 1205, confidence=0.6)
    found = text(Sight(width=1240, height=1754, lines=(printed, stamped)))
    assert found == ["兰汀区城市管理局", "人民政府"]


def test_page_numbers_and_running_heads_go() -> None:
    body = page(TWO)
    sights = [
        Sight(
            width=1240,
            height=1754,
            lines=(
                seen("兰汀区人民政府公报", LEFT, 90, size=20),
                *body.lines,
                seen(f"— {n} —", 590, 1650, size=28),
            ),
        )
        for n in (1, 2)
    ]
    assert flow.text_of([marks_of(sight, 150) for sight in sights]).split("\n") == [*TWO, *TWO]


def test_a_table_with_rules_becomes_rows() -> None:
    rules = [((100.0, y), (700.0, y)) for y in (300.0, 360.0, 420.0)]
    rules += [((x, 300.0), (x, 420.0)) for x in (100.0, 300.0, 700.0)]
    cells = (seen("事项", 110, 312), seen("件数", 310, 312), seen("处罚", 110, 372), seen("1,046", 310, 372))
    sight = Sight(width=1240, height=1754, lines=cells, rules=tuple(rules))
    assert text(sight) == ["事项\t件数", "处罚\t1,046"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("(一）强化统筹", "（一）强化统筹"),
        ("（一)强化统筹", "（一）强化统筹"),
        ("(四)健全网络", "（四）健全网络"),
        ("共3次(2023)", "共3次(2023)"),
        ("共3次（2023)", "共3次（2023）"),
        ("(WTO)规则", "(WTO)规则"),
        ("一）只有一半", "一）只有一半"),
    ],
)
def test_brackets_are_pairs(given: str, wanted: str) -> None:
    assert told(given) == wanted


NUMBERS = st.floats(-5000, 5000)
POINTS = st.tuples(NUMBERS, NUMBERS)
LINES = st.builds(
    Seen,
    text=st.text(st.sampled_from("法治政府 建设（）()12.abc，。一\t\u3000"), max_size=30),
    corners=st.tuples(POINTS, POINTS, POINTS, POINTS),
    confidence=st.floats(0, 1),
)


@given(st.lists(LINES, max_size=12), st.lists(st.tuples(POINTS, POINTS), max_size=6))
@settings(max_examples=60)
def test_no_boxes_can_break_it_and_no_character_is_lost(
    lines: list[Seen], rules: list[tuple[tuple[float, float], ...]]
) -> None:
    sight = Sight(width=1240, height=1754, lines=tuple(lines), rules=tuple(rules))  # type: ignore[arg-type]
    marks = marks_of(sight, 150)
    given = sorted(solid("".join(told(line.text) for line in lines)))
    assert sorted(solid("".join(glyph.text for glyph in marks.glyphs))) == given
    assert marks == marks_of(sight, 150)
