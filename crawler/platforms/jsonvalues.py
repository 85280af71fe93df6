"""What one value of a JSON record may be: an address, a title, a date."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

from crawler.platforms.dates import find_date
from crawler.platforms.links import squeeze

CHINA = timezone(timedelta(hours=8))
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")
_HIGHLIGHT = re.compile(r"</?(?:em|font|b|i|u|strong|span|mark)\b[^<>]{0,200}>", re.IGNORECASE)
_ADDRESS = re.compile(
    r"^(?:https?:)?//[\w.-]+(?::\d+)?(?:[/?#]\S*)?$|^\.{0,2}/[^\s<>]+$|^[\w./%-]+\.(?:s?html?|jspx?|aspx|php)(?:\?\S*)?$",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|bmp|svg|webp|ico|mp4|mp3|css|js)(?:\?|$)", re.IGNORECASE)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ISO = re.compile(r"^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s*(Z|[+-]\d{2}:?\d{2})?$")
_DATED = re.compile(
    r"^\s*\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:[\sT]*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?\s*$"
)
_COMPACT = re.compile(r"^(?:19|20)\d{6}(?:\d{6})?$")
_URL_DATE = re.compile(
    r"/t((?:19|20)\d{2})(\d{2})(\d{2})_|/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})/|/((?:19|20)\d{2})(\d{2})(\d{2})/"
)
_EARLIEST, _LATEST = 1990, 2100
LONGEST_TITLE = 300


def text_of(value: object) -> str:
    """A string without highlight markup and entities, white space squeezed; other values are no text."""
    if not isinstance(value, str):
        return ""
    if "<" in value:
        value = _TAG.sub("", value)
    if "&" in value:
        value = html.unescape(value)
        if "<" in value:  # the highlight itself was escaped; other brackets belong to the title
            value = _HIGHLIGHT.sub("", value)
    return squeeze(value)


def is_address(value: object) -> bool:
    """True for a string that is the address of a page or document, absolute or relative; not of a picture."""
    if not isinstance(value, str) or not 4 <= len(value.strip()) <= 2000:
        return False
    return bool(_ADDRESS.match(value.strip())) and not _PICTURE.search(value)


def is_title(value: object) -> bool:
    """True for a string that could be the title of a page."""
    if not isinstance(value, str) or len(value) > 4 * LONGEST_TITLE or is_address(value):
        return False
    text = text_of(value)
    return 4 <= len(text) <= LONGEST_TITLE and len(_HAN.findall(text)) >= 3


def day_of(value: object) -> date | None:
    """The day a value names, in China: printed dates, ISO times with their zone, seconds or milliseconds of Unix.

    A number is taken only if it is a moment between 1990 and 2100; a year or an identifier is none.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _moment(float(value))
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFKC", value).strip()
    if not 8 <= len(text) <= 40:
        return None
    if text.isdecimal():
        if _COMPACT.match(text) and (found := find_date(text[:8])):
            return found
        return _moment(float(text)) if len(text) in {10, 13} else None
    if iso := _ISO.match(text):
        day = find_date(iso[1])
        if day is None or not iso[4]:
            return day
        try:
            moment = datetime.fromisoformat(
                f"{iso[1]}T{iso[2]}:{iso[3] or '00'}{iso[4].replace('Z', '+00:00')}"
            )
            return moment.astimezone(CHINA).date()
        except (ValueError, OverflowError):  # 25:00 and the like: the day is legible all the same
            return day
    return find_date(text) if _DATED.match(text) else None


def _moment(number: float) -> date | None:
    seconds = number / 1000 if number >= 1e11 else number
    if not 631_152_000 <= seconds <= 4_102_444_800:  # 1990 and 2100
        return None
    return datetime.fromtimestamp(seconds, UTC).astimezone(CHINA).date()


def day_of_address(url: str) -> date | None:
    """The day in an article's address (``t20240328_``, ``/2023/2/21/``, ``/20260424/``)."""
    match = _URL_DATE.search(url)
    if match is None:
        return None
    parts = [group for group in match.groups() if group]
    return find_date("-".join(parts))
