"""What a person can see on a page that tells its content management system: evidence in words, deciding nothing.

Which platform reads a page is for :func:`crawler.platforms.choose`; these are the shapes of addresses and marks by
which the systems are known (facts: platforms.md, section 1), so that a person can follow the decision.
"""

from __future__ import annotations

import re

from crawler.platforms.base import Page

_GENERATOR = re.compile(
    r"<meta\b[^<>]*\bname\s*=\s*[\"']?generator[\"']?[^<>]*\bcontent\s*=\s*[\"']([^\"'<>]{1,60})",
    re.IGNORECASE,
)
_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"t\d{8}_\d+\.s?html?", "articles tYYYYMMDD_ID.html"),
        (r"createPage\w*\s*\(", "pager by createPageHTML()"),
        (r"trs_(?:ueditor|editor)|TRSWCM", "TRS editor"),
        (r"/igs/front/", "interface /igs/front/"),
        (r"/art/\d{4}/(?:\d{1,2}/\d{1,2}/)?art_\w+\.html", "articles /art/…/art_….html"),
        (r"/col/col\d+/", "columns /col/colNNN/"),
        (r"/module/(?:web/)?jpage/|dataproxy\.jsp", "lists by jpage"),
        (r"jpaas-publish-server|unitbuild\.js", "lists by jpaas"),
        (r"/c\d{5,8}/\d{6}/[0-9a-f]{32}\.shtml", "articles /cNNNNNN/YYYYMM/<32 hex>.shtml"),
        (r"/common/search/[0-9a-f]{32}", "interface /common/search/<id>"),
        (r"ucap-?content|ucapcontent", "container UCAP-CONTENT"),
        (r"gkmlpt", "directory gkmlpt"),
        (r"/public/column/\d+|/site/label/", "columns /public/column/<organ>"),
        (r"info/\d{3,6}/\d+\.html?", "articles /info/<column>/<id>.htm"),
        (r"vsb_content|/system/resource/", "container vsb_content"),
        (r"/?channels/\d+(?:_\d+)?\.html|contents/\d+/\d+\.html", "addresses /channels/ and /contents/"),
        (r"/sitefiles/", "files under /sitefiles/"),
        (r"EpointWebBuilder|/govxxgk/|govlist\.html|linkToNew\(", "Epoint's govlist or EpointWebBuilder"),
    )
)


def sign_of(page: Page) -> tuple[str, ...]:
    """The signs of a page: what its generator calls itself, then known shapes in its markup and its own address."""
    text = page.text
    named = _GENERATOR.search(text)
    found = [f"generator {named[1].strip()}"] if named else []
    return (*found, *(words for pattern, words in _SIGNS if pattern.search(text) or pattern.search(page.url)))
