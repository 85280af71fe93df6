"""The texts the corpus is made of: our own sample portal's reports, shortened, and a few made for one trap each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.sample.portal import reports

Table = tuple[tuple[str, ...], ...]

FIGURES: Table = (
    ("序号", "执法事项", "件数", "占比", "备注"),
    ("1", "行政处罚", "128", "41.3%", "其中当场处罚36件"),
    ("2", "行政检查", "1,046", "52.6%", ""),
    ("3", "行政强制", "9", "0.5%", "均已结案"),
    ("合计", "—", "1,183", "100%", "较上年减少4.2%"),
)


@dataclass(frozen=True)
class Report:
    """A report in parts, as its author would set them."""

    title: str
    body: tuple[str, ...]
    """Salutation, headings and paragraphs."""
    closing: tuple[str, ...]
    """Signature and date, set to the right."""
    table: Table = ()

    @property
    def lines(self) -> tuple[str, ...]:
        rows = tuple("\t".join(row).rstrip("\t") for row in self.table)
        return (self.title, *self.body, *rows, *self.closing)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def report(number: int, characters: int = 1100, table: Table = ()) -> Report:
    """The number-th report of the sample portal, cut to about so many characters; its end kept."""
    found = reports()[number]
    lines = [
        line for line in found.text.split("\n") if line and "\t" not in line and line not in found.optional
    ]
    closing = [line for line in lines[-3:] if len(line) < 30 and not line.endswith(("。", "："))]
    body = lines[: len(lines) - len(closing)]
    taken: list[str] = []
    for line in body:
        taken.append(line)
        if sum(map(len, taken)) > characters:
            break
    return Report(" ".join(found.title.split()), tuple(taken), tuple(closing), table)


def is_heading(line: str) -> bool:
    return len(line) < 45 and not line.endswith(("。", "：", "；")) and line[:1] in "一二三四五六七八九（("


def rows(table: Sequence[Sequence[str]]) -> list[str]:
    return ["\t".join(row).rstrip("\t") for row in table]
