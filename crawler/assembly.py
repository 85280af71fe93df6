"""An article put together from all it stands in: its page, scripts that write it, a frame, further pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crawler import frames, multipage, scripted, twins
from crawler.extract import extract
from crawler.extract.documents import DOCUMENTS, by_bytes
from crawler.extract.model import Evidence, Extraction
from crawler.hosts import host_problem
from crawler.platforms.base import Page
from crawler.readjob import ReadJob

LITTLE = 200
"""Chinese characters; no report is that short: a page with fewer may hold its text elsewhere."""
FRAMES_DEEP = 3
_HAN = re.compile(r"[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Assembled:
    """An article as far as its pages are there."""

    taken: Extraction
    pages: tuple[Page, ...]
    """Everything read, in order, with what scripts write into it."""
    more: tuple[str, ...] = ()
    """Addresses still to be fetched, in order; the text is whole only if there are none."""
    framed: tuple[str, ...] = ()
    """Addresses of frames that turned out to hold a document."""
    error: str | None = None
    """Why there is no text, or not the whole."""


def assemble(job: ReadJob, article: Page, containers: Sequence[str]) -> Assembled:
    """Reads an article with the further pages that the job brings along.

    Args:
        job: The answer, with the parts fetched so far.
        article: Its page, as the platform gives it.
        containers: CSS selectors of the platform's article body.
    """
    held = {
        part.requested_url: Page(part.final_url, part.body, part.headers.get("content-type"))
        for part in job.parts
    }
    page, taken = _read(article, job, containers, job.url)
    warnings = list(taken.warnings)
    root, files = page, tuple[str, ...]()
    for _ in range(FRAMES_DEEP):
        framed = None if _han(taken.text) >= LITTLE or frames.documents(root) else frames.body(root)
        if framed is None or host_problem(framed, job.site.hosts) is not None:
            break
        if framed not in held:
            why = f"the text stands in a frame not fetched yet: {framed}"
            return Assembled(taken, (page,), (framed,), error=why)
        if by_bytes(held[framed].body) in DOCUMENTS:
            files = (framed,)
            break
        root, inner = _read(held[framed], job, containers, framed)
        taken = _framed(taken, inner, framed)
        warnings = [*inner.warnings, f"the text stands in a frame: {framed}"]
    parts, more = _further(job, root, held, containers, warnings)
    if parts:
        taken = _joined(taken, [parts[number][1] for number in sorted(parts)])
    if _han(taken.text) < LITTLE and not more:
        warnings += _reasons(root)
    warnings += _gateway(job.url)
    taken = replace(taken, warnings=tuple(dict.fromkeys(warnings)), evidence=_with_twin(taken, job.url))
    error = None if taken.text.strip() else "no body text was found on the page"
    if more:
        error = f"{len(more)} further pages of the article are not here: {next(iter(more.values()))}"
    pages = [page] if root is page else [page, root]
    pages += [parts[number][0] for number in sorted(parts)]
    return Assembled(taken, tuple(pages), tuple(more[number] for number in sorted(more)), files, error)


def is_written(page: Page) -> bool:
    """True for a page that shows nothing but what one of its scripts writes, where that can be read.

    Args:
        page: A page that seems to be a script and no more.
    """
    written = scripted.unfold(page.text)
    return written is not None and written.han >= LITTLE


def _further(
    job: ReadJob, root: Page, held: Mapping[str, Page], containers: Sequence[str], warnings: list[str]
) -> tuple[dict[int, tuple[Page, Extraction]], dict[int, str]]:
    """The further pages that are there, read, and the addresses of those that are not."""
    parts: dict[int, tuple[Page, Extraction]] = {}
    more: dict[int, str] = {}
    seen = multipage.further(root, root.url)
    warnings += seen.warnings
    waiting = list(seen.pages)
    while waiting and len(parts) + len(more) < multipage.MOST - 1:
        number, url = waiting.pop(0)
        if number in parts or number in more or host_problem(url, job.site.hosts) is not None:
            continue
        if url not in held:
            more[number] = url
            continue
        parts[number] = _read(held[url], job, containers, url)
        warnings += parts[number][1].warnings
        waiting += multipage.further(parts[number][0], root.url).pages
    return parts, more


def _read(page: Page, job: ReadJob, containers: Sequence[str], url: str) -> tuple[Page, Extraction]:
    """One page, with what its scripts write as literals where that is more than what stands there."""
    taken = _extract(page, job, containers, url)
    written = scripted.unfold(page.text)
    if written is None or (
        written.han <= _han(taken.text) and not (written.framed and _han(taken.text) < LITTLE)
    ):
        return page, taken
    unfolded = Page(
        page.url, b"\xef\xbb\xbf" + written.text.encode(errors="replace"), "text/html; charset=utf-8"
    )
    again = _extract(unfolded, job, containers, url)
    if _han(again.text) < _han(taken.text):
        return page, taken
    note = (
        "the text is written by a script"
        if _han(again.text) > _han(taken.text)
        else "a script writes a frame"
    )
    return unfolded, replace(again, charset=taken.charset, warnings=(*again.warnings, note))


def _extract(page: Page, job: ReadJob, containers: Sequence[str], url: str) -> Extraction:
    return extract(
        page.body,
        url=url,
        content_type=page.content_type,
        containers=containers,
        title_hint=job.title,
        decoded=page.decoded,
    )


def _framed(outer: Extraction, inner: Extraction, url: str) -> Extraction:
    """The text of a frame with what the page round it says of it."""
    evidence = {**inner.evidence, **outer.evidence}
    for name in ("signed", "document_number"):  # they are read from the text
        if name in inner.evidence:
            evidence[name] = inner.evidence[name]
    return replace(
        outer,
        text=inner.text,
        title=outer.title or inner.title,
        published=outer.published or inner.published,
        source=outer.source or inner.source,
        evidence=evidence,
        container=f"frame {url}, {inner.container}",
        warnings=inner.warnings,
    )


def _joined(first: Extraction, others: Sequence[Extraction]) -> Extraction:
    """One text; what is read from the end of a text is read from the last page."""
    evidence = dict(first.evidence)
    if "signed" in others[-1].evidence:
        evidence["signed"] = others[-1].evidence["signed"]
    texts = [first.text, *(other.text for other in others)]
    return replace(first, text=multipage.join(texts, first.title), evidence=evidence)


def _reasons(page: Page) -> list[str]:
    """Why a page may have no text."""
    reasons = []
    if scripted.is_filled(page.text):
        reasons.append("the body is written by a script")
    if frames.body(page) is not None:
        reasons.append("the body may stand in a frame that is not fetched")
    return reasons


def _gateway(url: str) -> list[str]:
    original = twins.original_of(url)
    return [] if original is None else [f"{twins.REMARK} {original}"]


def _with_twin(taken: Extraction, url: str) -> dict[str, tuple[Evidence, ...]]:
    original = twins.original_of(url)
    evidence = dict(taken.evidence)
    if original is not None:
        evidence["twin_of"] = (Evidence(value=original, where="url", raw=url[:200]),)
    return evidence


def _han(text: str) -> int:
    return sum(map(len, _HAN.findall(text)))
