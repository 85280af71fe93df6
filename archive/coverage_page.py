"""Coverage as one page: the matrix as a picture, its numbers as text, nothing loaded from anywhere.

The page needs no network and no script, and its own policy forbids both. Colours are those of Okabe and Ito, which
colour-blind people tell apart, and every cell has a letter besides.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from archive.coverage_cells import Cell, CellState, Counts, Coverage, Evidence, Place, Row
from archive.coverage_table import SIGNS, label
from archive.errors import UsageError
from archive.terminal import one_line

MOST_CELLS = 60_000
"""Cells in one page: about 30 MB, which a browser still shows."""
_LABEL, _WIDTH, _HEIGHT, _HEAD, _BAR = 190, 44, 22, 20, 200
_NAME_CHARACTERS = 13
_TITLE_CHARACTERS = 400
_COLOURS = {
    CellState.ON_TIME: ("#009e73", "#ffffff"),
    CellState.LATE: ("#e69f00", "#000000"),
    CellState.UNDATED: ("#56b4e9", "#000000"),
    CellState.JOINT: ("#9adbc8", "#000000"),
    CellState.WITHDRAWN: ("#b34700", "#ffffff"),
    CellState.GONE: ("#f2b48a", "#000000"),
    CellState.QUARANTINED: ("#cc79a7", "#000000"),
    CellState.DOUBTFUL: ("#f0dbe6", "#000000"),
    CellState.SAYS_NONE: ("#2b2b2b", "#ffffff"),
    CellState.NOT_FOUND: ("#a6a6a6", "#000000"),
    CellState.BLOCKED: ("#0072b2", "#ffffff"),
    CellState.NEVER_TRIED: ("#ffffff", "#767676"),
    CellState.NOT_DUE: ("#f3f3f3", "#767676"),
}
"""Fill and letter of each state: Okabe and Ito's palette, lighter shades for the weaker finding of a kind."""

_STYLE = """
:root{color-scheme:light}
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:#1a1a1a;
background:#fff;margin:0 auto;padding:1rem;max-width:60rem}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .1rem}h3{font-size:1rem}
p{margin:.2rem 0 .6rem}a{color:#00508c}
.q,h2 small{color:#595959;font-weight:normal}
ul.l{list-style:none;padding:0;margin:.8rem 0;display:flex;flex-wrap:wrap;gap:.3rem 1.2rem}
ul.l svg{vertical-align:-5px;margin-right:.4rem}
svg.m{display:block;max-width:100%;height:auto}
svg text{font:12px system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;fill:#1a1a1a}
svg text.y{text-anchor:middle;fill:#595959}
svg rect{stroke:#fff;stroke-width:1}
svg text.c{text-anchor:middle;font-weight:600}
svg .f{fill:#1a1a1a;stroke:none}
details{margin:.4rem 0}summary{cursor:pointer;color:#00508c}
.s{overflow-x:auto}
table{border-collapse:collapse;font-size:.85rem;width:100%}
th{word-break:keep-all;overflow-wrap:anywhere}
th,td{border-bottom:1px solid #ddd;padding:.2rem .5rem;text-align:left;vertical-align:top}
td.n{text-align:right;white-space:nowrap}td.b{width:200px}table.b{width:auto}
@media print{body{max-width:none;padding:0;font-size:11px}svg.m,h2,tr{break-inside:avoid}h2{break-after:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}a{color:inherit;text-decoration:none}}
""" + "".join(
    f"rect.{state.value}{{fill:{fill}{';stroke:#767676;stroke-dasharray:2 2' if fill == '#ffffff' else ''}}}"
    f"svg text.{state.value}{{fill:{ink}}}\n"
    for state, (fill, ink) in _COLOURS.items()
)


def page(found: Coverage, *, bodies: bool = True) -> str:
    """The page.

    Args:
        found: what it shows.
        bodies: a line for each body; else one for each place, its cells as shares.

    Raises:
        UsageError: there are more cells than a browser shows.
    """
    cells = sum(len(place.rows) for place in found.places) * len(found.years)
    if bodies and cells > MOST_CELLS:
        raise UsageError(
            f"{cells:,} cells are too many for one page (at most {MOST_CELLS:,}); "
            "narrow it with --province or --year, or take --places"
        )
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    title = escape(_title(found))
    shown = "".join(_place(found, place) for place in found.places) if bodies else _all_places(found)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{title}</title>\n<style>{_STYLE}</style>\n'
        f"</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
        f'<p class="q">法治政府建设年度报告: who owes a report for which year, and what became of it. As of '
        f"{found.today.isoformat()}; due by 31 March of the year after.</p>\n"
        f"<p><strong>{escape(_sentence(found.counts))}.</strong></p>\n"
        f"{_legend(found.counts)}{_by_year(found)}{shown}{_beyond(found)}</main>\n</body>\n</html>\n"
    )


def _title(found: Coverage) -> str:
    provinces = list(dict.fromkeys(place.province or place.name for place in found.places))
    where = (
        _text(found.places[0].name)
        if len(found.places) == 1
        else "、".join(map(_text, provinces[:3])) + ("…" if len(provinces) > 3 else "")
    )
    first, last = found.years[0], found.years[-1]
    return f"Coverage {where} {first if first == last else f'{first}–{last}'}"


# -- pictures ---------------------------------------------------------------------------------------


def _place(found: Coverage, place: Place) -> str:
    name = escape(_text(place.name))
    above = escape(
        _text(" ".join(word for word in (place.province, place.city) if word and word != place.name))
    )
    return (
        f"<section>\n<h2>{name} <small>{above} {escape(place.place)}</small></h2>\n"
        f'<p class="q">{escape(_sentence(place.counts))}</p>\n'
        f"{_matrix(found.years, place)}{_table(found.years, place)}</section>\n"
    )


def _matrix(years: Sequence[int], place: Place) -> str:
    height = _HEAD + _HEIGHT * len(place.rows)
    parts = [_open(years, height, f"Matrix of {place.name}: {_sentence(place.counts)}"), _heads(years)]
    for number, row in enumerate(place.rows):
        top = _HEAD + _HEIGHT * number
        parts.append(_name(label(row), top))
        for column, cell in enumerate(row.cells):
            if cell is not None:
                parts.append(_cell(row, cell, _LABEL + _WIDTH * column, top))
    return "".join([*parts, "</svg>\n"])


def _cell(row: Row, cell: Cell, left: int, top: int) -> str:
    sign, _, words = SIGNS[cell.state]
    said = escape(_short(f"{row.name} {cell.year}: {words}. {cell.reason}"))
    state = cell.state.value
    drawn = (
        f'<g><title>{said}</title><rect class="{state}" x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}"/>'
        f'<text class="c {state}" x="{left + _WIDTH // 2}" y="{top + 15}">{escape(sign)}</text></g>'
    )
    url = cell.reports[0].url if cell.reports else ""
    return f'<a href="{escape(url)}">{drawn}</a>\n' if _is_web(url) else f"{drawn}\n"


def _all_places(found: Coverage) -> str:
    parts = []
    for province, group in groupby(found.places, key=lambda place: place.province):
        places = list(group)
        name = escape(_text(province or "no province"))
        height = _HEAD + _HEIGHT * len(places)
        parts.append(f"<section>\n<h2>{name}</h2>\n{_open(found.years, height, f'Places of {province}')}")
        parts.append(_heads(found.years))
        for number, place in enumerate(places):
            top = _HEAD + _HEIGHT * number
            parts.append(_name(place.name, top))
            for column, year in enumerate(found.years):
                cells = [cell for row in place.rows if (cell := row.cells[column]) is not None]
                said = f"{place.name} {year}"
                parts.append(_share(cells, said, _LABEL + _WIDTH * column, top, _WIDTH, _HEIGHT))
        parts.append(f"</svg>\n{_place_table(places)}</section>\n")
    return "".join(parts)


def _share(cells: Iterable[Cell], said: str, left: float, top: int, width: int, height: int) -> str:
    """A bar whose parts are the states, in the order of the legend."""
    number = Counter(cell.state for cell in cells)
    total = sum(number.values())
    words = ", ".join(f"{number[state]} {SIGNS[state][2]}" for state in CellState if number[state])
    drawn = [f"<g><title>{escape(_short(f'{said}: {words}'))}</title>"]
    for state in CellState:
        if part := number[state]:
            wide = width * part / total
            drawn.append(
                f'<rect class="{state.value}" x="{left:.2f}" y="{top}" width="{wide:.2f}" height="{height}"/>'
            )
            left += wide
    return "".join([*drawn, "</g>\n"]) if total else ""


def _by_year(found: Coverage) -> str:
    """A bar for each year beside its numbers."""
    lines = []
    for number, year in enumerate(found.years):
        cells = [
            cell for place in found.places for row in place.rows if (cell := row.cells[number]) is not None
        ]
        state = Counter(cell.state for cell in cells)
        words = ", ".join(f"{state[one]:,} {SIGNS[one][2]}" for one in CellState if state[one])
        bar = (
            f'<svg class="m" aria-hidden="true" width="{_BAR}" height="16" viewBox="0 0 {_BAR} 16">'
            f"{_share(cells, str(year), 0, 0, _BAR, 16)}</svg>"
        )
        lines.append(
            f'<tr><th scope="row">{year}</th><td class="b">{bar}</td>'
            f"<td>{escape(words or 'nothing was owed')}</td></tr>\n"
        )
    return f'<div class="s"><table class="b">{"".join(lines)}</table></div>\n'


def _open(years: Sequence[int], height: int, said: str) -> str:
    width = _LABEL + _WIDTH * len(years)
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'<svg class="m" role="img" aria-label="{escape(_text(said))}" {size}>\n'


def _heads(years: Sequence[int]) -> str:
    return "".join(
        f'<text class="y" x="{_LABEL + _WIDTH * column + _WIDTH // 2}" y="14">{year}</text>'
        for column, year in enumerate(years)
    )


def _name(name: str, top: int) -> str:
    whole = _text(name)
    shown = whole if len(whole) <= _NAME_CHARACTERS else f"{whole[: _NAME_CHARACTERS - 1]}…"
    return f'<g><title>{escape(_short(whole))}</title><text x="0" y="{top + 15}">{escape(shown)}</text></g>'


def _legend(counts: Counts) -> str:
    items = []
    for state, number in counts.by_state.items():
        sign, _, words = SIGNS[state]
        items.append(
            f'<li><svg width="22" height="20" aria-hidden="true"><rect class="{state.value}" width="22" height="20"/>'
            f'<text class="c {state.value}" x="11" y="14">{escape(sign)}</text></svg>{escape(words)} ({number:,})</li>'
        )
    return f'<ul class="l">{"".join(items)}<li>no cell: nothing was owed</li></ul>\n'


# -- tables -----------------------------------------------------------------------------------------


def _table(years: Sequence[int], place: Place) -> str:
    lines = []
    for row in place.rows:
        name = f'<th scope="row">{escape(_short(label(row)))}</th>'
        for cell in row.cells:
            if cell is not None:
                lines.append(
                    f'<tr>{name}<td class="n">{cell.year}</td><td>{escape(SIGNS[cell.state][2])}</td>'
                    f"<td>{escape(_short(cell.reason))}{_links(cell.reports)}</td></tr>\n"
                )
    head = "".join(f'<th scope="col">{word}</th>' for word in ("body", "year", "state", "because"))
    return (
        f'<details><summary>The same as a table ({len(lines)} cells)</summary>\n<div class="s"><table>'
        f"<thead><tr>{head}</tr></thead>\n<tbody>{''.join(lines)}</tbody></table></div></details>\n"
    )


def _place_table(places: Sequence[Place]) -> str:
    lines = [
        f'<tr><th scope="row">{escape(_short(place.name))}</th><td>{escape(_sentence(place.counts))}</td></tr>\n'
        for place in places
    ]
    return (
        f'<details><summary>The same as a table ({len(lines)} places)</summary>\n<div class="s"><table>'
        f"{''.join(lines)}</table></div></details>\n"
    )


def _links(reports: Iterable[Evidence]) -> str:
    return "".join(
        f' <a href="{escape(evidence.url)}">{escape(_short(evidence.title))}</a>'
        if _is_web(evidence.url)
        else f" {escape(_short(evidence.title))}"
        for evidence in reports
    )


def _beyond(found: Coverage) -> str:
    parts = []
    if found.strangers:
        lines = [
            f'<tr><th scope="row">{escape(_text(stranger.name))}</th><td>{escape(stranger.code or "")}</td>'
            f"<td>{escape(_text(stranger.portal_key))}</td><td>{escape(stranger.why)}{_links(stranger.reports)}</td></tr>\n"
            for stranger in found.strangers
        ]
        parts.append(_section("Publishers without a cell", lines))
    loose = [
        f'<tr><th scope="row">{escape(_text(row.name))}</th><td>{_links(row.undated_year)}</td></tr>\n'
        for place in found.places
        for row in place.rows
        if row.undated_year
    ]
    if loose:
        parts.append(_section("Reports of no known year", loose))
    if found.unassigned:
        lines = [f"<tr><td>{_links([evidence])}</td></tr>\n" for evidence in found.unassigned]
        parts.append(_section("Reports of no known publisher", lines))
    return "".join(parts)


def _section(title: str, lines: Sequence[str]) -> str:
    return (
        f'<section>\n<h2>{title} <small>{len(lines)}</small></h2>\n<div class="s"><table>'
        f"{''.join(lines)}</table></div></section>\n"
    )


def _sentence(counts: Counts) -> str:
    parts = ", ".join(f"{number:,} {SIGNS[state][2]}" for state, number in counts.by_state.items())
    share = counts.share_on_time
    if share is None:
        return parts or "nothing was owed"
    return f"{counts.on_time:,} of {counts.due:,} due were published on time ({share:.0%}): {parts}"


def _text(words: str) -> str:
    """Words from outside: nothing in them reorders or hides text."""
    return one_line(words)


def _short(words: str) -> str:
    whole = _text(words)
    return whole if len(whole) <= _TITLE_CHARACTERS else f"{whole[:_TITLE_CHARACTERS]}…"


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://"))
