"""Pages that only a POST brings, as addresses: ``https://host/path#!post:<form or JSON>``.

The frontier knows a page by its address and nothing else. A fragment is never sent, so it may carry the body;
everything that looks at an address (hosts, robots.txt, folders) sees the plain one before the ``#``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urldefrag, urlencode

MARK = "!post:"
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
JSON = "application/json; charset=UTF-8"
_JSON_STARTS = ("%7B", "%7b", "%5B", "%5b", "{", "[")


@dataclass(frozen=True, kw_only=True)
class Post:
    """A request with a body."""

    url: str
    """Without fragment."""
    body: str
    content_type: str

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The form's fields in order; of a JSON object those with a plain value."""
        if self.content_type == FORM:
            return parse_qsl(self.body, keep_blank_values=True)
        value = json.loads(self.body)
        pairs = value.items() if isinstance(value, dict) else ()
        return [(name, str(inner)) for name, inner in pairs if isinstance(inner, str | int)]


Form = Mapping[str, str] | Iterable[tuple[str, str]]


def post_address(url: str, *, form: Form | None = None, data: object = None) -> str:
    """The address under which the frontier knows a page that a POST brings.

    Args:
        url: Where to send the request; a fragment it has is dropped.
        form: Fields of an ordinary form, in the order in which they are sent.
        data: What to send as JSON instead.

    Raises:
        ValueError: Neither or both of ``form`` and ``data`` are given.
    """
    if (form is None) == (data is None):
        raise ValueError("a POST has either a form or JSON")
    if form is not None:
        body = urlencode(list(form.items()) if isinstance(form, Mapping) else list(form))
    else:
        body = quote(json.dumps(data, ensure_ascii=False, separators=(",", ":")), safe="")
    return f"{urldefrag(url).url}#{MARK}{body}"


def split_post(address: str) -> Post | None:
    """The request behind an address; None if a plain GET brings the page.

    A fragment that only looks like ours (a foreign ``#!post:`` with broken JSON) is no request.
    """
    url, fragment = urldefrag(address)
    if not fragment.startswith(MARK):
        return None
    body = fragment[len(MARK) :]
    # Our JSON has its "=" escaped, a form always has one: a field may be named "{", too.
    if "=" in body or not body.startswith(_JSON_STARTS):
        return Post(url=url, body=body, content_type=FORM)
    plain = unquote(body)
    try:
        json.loads(plain)
    except (ValueError, RecursionError):
        return None
    return Post(url=url, body=plain, content_type=JSON)


def same_page(address: str, answered: str) -> str:
    """The address of an answer with the fragment of the request: redirects keep it (RFC 9110, 10.2.2).

    Args:
        address: What was to be fetched.
        answered: Where the answer came from.
    """
    fragment = urldefrag(address).fragment
    return f"{answered}#{fragment}" if fragment and not urldefrag(answered).fragment else answered
