"""One address for one page: what a visit adds to an address is left out of it.

Servers that cannot set a cookie write the session into every link (``;jsessionid=…``, ``?PHPSESSID=…``): each visit
then gives new addresses for the same pages, and a crawl that took them as they are would never come to an end.
"""

from __future__ import annotations

import re
from urllib.parse import SplitResult

_PATH = re.compile(r";(?:jsessionid|phpsessid|sessionid|sid)=[^/?#;]*", re.IGNORECASE)
_COOKIELESS = re.compile(r"/\((?:[A-Z]\([\w-]{10,}\))+\)(?=/)")
"""ASP.NET: ``/(S(4xzwwt55nqfjrs45cqzh2d45))/list.aspx``."""
_QUERY = re.compile(
    r"(?:^|&)(?:j?session_?id|phpsess(?:ion)?id|aspsessionid\w*|asp\.net_sessionid|cf(?:id|token)|jsession|sessid|sess_id)=[^&]*",
    re.IGNORECASE,
)
_SHORT = re.compile(r"(?:^|&)(?:sid|s|token)=([^&]*)", re.IGNORECASE)
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.-]{20,}|[0-9a-f]{16,}", re.IGNORECASE)
_PORT = {"http": ":80", "https": ":443"}


def without_visit(parts: SplitResult) -> SplitResult:
    """An address without its session and without the port its scheme has anyway.

    ``sid`` also names a site (广东 gkmlpt: ``sid=200018``): it goes only with a value that no site has.
    """
    path = _PATH.sub("", parts.path)
    if "(" in path:
        path = _COOKIELESS.sub("", path)
    query = parts.query
    if query:
        query = _QUERY.sub("", query)
        query = _SHORT.sub(lambda match: "" if _TOKEN.fullmatch(match[1]) else match[0], query).lstrip("&")
    netloc = parts.netloc.removesuffix(_PORT.get(parts.scheme, "\0"))
    if (path, query, netloc) == (parts.path, parts.query, parts.netloc):
        return parts
    return parts._replace(path=path, query=query, netloc=netloc)
