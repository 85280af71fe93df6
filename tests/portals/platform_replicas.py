"""One small replica per platform, as data: what each address answers, and what must be read from it.

A module of ``tests/portals`` named in ``MODULES`` exports ``REPLICAS: tuple[PlatformReplica, ...]``, each with at
least three list pages and content of its own. ``tests/crawler/platforms/test_contract.py`` runs every replica
through one list of demands; nothing else has to be written for a further platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module

MODULES: tuple[str, ...] = (
    "trs_wcm", "vsb", "siteserver", "anchors", "epoint",
    "igs", "jsonsearch", "hanweb", "ucap", "gkmlpt", "anhui", "channelsearch",
)  # fmt: skip
"""Modules of ``tests.portals`` that export ``REPLICAS``."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one address answers."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One row of the column."""

    title: str
    """In full, also where the list cuts it."""
    url: str
    date: date | None
    """None where neither the row nor its address tells one."""


@dataclass(frozen=True, kw_only=True)
class PlatformReplica:
    """A column of one platform. Addresses are absolute; a POST is ``url#!post:<form>``."""

    name: str
    """Unique, for the test's name: ``trs``, ``vsb``, ``igs-list`` …"""
    platform: str
    """Name of the platform that must recognise it."""
    answered: tuple[str, ...] = ()
    """Platforms that may read what its interface answers, beside its own."""
    host: str
    column_url: str
    """Where a crawl starts: the address a person knows."""
    answers: Mapping[str, Answer]
    """Everything the host answers; every other address is 404."""
    list_pages: tuple[str, ...]
    """Addresses that bring rows, in the order of the list. The column's own address is the first of them unless its
    rows come from an interface."""
    rows: tuple[Expected, ...]
    """All rows of the column in the order of the list, over all pages, each once."""
    per_page: int
    """Rows on every page but the last."""
    total: int | None
    """Rows as the site states them; None where it does not."""
    page_count: int | None
    """Pages as the site states them; None where it does not."""
    empty: Mapping[str, Answer]
    """Per address of ``list_pages``: the same page with its rows gone, its pager unchanged."""
    article_url: str
    """One article (its ``fetch_url`` if the content comes from an interface); stands in ``answers``."""
    article_text: str
    """A sentence in its middle that must be inside the body."""
    attachments: tuple[str, ...] = ()
    """Absolute addresses of the article's attachments."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Platform options as a site file would give them."""


def replicas() -> tuple[PlatformReplica, ...]:
    """All registered replicas."""
    return tuple(replica for name in MODULES for replica in import_module(f"tests.portals.{name}").REPLICAS)
