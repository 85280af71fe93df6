"""The ways into a portal that does not answer as declared: its other scheme, its new address, its old TLS."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from archive.records import FetchRecord, Outcome
from crawler.probe_session import Look
from crawler.session import SILENT, STOPPING
from crawler.site import Site
from crawler.site_file import TLS_WAYS, host_of, twins

_TLS = re.compile(r"\bTLS\b|certificate", re.IGNORECASE)
"""How :func:`crawler.tls.explain` begins every failure of TLS."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One attempt to get in."""

    home: str
    tls: str
    outcome: str
    detail: str | None
    final: str | None
    """Where the home page's redirects ended, if elsewhere."""


def enter(
    site: Site, look: Callable[[Site], Look], *, allowed: Collection[str] = ()
) -> tuple[Look, list[Way]]:
    """Looks at a portal; where nothing can be read, once more in each other way that may work.

    A refusal (challenge, rate limit) is an answer: nothing else is tried. The other ways only show what a site file
    would have to declare; a TLS exception found here is used by no run unless a person keeps it.

    Args:
        site: As declared.
        look: Looks once.
        allowed: Hosts outside ``.gov.cn`` to which the portal may have moved.

    Returns:
        The look that got in, else the first one; and every attempt in order.
    """
    first = last = look(site)
    ways, tried = [_way(last)], [last]
    failed_tls = bool(_TLS.search(ways[0].detail or ""))
    for other in _others(site, ways[0], allowed):
        if (
            last.read
            or any(seen.fetch.outcome in STOPPING for seen in last.seen)
            or last.stopped == "interrupted"
        ):
            break
        if other.tls != site.tls and not failed_tls:
            continue
        last = look(other)
        ways.append(_way(last))
        tried.append(last)
        failed_tls = failed_tls or bool(_TLS.search(ways[-1].detail or ""))
    chosen = last if last.read else first
    before = tuple(one for one in tried if one is not chosen)
    return replace(chosen, further=before), ways


def _others(site: Site, first: Way, allowed: Collection[str]) -> Iterator[Site]:
    if first.outcome == Outcome.MOVED and first.final is not None:
        host = host_of(first.final)
        if f".{host.partition(':')[0]}".endswith(".gov.cn") or host in allowed:
            parts = urlsplit(first.final)
            yield _at(site, f"{parts.scheme}://{parts.netloc.lower()}/", (*site.hosts, *twins(host)))
        return
    parts = urlsplit(site.home_url)
    if first.outcome not in {*SILENT, Outcome.HTTP_ERROR, Outcome.GONE} or parts.port is not None:
        return
    other = "http" if parts.scheme == "https" else "https"
    yield _at(site, f"{other}://{site.home_url.partition('://')[2]}", site.hosts)
    secure = _at(site, f"https://{site.home_url.partition('://')[2]}", site.hosts)
    for way in TLS_WAYS:
        if way not in {"strict", site.tls}:
            yield replace(secure, tls=way)


def _at(site: Site, home: str, hosts: tuple[str, ...]) -> Site:
    """The site from another home page; addresses on its own host follow its scheme."""
    scheme = home.partition("://")[0]
    own = twins(host_of(site.home_url))
    hubs = [
        home
        if url == site.home_url
        else f"{scheme}://{url.partition('://')[2]}"
        if host_of(url) in own
        else url
        for url in site.hubs
    ]
    return replace(site, home_url=home, hosts=tuple(dict.fromkeys(hosts)), hubs=tuple(dict.fromkeys(hubs)))


def _way(look: Look) -> Way:
    home = home_answer(look)
    if home is None:
        return Way(
            home=look.site.home_url, tls=look.site.tls, outcome="not asked", detail=look.stopped, final=None
        )
    final = home.final_url if home.final_url not in {None, home.requested_url} else None
    return Way(
        home=look.site.home_url,
        tls=look.site.tls,
        outcome=home.outcome.value,
        detail=home.detail,
        final=final,
    )


def home_answer(look: Look) -> FetchRecord | None:
    """The answer of the home page, else the first one."""
    answers = [seen.fetch for seen in look.seen]
    own = [fetch for fetch in answers if fetch.requested_url == look.site.home_url]
    return next(iter(own or answers), None)
