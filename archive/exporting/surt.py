"""Addresses as keys of a web archive's index (SURT, Sort-friendly URI Reordering Transform)."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import quote, unquote_to_bytes, urlsplit

_WWW = re.compile(r"^www\d*\.")
_PORTS = {"http": 80, "https": 443}


def surt(url: str) -> str:
    """The address as a key: host reversed, lower case, parameters sorted, ``www.`` and default ports dropped.

    ``http://www.example.gov.cn/A?b=2&a=1`` → ``cn,gov,example)/a?a=1&b=2``.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # a port that is no number
        return url
    host = _WWW.sub("", (parts.hostname or "").rstrip("."))
    named = "" if port in {None, _PORTS.get(parts.scheme)} else f":{port}"
    path = posixpath.normpath("/" + _spelt(parts.path).lstrip("/"))
    query = "&".join(sorted(_spelt(parts.query).split("&"))) if parts.query else ""
    return f"{','.join(reversed(host.split('.')))}{named}){path}{f'?{query}' if query else ''}"


def _spelt(part: str) -> str:
    """One spelling for each way of escaping: lower case, what needs no escape plain."""
    return quote(unquote_to_bytes(part), safe="!$&'()*+,;=:@/?~-._").lower()
