"""How connections are secured: strictly first, then by the exception a site declares.

Certificates are verified and TLS 1.2 is the least; what a portal with older or broken TLS needs stands in its site file
(``tls``), is used only after the strict way failed, and is kept with every answer it brought (:data:`HEADER`).
"""

from __future__ import annotations

import ssl
import warnings

import aiohttp

STRICT = "strict"
HEADER = "x-archive-tls"
"""Header the crawl adds to what it keeps of an https answer: the way taken and the protocol, ``legacy TLSv1``. A
server's own header of this name is dropped."""
_LEGACY_SERVER_CONNECT = 0x4
"""``SSL_OP_LEGACY_SERVER_CONNECT`` of OpenSSL 3; Python names it from 3.12 on."""


def context(way: str) -> ssl.SSLContext:
    """The client side of TLS.

    Args:
        way: ``strict``; ``legacy`` (TLS 1.0, weak keys and old renegotiation allowed, certificates verified);
            ``unverified`` (modern TLS, any certificate); ``legacy-unverified``.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_default_certs()
    if "legacy" in way:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old protocols are what this is for
            made.minimum_version = ssl.TLSVersion.TLSv1
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
        made.options |= _LEGACY_SERVER_CONNECT
    else:
        made.minimum_version = ssl.TLSVersion.TLSv1_2
    if "unverified" in way:
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def failure(error: BaseException) -> BaseException | None:
    """The TLS failure behind an error of the downloader, or None if it is another kind of failure.

    Old servers also answer a modern greeting by hanging up: a reset while an https connection is made counts.
    """
    cause = error.__cause__
    if isinstance(cause, aiohttp.ClientSSLError):
        return cause
    if isinstance(cause, aiohttp.ClientConnectorError) and isinstance(cause.os_error, ConnectionResetError):
        return cause.os_error
    return None


def explain(error: BaseException, host: str, tried: tuple[str, ...]) -> str:
    """One line: what is wrong with a portal's TLS, and what a person can do about it.

    Args:
        error: From :func:`failure`.
        host: The portal's.
        tried: The ways that failed, in order.
    """
    inner = error
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        inner = error.certificate_error
    elif isinstance(error, aiohttp.ClientConnectorError):
        inner = error.os_error
    if isinstance(inner, ssl.SSLCertVerificationError):
        what = f"the certificate of {host} is not trusted: {inner.verify_message.rstrip('.')}"
        needed = "unverified"
    else:
        reason = getattr(inner, "reason", None) or str(inner) or type(inner).__name__
        what = f"no TLS connection with {host}: {str(reason).replace('_', ' ').lower()[:80]}"
        needed = "legacy"
    if len(tried) > 1:
        return f'{what} (also with tls = "{tried[-1]}" of the site file)'
    return f'{what} (next: look at it in a browser; if it is the portal\'s, declare tls = "{needed}" in its site file)'
