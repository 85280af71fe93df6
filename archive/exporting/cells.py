"""Values as the files of an export hold them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from archive.exporting.tables import Column, Kind

GUARD = "'"

_LIKE_A_FORMULA = re.compile("['\t\r\n]|[\\s\u00ad\u200b-\u200f\u2060\ufeff]*[=+\\-@＝＋－＠]")
"""What a spreadsheet may take for the beginning of a formula (OWASP, "CSV Injection"): tab, line ends and the four
signs, also behind white space or invisible characters; full-width signs, which East Asian locales fold."""
_SPECIAL = re.compile("[\x00-\x1f\x7f-\x9f\",]|^[\\s'\u00ad\u200b-\u200f\u2060\ufeff=+\\-@＝＋－＠]| $|^$")
"""What a cell holds that is not written as it stands: one look for the many that are."""
_QUOTED = re.compile('[",\r\n]|^ | $|^$')
_STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HIDING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


def guard(text: str) -> str:
    """A text that no spreadsheet runs: led by an apostrophe if it begins like a formula, or with an apostrophe.

    ``unguard`` gives the text back.
    """
    return GUARD + text if _LIKE_A_FORMULA.match(text) else text


def unguard(cell: str) -> str:
    """What ``guard`` was given."""
    return cell.removeprefix(GUARD)


def signs(text: str) -> str:
    """Control characters other than tab and line ends as their signs (ESC ␛): printed, the text steers nothing."""
    return _STEERING.sub(_sign, text)


class CsvRows:
    """Rows of RFC 4180: a null is an empty field, an empty text a quoted one; no control characters."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column.name for column in columns]
        self._cells = [(column.name, _writer(column.kind)) for column in columns]

    def head(self) -> str:
        """The line that names the columns."""
        return ",".join(self._names) + "\r\n"

    def line(self, row: Mapping[str, Any]) -> str:
        """One row."""
        # A million reports have some hundred million cells: nothing is decided twice here.
        return (
            ",".join(["" if row[name] is None else write(row[name]) for name, write in self._cells]) + "\r\n"
        )


def _writer(kind: Kind) -> Callable[[Any], str]:
    if kind is Kind.TEXT:
        return _text_cell
    if kind is Kind.JSON:
        return lambda value: _quoted(signs(json_text(value)))
    if kind is Kind.BOOLEAN:
        return lambda value: "true" if value else "false"
    if kind is Kind.INTEGER:
        return str
    return lambda value: str(plain(value, kind))


def _text_cell(value: Any) -> str:  # noqa: ANN401
    text = value if isinstance(value, str) else str(plain(value, Kind.TEXT))
    return _quoted(guard(signs(text))) if _SPECIAL.search(text) else text


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def plain(value: Any, kind: Kind, *, nested: bool = True) -> Any:  # noqa: ANN401
    """A value as JSON has it: dates and times as ISO text (UTC, six decimals, Z), decimals as numbers.

    Args:
        value: as the archive's views give it.
        kind: of its column.
        nested: keep lists and objects; otherwise they become JSON text.
    """
    if value is None or (isinstance(value, str) and kind is not Kind.JSON):
        return value
    if kind is Kind.TIME:
        moment: datetime = value
        return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"
    if kind is Kind.DATE:
        printed: date = value
        return printed.isoformat()
    if kind is Kind.NUMBER:
        return number(value)
    if kind is Kind.BOOLEAN:
        return bool(value)
    if kind is Kind.JSON:
        return value if nested else json_text(value)
    if isinstance(value, tuple):  # standard parts
        return "+".join(map(str, value))
    return value


def number(value: Decimal) -> int | float:
    """An integer if it is whole, else a float: both databases keep 15 digits, which a float gives back."""
    return int(value) if value == value.to_integral_value() else float(value)


def json_text(value: object) -> str:
    """JSON in one line; characters that steer a terminal, reorder or hide text are escaped, Chinese is not."""
    said = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return _HIDING.sub(lambda found: f"\\u{ord(found.group()):04x}", said)


def _sign(found: re.Match[str]) -> str:
    code = ord(found.group())
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"<U+{code:04X}>"
