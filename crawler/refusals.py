"""Answers that are no content: challenge pages, soft 404s, error bodies.

Classified before anything is stored as content (design rule 4): a block is a finding about the portal, never "gone",
and never a text. What the products look like stands in :mod:`crawler.refusal_signs`, what "not there" and "broken"
sound like in :mod:`crawler.refusal_words`; here is decided when which evidence counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from archive.records import FrontierKind, Outcome
from crawler import foreign, refusal_signs, refusal_words
from crawler.platforms import jsontext
from crawler.platforms.jsonerror import error_of
from crawler.readjob import ReadJob
from crawler.refusal_shape import Shape

TINY = 64
"""Bytes. No page of a portal is that short; a two-byte answer is a dead link with status 200."""
STATED = 65_536
"""Bytes of an answer with an error status that are looked at."""
BARE_WORDS = 300
"""Visible characters of a page that has a script and nothing to read."""
FEW_WORDS = 600
"""Visible characters of a page that says one thing: it was blocked, it is not there."""
FEW_LINKS = 5
"""Links on such a page: its vendor, back, home. The frame of a portal's page has dozens."""
SHELL_WORDS = 60
"""Visible characters of a page that is only its script ("loading, please wait")."""
SHELL_ELEMENTS = 12
"""Elements of its body. An empty list that a script would fill (Epoint) has the frame of one, with dozens."""
PARAGRAPH = 120
"""Chinese characters in one run of text: an article speaks, whatever its title quotes."""

FRAME_LINKS = 20
"""Links from which a page is a portal's, not somebody's notice."""
LISTED = 8
"""Letters and characters of a listed title that must stand on its page; lists cut titles, pages break them."""

_SPACE = re.compile(r"\s+")
_LETTERS = re.compile(r"[\W_]+")
_PORTAL_TITLE = re.compile(
    r"(?:欢迎(?:访问|光临)|首页[-_—|]?)?[\u3400-\u9fff·]{2,30}?(?:人民政府|政府|管委会|街道|镇)?(?:官方|门户)?(?:网站?|网站群|门户网)?(?:首页)?"
    r"(?:[-_—|]+(?:首页|欢迎您?|门户网站|网站首页))?[!！]?"
)
_ARTICLE_TITLE = re.compile(
    r"通知|公告|通报|报告|办法|意见|方案|决定|规定|总结|情况|关于|工作|答复|指南|解读|公示"
)
_MARKUP = re.compile(
    r"\s*<(?:!doctype|html|head|body|script|meta|!--|\?xml|div|title|frameset)", re.IGNORECASE
)
_REFRESH = re.compile(r"<meta[^<>]*http-equiv\s*=\s*[\"']?refresh", re.IGNORECASE)
_LEADS_TO = re.compile(
    r"(?:(?:window|self|top|document|parent)\.)*location(?:\.href)?\s*(?:=|\.(?:replace|assign)\()\s*[\"']([^\"'\s]{1,500})[\"']",
)
_DRAWN = re.compile(
    r"<(?:div|main|section)\s[^<>]*id\s*=\s*[\"']?(?:app|root|main|container|__next|__nuxt)\b", re.IGNORECASE
)
_ROOT = re.compile(r"/?(?:(?:index|default|home|main)\.(?:s?html?|jsp|aspx?|php|action|do))?", re.IGNORECASE)
_ERROR_PAGE = re.compile(
    r"/(?:40[0-9]|50[0-9]|error\d*|err\d*|errorpage|page_?40[34]|40[34]page|not_?found|no_?page|nofound|wrong)(?:\.\w+|/|$)",
    re.IGNORECASE,
)
_LOGIN_PAGE = re.compile(r"/(?:log_?in|sign_?in|passport|sso|uaa?c?|oauth2?)(?:\.\w+|/|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal:
    """Why an answer is not content."""

    outcome: Outcome
    detail: str


def by_status(status: int, headers: Mapping[str, str], body: bytes) -> Refusal | None:
    """Judges by status and headers; the body only tells who refuses.

    Args:
        status: HTTP status of the final answer.
        headers: Names in lower case.
        body: As received; only its first bytes are looked at.

    Returns:
        None for 200 and 304 (the text decides), else the refusal.
    """
    if status in (200, 203, 304):
        if status != 304 and len(body.strip()) < TINY:
            return Refusal(Outcome.EMPTY, f"HTTP {status} with {len(body)} bytes")
        return None
    who = refusal_signs.STATUS.get(status) or refusal_signs.in_headers(headers) or _blocker(status, body)
    if who is None and status == 404 and not body.strip() and "wzws-ray" in headers:
        who = "瑞数"  # its passing limit on an address answers so; a server's own 404 has a body
    if who is not None:
        return Refusal(Outcome.CHALLENGE, f"HTTP {status}: refused by {who}")
    if status in (404, 410):
        return Refusal(Outcome.GONE, f"HTTP {status}")
    if status in (401, 403):
        return Refusal(Outcome.FORBIDDEN, f"HTTP {status}")
    if status == 429 or (status == 503 and "retry-after" in headers):
        return Refusal(
            Outcome.RATE_LIMITED, f"HTTP {status}, Retry-After {headers.get('retry-after', 'not given')}"
        )
    return Refusal(Outcome.HTTP_ERROR, f"HTTP {status}")


def by_text(text: str) -> Refusal | None:
    """Judges a page that came with status 200 by what it says.

    Only pages with nothing else on them can be refusals: an article may quote any of these phrases, and a guarded page
    carries its guard's scripts.

    Args:
        text: The decoded page, markup included.
    """
    if jsontext.looks_like_json(text):
        said = error_of(jsontext.load(text))
        return Refusal(Outcome.ERROR_BODY, f"error message: {said}") if said else None
    shape = Shape.of(text)
    return _challenge(shape) or _shell(shape) or _notice(shape)


def of_page(job: ReadJob, text: str) -> Refusal | None:
    """Judges a page that came with status 200 by what it says, whose it is, and whether it is what was listed.

    Args:
        job: What was asked for, of which portal.
        text: The decoded page, markup included.
    """
    refusal = by_text(text)
    if refusal is not None or jsontext.looks_like_json(text):
        return refusal
    if why := foreign.whose_else(text, division_code=job.site.division_code):
        return Refusal(Outcome.FOREIGN, f"not the portal's: {why}")
    if job.kind is FrontierKind.PAGE and _is_home_page(Shape.of(text), job):
        return Refusal(Outcome.SOFT_404, "the portal's home page instead of the article")
    return None


def by_address(requested: str, final: str, home: str) -> Refusal | None:
    """Judges an answer by where its redirects ended: a home, error or login page is not what was asked for.

    Args:
        requested: What stands for the document, as a person would open it.
        final: Where the answer came from.
        home: Home page of the portal.
    """
    asked, got = _place(requested), _place(final)
    if asked == got or _is_home(requested, home):
        return None
    if _is_home(final, home):
        return Refusal(Outcome.SOFT_404, f"redirected to the home page {final}")
    path = urlsplit(final).path
    if _ERROR_PAGE.search(path) and not _ERROR_PAGE.search(urlsplit(requested).path):
        return Refusal(Outcome.SOFT_404, f"redirected to the error page {final}")
    if _LOGIN_PAGE.search(path) and not _LOGIN_PAGE.search(urlsplit(requested).path):
        return Refusal(Outcome.FORBIDDEN, f"redirected to the login page {final}")
    return None


def is_markup(body: bytes) -> bool:
    """True for bytes that begin like a page: what a dead attachment answers with."""
    return bool(_MARKUP.match(body[:400].decode("latin-1").lstrip("\ufeffï»¿")))


def leads_to(text: str) -> str | None:
    """Where a page that is nothing but one script sends its visitor, if it names the place in plain words.

    ``<script>location.href='/zwgk/index.html'</script>`` is a redirect in other clothes (home pages of portals are
    often one); a script that sets a cookie or computes anything first is a challenge and is never followed.

    Args:
        text: The decoded page.
    """
    shape = Shape.of(text)
    if not _is_shell(shape):
        return None
    targets = set(_LEADS_TO.findall(shape.scripts))
    rest = _LEADS_TO.sub("", shape.scripts)
    return targets.pop() if len(targets) == 1 and not refusal_signs.acts(rest) else None


# -- status -------------------------------------------------------------------------------------


def _blocker(status: int, body: bytes) -> str | None:
    """Who refuses with an error status, by the page that came with it."""
    shape = Shape.of(_decode(body[:STATED]))
    few = len(shape.words) <= FEW_WORDS and shape.anchors <= FEW_LINKS
    if len(shape.words) <= BARE_WORDS and shape.anchors <= FEW_LINKS:
        if who := refusal_signs.in_script(shape.text):
            return who
        if status == 202 and (shape.scripts or not body.strip()):
            return "a script"
    said = f"{shape.title} {shape.words}"
    if not few or (status in (404, 410) and refusal_words.says_missing(said)):
        return None
    who = refusal_signs.in_words(said)
    if who is None and refusal_signs.asks_to_verify(said):
        return "a verification"
    return who


def _decode(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    return text if text.count("\ufffd") <= 2 else body.decode("gb18030", "replace")


# -- text ---------------------------------------------------------------------------------------


def _challenge(shape: Shape) -> Refusal | None:
    if shape.anchors > FEW_LINKS or len(shape.words) > FEW_WORDS:
        return None
    if len(shape.words) <= BARE_WORDS and (who := refusal_signs.in_script(shape.text)):
        return Refusal(Outcome.CHALLENGE, f"challenge page of {who}")
    if (
        shape.longest >= PARAGRAPH
        or _ARTICLE_TITLE.search(shape.title)
        or refusal_words.BYLINE.search(shape.words)
    ):
        return None
    if refusal_signs.is_challenge_title(shape.title):
        return Refusal(Outcome.CHALLENGE, f"challenge page: {shape.title[:40]}")
    said = next((line for line in (shape.title, *shape.blocks) if _refuses(line)), None)
    if said is None:
        return None
    who = refusal_signs.in_words(f"{shape.title} {shape.words}") or "unknown make"
    return Refusal(Outcome.CHALLENGE, f"challenge page of {who}: {said[:40]}")


def _refuses(line: str) -> bool:
    """True for a line that says, and says only, that the visitor was blocked or has to prove something."""
    if len(line) > refusal_words.LONGEST_LINE or refusal_words.ABOUT.search(line):
        return False
    return (
        refusal_signs.says_blocked(line) is not None
        or refusal_signs.asks_to_verify(line) is not None
        or refusal_signs.names_itself(line)
    )


def _is_shell(shape: Shape) -> bool:
    """A page with nothing to read and nowhere to go but what its script does."""
    return (
        bool(shape.scripts)
        and len(shape.words) <= SHELL_WORDS
        and shape.elements <= SHELL_ELEMENTS
        and not shape.anchors
        and not shape.frames
        and not _REFRESH.search(shape.markup)
    )


def _shell(shape: Shape) -> Refusal | None:
    if not _is_shell(shape):
        return None
    if target := leads_to(shape.text):
        return Refusal(Outcome.EMPTY, f"nothing but a script that leads to {target[:100]}")
    if _DRAWN.search(shape.markup) and re.search(r"<script[^<>]*\ssrc", shape.scripts, re.IGNORECASE):
        return Refusal(Outcome.EMPTY, "a page drawn by its script: it needs a browser")
    if refusal_signs.acts(shape.scripts):
        return Refusal(Outcome.CHALLENGE, "challenge page: nothing but a script that acts")
    return None


def _notice(shape: Shape) -> Refusal | None:
    """Soft 404s and error pages, bare or inside the frame of the portal."""
    if shape.longest >= PARAGRAPH:
        return None
    bare = shape.anchors <= FEW_LINKS
    for outcome, what, found in (
        (Outcome.SOFT_404, "page says it is not there", refusal_words.missing(shape, bare=bare)),
        (Outcome.ERROR_BODY, "error message", refusal_words.broken(shape, bare=bare)),
    ):
        if found:
            return Refusal(outcome, f"{what}: {found[:40]}")
    return None


def _is_home_page(shape: Shape, job: ReadJob) -> bool:
    """True for a page that calls itself the portal and shows nowhere the title under which it was listed."""
    own = "".join(_SPACE.split(shape.title))
    if shape.anchors < FRAME_LINKS or not job.title or not _PORTAL_TITLE.fullmatch(own):
        return False
    if job.site.short_name not in own and job.site.name not in own:
        return False
    listed = _LETTERS.sub("", job.title)[:LISTED]
    return len(listed) == LISTED and listed not in _LETTERS.sub("", shape.words)


# -- addresses ----------------------------------------------------------------------------------


def _place(url: str) -> str:
    """An address without scheme and ``www.``: both forms of one portal occur."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return (
        parts.netloc.lower().partition(":")[0].removeprefix("www.") + (parts.path.rstrip("/") or "/") + query
    )


def _is_home(url: str, home: str) -> bool:
    parts = urlsplit(url)
    return (not parts.query and bool(_ROOT.fullmatch(parts.path))) or _place(url) == _place(home)
