"""Other pages of a list that an interface brings: the same request with another number in it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit, urlunsplit

from crawler.platforms.post import FORM, post_address, split_post

NUMBERS = (
    "pageNumber",
    "page",
    "pageNo",
    "pageNum",
    "pageIndex",
    "currentPage",
    "curPage",
    "currPage",
    "page_num",
    "page_no",
    "pageindex",
    "pagenum",
    "pageno",
    "pn",
    "p",
    "paged",
    "current",
)
"""Names of the parameter that turns pages, the surest first: some interfaces carry two of them (IGS at 南京 sends a
``pageIndex`` that never changes beside the ``pageNumber`` that counts)."""


def parameters(address: str) -> list[tuple[str, str]]:
    """All parameters of a request: of its query and of its form."""
    post = split_post(address)
    query = parse_qsl(urlsplit(urldefrag(address).url).query, keep_blank_values=True)
    return [*query, *(post.fields if post else ())]


def page_parameter(address: str, stated: Sequence[int] = ()) -> tuple[str, int] | None:
    """The parameter that says which page a request is for, with its value.

    Args:
        address: The request.
        stated: What the answer says its number is: decides between several parameters.
    """
    found = {name: int(value) for name, value in parameters(address) if re.fullmatch(r"\d{1,6}", value)}
    candidates = [name for name in NUMBERS if name in found]
    agreeing = [name for name in candidates if found[name] in stated]
    name = next(iter(agreeing or candidates), None)
    return None if name is None else (name, found[name])


def turned(address: str, name: str, value: str | int) -> str:
    """The address of the same request with one parameter set; it is added to the query where it is not there."""
    post = split_post(address)
    if post is not None and any(known == name for known, _ in post.fields):
        if post.content_type == FORM:
            return post_address(post.url, form=_set(post.fields, name, str(value)))
        data = json.loads(post.body)
        return post_address(post.url, data={**data, name: type(data[name])(value)})
    url, _, fragment = address.partition("#")
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(_set(pairs, name, str(value)))
    plain = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    return f"{plain}#{fragment}" if fragment else plain


def _set(pairs: Sequence[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    changed = [(known, value if known == name else old) for known, old in pairs]
    return changed if any(known == name for known, _ in pairs) else [*changed, (name, value)]
