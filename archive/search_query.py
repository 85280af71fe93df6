"""What is asked: words and phrases, filters; and whether a text answers it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import sqlalchemy as sa

from archive import references, schema
from archive.search_match import length, pattern
from archive.search_tokens import LEVELS, TOP, Tokens, exact, keys, level, levelled, occurrences
from archive.segment import fold
from archive.text import clean

MOST_KEYS = 32
"""Tokens looked up for one query: beyond these the text itself decides."""

_WORD = re.compile(r'"([^"]*)(?:"|$)|“([^”]*)(?:”|$)|「([^」]*)(?:」|$)|(\S+)')


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase that has to stand in the text."""

    folded: str
    keys: tuple[str, ...]
    """Tokens that every text with the word has; none for marks alone."""
    exact: bool
    """True: the texts with the token are those with the word."""

    @property
    def single(self) -> bool:
        """True for a single character, which no level is kept of."""
        return len(self.folded) == 1


@dataclass(frozen=True, slots=True)
class Query:
    """The words that have to stand in a text, all of them."""

    words: tuple[Word, ...]

    @property
    def exact(self) -> bool:
        """True if the index alone tells the texts."""
        return all(word.exact for word in self.words) and len(self.words) <= MOST_KEYS

    @property
    def ranks(self) -> bool:
        """True if the texts can differ in rank: single characters have none."""
        return any(not word.single for word in self.words)

    @property
    def indexed(self) -> bool:
        """True if the index narrows the search at all."""
        return any(word.keys for word in self.words)

    def keys(self, reached: int) -> Tokens:
        """Tokens of every text in which each word has at least this level."""
        plain: list[str] = []
        marked: list[str] = []
        for word in self.words:
            for key in word.keys:
                if reached and len(key) > 1:
                    marked.append(levelled(key, reached))
                else:
                    (plain if len(key) <= 2 else marked).append(key)
        marked = marked[:MOST_KEYS]
        return Tokens(frozenset(plain[: MOST_KEYS - len(marked)]), frozenset(marked))

    def stands_in(self, content: str) -> bool:
        """True if all words stand in the text."""
        unsure = []
        for word in self.words:
            stands = pattern(word.folded).stands_in(content)
            if stands is False:
                return False
            if stands is None:
                unsure.append(word.folded)
        folded = fold(content) if unsure else ""
        return all(word in folded for word in unsure)

    def level(self, content: str) -> int | None:
        """The level of the word that is least prominent in the text; None if one does not stand there."""
        told = [pattern(word.folded).times(content) for word in self.words]
        if 0 in told:
            return None
        if None not in told:
            ranking = [times or 0 for word, times in zip(self.words, told, strict=True) if not word.single]
            if not ranking:
                return TOP
            if min(ranking) < LEVELS[0]:  # in a text of whatever length
                return 0
            lowest, highest = (level(min(ranking), characters) for characters in reversed(length(content)))
            if lowest == highest:
                return lowest
        folded = fold(content)
        counted = [occurrences(folded, word.folded) for word in self.words]
        if 0 in counted:
            return None
        return min(
            (
                level(times, len(folded))
                for word, times in zip(self.words, counted, strict=True)
                if not word.single
            ),
            default=TOP,
        )


def parse(query: str) -> Query:
    """Words are separated by white space; what stands in quotation marks is one phrase.

    Every string is a query: quotation marks that are not closed end with it. One without any letter,
    digit or mark has no words.
    """
    found = ("".join(part or "" for part in match.groups()) for match in _WORD.finditer(clean(query)))
    folded = dict.fromkeys(word for word in map(fold, found) if word)
    return Query(tuple(_word(word) for word in folded))


def _word(folded: str) -> Word:
    return Word(folded, tuple(keys(folded)), exact(folded))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which reports, and what of their texts, are searched."""

    portal: str | None = None
    """Key of the portal."""
    place: str | None = None
    """Part of the portal's name, or the beginning of its division code."""
    level: str | None = None
    """Level of the publisher; of the portal, where no publisher of the report has one."""
    year: int | None = None
    """The year reported on."""
    publisher: str | None = None
    """Part of a publisher's name, or its code."""
    kind: str | None = None
    """Kind of report."""
    state: str | None = None
    """State of the report, see ``archive.states.DocumentState``."""
    part: int | None = None
    """Every word has to stand in a section of this standard part."""
    history: bool = False
    """Earlier texts too, not only those that stand there now."""

    def reports(self) -> sa.Select[tuple[int]] | None:
        """Selects the numbers of the reports meant; None if all are, the year left aside."""
        given = (self.portal, self.place, self.level, self.publisher, self.kind, self.state)
        if all(value is None for value in given):
            return None
        query = references.reports(portal=self.portal, place=self.place, publisher=self.publisher)
        report = schema.report.c
        if self.kind is not None:
            query = query.where(report.kind == self.kind)
        if self.level is not None:
            query = query.where(_has_level(self.level))
        if self.state is not None:
            query = query.where(_has_state(self.state))
        return query


def _has_level(wanted: str) -> sa.ColumnElement[bool]:
    report, named, publisher, portal = (
        schema.report.c,
        schema.report_publisher.c,
        schema.publisher.c,
        schema.portal.alias("level_of").c,
    )
    levels = (
        sa.select(publisher.level)
        .join(schema.report_publisher, named.publisher_id == publisher.id)
        .where(named.report_id == report.id, publisher.level.is_not(None))
        .correlate(schema.report)
    )
    of_portal = sa.select(portal.level).where(portal.id == report.portal_id).correlate(schema.report)
    return sa.or_(
        levels.where(publisher.level == wanted).exists(),
        sa.and_(~levels.exists(), of_portal.scalar_subquery() == wanted),
    )


_STATES = ("live", "gone", "moved", "withdrawn")
"""A report has the first of these that one of its documents has, as in the view ``reports``."""


def _has_state(wanted: str) -> sa.ColumnElement[bool]:
    document = schema.document.c
    standing = sa.select(document.id).where(document.report_id == schema.report.c.id).correlate(schema.report)
    better = _STATES[: _STATES.index(wanted)] if wanted in _STATES else ()
    return sa.and_(
        standing.where(document.state == wanted).exists(),
        ~standing.where(document.state.in_(better)).exists(),
    )
