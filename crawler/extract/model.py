"""What reading a page yields: values with their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One place that says something about a field."""

    value: str
    """Normalised value (dates as ISO)."""
    where: str
    """``meta ArticleTitle``, ``h1``, ``publish line``, ``url``, ``signature``, ``footer`` …"""
    raw: str
    """As printed, at most 200 characters."""


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """One reading of one page. Pure: depends on nothing but the bytes and the hints given."""

    text: str
    """Body, one paragraph a line, table cells joined by tabs; empty if none was found."""
    title: str | None = None
    published: date | None = None
    source: str | None = None
    """The issuer as printed (来源, ContentSource)."""
    column: str | None = None
    site_id_code: str | None = None
    """网站标识码, ten characters."""
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    """Per field name everything seen, the decisive one first."""
    charset: str = "utf-8"
    container: str | None = None
    """Which body container was taken, or ``trafilatura``."""
    warnings: tuple[str, ...] = ()
