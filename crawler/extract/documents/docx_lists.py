"""Which list a paragraph of a Word file belongs to, and how that list is printed (word/numbering.xml)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from lxml import etree

from crawler.extract.documents.lists import LEVELS, Counters, Level
from crawler.extract.documents.ooxml import attribute, child, local, number, related, value
from crawler.extract.documents.package import Package

_SPACES = {"space": " ", "nothing": "", "tab": ""}
_MAX_BASED_ON = 20
"""Styles are based on styles; a circle must end."""


@dataclass(frozen=True, kw_only=True)
class _List:
    family: str
    levels: tuple[Level, ...]
    starts: dict[int, int]


@dataclass(kw_only=True)
class Numbering:
    """The lists of one document, counted while its paragraphs are passed in order."""

    lists: dict[str, _List] = field(default_factory=dict)
    styles: dict[str, tuple[str | None, int]] = field(default_factory=dict)
    """For each paragraph style: the list it numbers with and its level."""
    default_style: str | None = None
    counters: Counters = field(default_factory=Counters)

    @classmethod
    def of(cls, package: Package, part: str) -> Self:
        """Reads the numbering and the styles that belong to a document part.

        Raises:
            Unreadable: one of the parts is damaged or a bomb.
        """
        found = cls()
        numbering, styles = related(package, part, "numbering"), related(package, part, "styles")
        if numbering is not None:
            found.lists = _lists(package.xml(numbering))
        if styles is not None and found.lists:
            found._read_styles(package.xml(styles))
        return found

    def label(self, paragraph: etree._Element) -> str:
        """The number before a paragraph, empty if it has none."""
        if not self.lists:
            return ""
        properties = child(paragraph, "pPr")
        style = value(properties, "pStyle") or self.default_style
        list_id, level = self.styles.get(style or "", (None, 0))
        own = child(properties, "numPr") if properties is not None else None
        if own is not None:
            list_id = value(own, "numId") or list_id
            own_level = number(value(own, "ilvl"))
            level = level if own_level is None else own_level
        chosen = self.lists.get(list_id or "")
        if chosen is None or list_id is None:
            return ""
        return self.counters.label(
            family=chosen.family, instance=list_id, level=level, levels=chosen.levels, starts=chosen.starts
        )

    def _read_styles(self, root: etree._Element) -> None:
        direct: dict[str, tuple[str | None, int | None]] = {}
        parents: dict[str, str] = {}
        for style in root:
            name = attribute(style, "styleId")
            if local(style) != "style" or attribute(style, "type") != "paragraph" or name is None:
                continue
            if attribute(style, "default") in ("1", "true", "on"):
                self.default_style = name
            properties = child(style, "pPr")
            own = child(properties, "numPr") if properties is not None else None
            if own is not None:
                direct[name] = (value(own, "numId"), number(value(own, "ilvl")))
            parents[name] = value(style, "basedOn") or ""
        for name in parents:
            list_id, level, at = None, None, name
            for _ in range(_MAX_BASED_ON):
                own_list, own_level = direct.get(at, (None, None))
                list_id = own_list if list_id is None else list_id
                level = own_level if level is None else level
                at = parents.get(at, "")
                if not at:
                    break
            if list_id is not None:
                self.styles[name] = (list_id, level or 0)


def _lists(root: etree._Element) -> dict[str, _List]:
    abstract: dict[str, tuple[Level, ...]] = {}
    linked: dict[str, str] = {}
    by_style: dict[str, str] = {}
    for element in root:
        name = attribute(element, "abstractNumId")
        if local(element) == "abstractNum" and name is not None:
            abstract[name] = _levels(element)
            style, link = value(element, "styleLink"), value(element, "numStyleLink")
            if style:
                by_style[style] = name
            if link:
                linked[name] = link
    found: dict[str, _List] = {}
    for element in root:
        name, family = attribute(element, "numId"), value(element, "abstractNumId")
        if local(element) != "num" or name is None or family is None:
            continue
        family = by_style.get(linked.get(family, ""), family)
        levels, starts = list(abstract.get(family, ())), {}
        for override in element:
            place = number(attribute(override, "ilvl"))
            if local(override) != "lvlOverride" or place is None or not 0 <= place < len(levels):
                continue
            whole = child(override, "lvl")
            if whole is not None:
                levels[place] = _level(whole)
            start = number(value(override, "startOverride"))
            if start is not None:
                starts[place] = start
        found[name] = _List(family=family, levels=tuple(levels), starts=starts)
    return found


def _levels(abstract: etree._Element) -> tuple[Level, ...]:
    levels = [Level()] * LEVELS
    for element in abstract:
        place = number(attribute(element, "ilvl"))
        if local(element) == "lvl" and place is not None and 0 <= place < LEVELS:
            levels[place] = _level(element)
    return tuple(levels)


def _level(element: etree._Element) -> Level:
    start = number(value(element, "start"))
    legal = child(element, "isLgl")
    number_format = value(element, "numFmt")
    if number_format is None:  # formats newer than the standard stand inside mc:AlternateContent
        inner = next(iter(element.iter("{*}numFmt")), None)
        number_format = attribute(inner, "val") if inner is not None else None
    return Level(
        number_format=number_format or "decimal",
        text=value(element, "lvlText") or "",
        start=1 if start is None else start,
        restart=number(value(element, "lvlRestart")),
        legal=legal is not None and attribute(legal, "val") not in ("0", "false", "off"),
        space=_SPACES.get(value(element, "suff") or "tab", ""),
    )
