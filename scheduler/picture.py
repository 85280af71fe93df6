"""A simulated stretch of time as a table, as bars of text and as a picture (SVG)."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

from archive.terminal import counted

if TYPE_CHECKING:
    from scheduler.simulate import Simulation

_BARS = " ▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _MARGIN = 1100, 260, 46


def table(simulation: Simulation) -> str:
    """Months with their visits, and a bar for each day."""
    lines = [
        f"{_amount(simulation)} from {simulation.begins} to {simulation.ends}: "
        + ", ".join(f"{name} {n}" for name, n in simulation.by_reason.most_common()),
        "",
        f"{'month':<8} {'visits':>8} {'portals':>8} {'a portal: least':>16} {'median':>7} {'most':>5}  busiest day",
    ]
    most = max(simulation.by_day.values(), default=0)
    for row in simulation.months():
        lines.append(
            f"{row['month']:<8} {row['visits']:>8} {row['portals']:>8} {row['least']:>16} {row['median']:>7} "
            f"{row['most']:>5}  {row['busiest_day']} ({row['busiest']})"
        )
    lines += ["", f"visits a day, a line a month (█ is {most})"]
    for row in simulation.months():
        days = sorted(day for day in simulation.by_day if f"{day:%Y-%m}" == row["month"])
        bars = [" "] * 31
        for day in days:
            bars[day.day - 1] = _BARS[max(1, round(simulation.by_day[day] / most * (len(_BARS) - 1)))]
        lines.append(f"{row['month']:<8} {''.join(bars).rstrip()}")
    return "\n".join(lines) + "\n"


def svg(simulation: Simulation) -> str:
    """Bars, one a day, with the months below and the visits at the left."""
    days = max(1, (simulation.ends - simulation.begins).days)
    most = max(simulation.by_day.values(), default=1)
    width, height = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
    step = width / days
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
            'font-size="11">'
        ),
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_MARGIN}" y="20">{escape(_title(simulation))}</text>',
    ]
    for share in (0.5, 1.0):
        y = _MARGIN + height * (1 - share)
        parts.append(
            f'<line x1="{_MARGIN}" x2="{_WIDTH - _MARGIN}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        )
        parts.append(
            f'<text x="{_MARGIN - 6}" y="{y + 4:.1f}" text-anchor="end">{round(most * share)}</text>'
        )
    for n in range(days):
        day = simulation.begins + timedelta(days=n)
        x = _MARGIN + n * step
        if day.day == 1:
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_MARGIN}" y2="{_HEIGHT - 30}" stroke="#eee"/>'
            )
            parts.append(f'<text x="{x + 2:.1f}" y="{_HEIGHT - 30}">{day:%Y-%m}</text>')
        if found := simulation.by_day.get(day, 0):
            tall = height * found / most
            parts.append(
                f'<rect x="{x:.1f}" y="{_MARGIN + height - tall:.1f}" width="{max(0.4, step * 0.9):.2f}" '
                f'height="{tall:.1f}" fill="#28527a"><title>{day}: {found}</title></rect>'
            )
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _title(simulation: Simulation) -> str:
    return f"Visits a day, {simulation.begins} to {simulation.ends}: {_amount(simulation)}"


def _amount(simulation: Simulation) -> str:
    return f"{counted(simulation.portals, 'portal')}, {counted(simulation.visits, 'visit')}"
