"""Excel files: each row of each visible sheet one line, cells joined by tabs, numbers as they are shown."""

from __future__ import annotations

import datetime
import io
import warnings as python_warnings
from collections.abc import Sequence
from typing import Any

import openpyxl

from crawler.extract.documents import lines
from crawler.extract.documents.model import Budget, Content, Fault, Unreadable
from crawler.extract.documents.package import Package, parse

_TICK = 500
_MAX_GAP = 10_000
"""Empty rows after which a sheet is taken to have ended; a cell in the last of a million rows is a trap or a slip."""
_SHOWN_DIGITS = 12


def read(body: bytes, budget: Budget) -> Content:
    """Reads an Excel file.

    Raises:
        Unreadable: damaged, a bomb, or larger than any report's tables.
    """
    with Package(body, budget) as package:
        for name in package.names:  # openpyxl trusts what it unpacks: look first
            if name.endswith((".xml", ".rels")):
                parse(package.read(name), name)
    out: list[str] = []
    notes: list[str] = []
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")  # about styles and extensions it does not know
            book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        try:
            sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            hidden = len(book.worksheets) - len(sheets)
            if hidden:
                notes.append(f"{hidden} hidden sheets left out")
            cells = 0
            for sheet in sheets:
                found, used = _sheet(sheet, budget, budget.limits.cells - cells)
                cells += used
                if found and len(sheets) > 1:
                    out.append(lines.paragraph(sheet.title))
                out += found
        finally:
            book.close()
    except Unreadable:
        raise
    except (
        Exception
    ) as error:  # openpyxl lets through KeyError, ValueError, TypeError … of what is not in order
        raise Unreadable(Fault.DAMAGED, f"no whole workbook ({type(error).__name__})") from error
    return Content(text=lines.joined(out), warnings=tuple(notes))


def _sheet(sheet: Any, budget: Budget, left: int) -> tuple[list[str], int]:  # noqa: ANN401 - openpyxl has no types
    sheet.reset_dimensions()
    out: list[str] = []
    used = gap = 0
    for at, row in enumerate(sheet.iter_rows()):
        if at % _TICK == 0:
            budget.tick()
        used += len(row)
        if used > left:
            raise Unreadable(Fault.TOO_LARGE, f"more than {budget.limits.cells} cells")
        line = lines.row([_shown(cell) for cell in row])
        gap = 0 if line else gap + 1
        if gap > _MAX_GAP:
            break
        if line:
            out.append(line)
    return _trimmed(out), used


def _trimmed(rows: Sequence[str]) -> list[str]:
    """Without the columns that are empty in every row before the first that is not."""
    lead = min((len(row) - len(row.lstrip("\t")) for row in rows), default=0)
    return [row[lead:] for row in rows]


def _shown(cell: Any) -> str:  # noqa: ANN401 - openpyxl has no types
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return _number(value, str(cell.number_format or ""))
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    return str(value)


def _number(value: float, number_format: str) -> str:
    pattern = number_format.partition(";")[0]
    decimals = len(pattern.partition(".")[2].split("%")[0].rstrip('" _)-')) if "." in pattern else 0
    if "%" in pattern:
        return f"{value * 100:.{decimals}f}%"
    if pattern.strip("#,0.") == "" and pattern not in ("", "General"):
        return f"{value:.{decimals}f}"
    if isinstance(value, int) or value.is_integer():
        return str(int(value))
    return f"{value:.{_SHOWN_DIGITS}g}"
