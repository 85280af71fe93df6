"""Which addresses are one place: a portal answers under http and https, with and without ``www.``.

Portals change from one to the other over the years, and link to themselves in both forms on one page. A document keeps
the address under which it was first known; the other forms find it.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"(https?)://(www\.)?([^/?#]+)", re.IGNORECASE)
_PLAIN = re.compile(r"[a-z0-9.-]+(?<!\.)", re.IGNORECASE)


def key(url: str) -> str:
    """What the forms of an address have in common; the address itself for one that has no forms (other ports)."""
    match = _FORM.match(url)
    if match is None or not _PLAIN.fullmatch(match[3]):
        return url
    return f"//{match[3].lower()}{url[match.end() :]}"


def forms(url: str) -> tuple[str, ...]:
    """An address in all its forms, itself first."""
    common = key(url)
    if common == url:
        return (url,)
    rest = common.removeprefix("//")
    made = (f"{scheme}://{www}{rest}" for scheme in ("http", "https") for www in ("", "www."))
    return tuple(dict.fromkeys((url, *made)))
