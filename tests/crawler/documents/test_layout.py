"""Lines of pages to paragraphs: each rule with a page made for it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.documents import flow, lines
from crawler.extract.documents.marks import Glyph, PageMarks, Rule

SIZE, PITCH, LEFT, MEASURE = 16.0, 28.0, 80.0, 27
FULL = "各级各部门坚持以习近平法治思想为指导扎实推进法治建设取得成效"[:MEASURE]


def page(*rows: tuple[float, str] | None, size: float = SIZE, top: float = 150.0) -> PageMarks:
    """A page of rows, each with its indent in characters; None leaves a line free."""
    made = PageMarks(width=2 * LEFT + MEASURE * SIZE, height=842.0)
    y = top
    for row in rows:
        if row is not None:
            indent, text = row
            x = LEFT + indent * SIZE
            for character in text:
                width = size if lines.WIDE.match(character) else size / 2
                made.glyphs.append(Glyph(character, x, x + width, y, y + size))
                x += width
        y += PITCH
    return made


def text(*pages: PageMarks) -> list[str]:
    return flow.text_of(pages).split("\n")


def test_full_lines_are_joined_until_the_indent() -> None:
    found = text(page((2, FULL[:25]), (0, FULL), (0, "成效明显。"), (2, FULL[:25]), (0, "也好。")))
    assert found == [FULL[:25] + FULL + "成效明显。", FULL[:25] + "也好。"]


def test_a_sentence_may_end_where_the_line_ends() -> None:
    ended = FULL[:-1] + "。"
    assert text(page((2, FULL[:25]), (0, ended), (0, "下一句在同一段。"))) == [
        FULL[:25] + ended + "下一句在同一段。"
    ]


def test_a_heading_after_a_full_line_stays_a_heading() -> None:
    ended = FULL[:-1] + "。"
    assert text(page((0, FULL), (0, ended), (0, "二、存在的不足"), (0, FULL), (0, "完。"))) == [
        FULL + ended,
        "二、存在的不足",
        FULL + "完。",
    ]


def test_short_lines_stay_alone() -> None:
    assert text(page((2, FULL[:25]), (0, "完。"), (18, "青禾镇人民政府"), (19, "2024年1月20日"))) == [
        FULL[:25] + "完。",
        "青禾镇人民政府",
        "2024年1月20日",
    ]


def test_two_signatures_set_to_the_right_stay_two() -> None:
    block = [(0, FULL), (0, FULL), (0, FULL[:20] + "。")]
    signed = [(MEASURE - 12, "青禾镇委员会青禾镇委员会"), (MEASURE - 12, "青禾镇人民政府青禾镇政府")]
    assert text(page(*block, *signed))[1:] == [line for _, line in signed]


def test_a_long_heading_without_indent_is_not_run_into_its_text() -> None:
    heading = "一、" + FULL[:22]
    assert text(page((0, heading), (0, FULL), (0, FULL), (0, "完。"))) == [heading, FULL + FULL + "完。"]


def test_a_wide_gap_parts_paragraphs_without_indent() -> None:
    rows = [(0, FULL), (0, FULL), None, (0, FULL), (0, FULL)]
    assert text(page(*rows)) == [FULL + FULL, FULL + FULL]


def test_a_number_that_did_not_fit_leaves_a_line_short_and_not_ended() -> None:
    assert text(page((2, FULL[:25]), (0, FULL[:24]), (0, "1234567件，"), (2, FULL[:25]), (0, "完。")))[0] == (
        FULL[:25] + FULL[:24] + "1234567件，"
    )


def test_paragraphs_go_on_over_the_page() -> None:
    first = page((2, FULL[:25]), (0, FULL))
    assert text(first, page((0, "接上页。"), (2, FULL[:25]), (0, "完。"))) == [
        FULL[:25] + FULL + "接上页。",
        FULL[:25] + "完。",
    ]


def _furnished(number: int, *rows: tuple[float, str]) -> PageMarks:
    made = page(*rows)
    made.glyphs += page((8, f"— {number} —"), top=790).glyphs
    made.glyphs += page((0, "青禾镇公报 总第12期"), size=10, top=40).glyphs
    return made


def test_headers_and_page_numbers_go_and_do_not_part_a_paragraph() -> None:
    pages = [_furnished(n, (2 if n == 1 else 0, FULL[: 25 if n == 1 else MEASURE])) for n in (1, 2, 3)]
    assert text(*pages) == [FULL[:25] + FULL + FULL]


def test_numbers_in_the_text_are_no_page_numbers() -> None:
    assert text(page((2, "处罚"), (2, "128"), (2, "许可"), top=300)) == ["处罚", "128", "许可"]


def test_a_year_at_the_foot_of_a_page_stays() -> None:
    assert text(page((2, "2024"), top=790)) == ["2024"]


def test_superscripts_and_mixed_sizes_share_a_line() -> None:
    made = page((0, "面积达到120平方千米"))
    made.glyphs.append(Glyph("²", LEFT + 9 * SIZE, LEFT + 9.4 * SIZE, 148.0, 156.0))
    assert len(text(made)) == 1


def _grid(xs: list[float], ys: list[float]) -> list[Rule]:
    return [Rule(xs[0], y, xs[-1], y) for y in ys] + [Rule(x, ys[0], x, ys[-1]) for x in xs]


def test_a_frame_around_a_text_is_no_table() -> None:
    made = page(*[(0, FULL)] * 10)
    made.rules = _grid([70.0, 90.0, 530.0], [140.0, 450.0])
    assert text(made) == [FULL * 10]


def test_cells_may_be_empty_and_of_several_lines() -> None:
    made = PageMarks(width=600, height=842)
    made.rules = _grid([80, 180, 280, 380], [100, 160, 220])
    for x, y, cell in (
        (85, 105, "执法"),
        (85, 125, "事项"),
        (285, 110, "件数"),
        (85, 170, "处罚"),
        (185, 170, "12"),
    ):
        for at, character in enumerate(cell):
            made.glyphs.append(Glyph(character, x + 12 * at, x + 12 * at + 12, y, y + 12))
    assert text(made) == ["执法事项\t\t件数", "处罚\t12"]


@given(
    st.lists(
        st.tuples(st.text(max_size=1), *[st.floats(-50, 900, width=32)] * 2, st.floats(0, 40)), max_size=60
    )
)
def test_any_marks_give_a_text_with_every_character(marks: list[tuple[str, float, float, float]]) -> None:
    made = PageMarks(width=595, height=842)
    made.glyphs = [Glyph("法", x, x + size, y, y + size) for _, x, y, size in marks]
    made.rules = [Rule(x, y, x + size, y) for _, x, y, size in marks] + [
        Rule(x, y, x, y + size) for _, x, y, size in marks
    ]
    read = flow.text_of([made])  # once: reading takes the marks off the page
    assert set(read) <= set("法 \t\n")
    assert bool(read) == bool(marks)


def test_radicals_become_the_characters_they_stand_for() -> None:
    assert lines.paragraph("⼀⻓⻔⽅\u200b　法\u00ad治") == "一长门方 法治"


def test_broken_words_get_their_space_back() -> None:
    assert lines.glue("rule of", "law") == "rule of law"
    assert lines.glue("法治", "政府") == "法治政府"
    assert lines.glue("2024", "年") == "2024年"
    assert lines.glue("12", "345") == "12345"
