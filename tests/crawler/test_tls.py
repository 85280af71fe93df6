"""TLS: strictly first, then by the exception a site declares, and the archive says which it was."""

from __future__ import annotations

import sqlite3
import ssl
import warnings
from contextlib import closing
from pathlib import Path

import pytest

from archive.records import RunState
from crawler import tls
from crawler.site_file import TLS_WAYS
from tests.crawler.network import (
    COLUMN,
    RawServer,
    answer,
    article,
    certificate,
    crawl,
    listing,
    no_proxy,
    row,
    site,
)

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")


def portal(connection: object, head: str) -> None:
    path = head.split(" ")[1]
    body = {COLUMN: listing(row(1)), "/robots.txt": b""}.get(path, article(1))
    connection.sendall(answer(body))  # type: ignore[attr-defined]


def server_context(pem: Path, *, newest: ssl.TLSVersion | None = None, weak: bool = False) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if weak:
        made.set_ciphers("DEFAULT:@SECLEVEL=0")
    made.load_cert_chain(pem)
    if newest is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            made.minimum_version = ssl.TLSVersion.TLSv1
            made.maximum_version = newest
    return made


def kept(folder: Path) -> set[str]:
    with closing(sqlite3.connect(folder / "archive.db")) as db:
        rows = db.execute(
            f"select json_extract(headers, '$.\"{tls.HEADER}\"') from capture where outcome = 'ok'"
        )
        return {value for (value,) in rows}


def outcome(folder: Path, pem: Path, declared: str, **how: object) -> tuple[RunState, str]:
    context = server_context(pem, **how)  # type: ignore[arg-type]
    with RawServer(portal, context) as server:
        what = site(f"https://localhost:{server.port}", tls=declared, private_hosts=("localhost",))
        summary = crawl(folder, what, proxy=None)
    return summary.state, " ".join(problem.detail or "" for problem in summary.problems)


def test_a_trusted_certificate_passes_strictly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    state, _ = outcome(tmp_path, pem, "strict")
    assert state is RunState.COMPLETE
    assert kept(tmp_path) == {"strict TLSv1.3"}


def test_a_self_signed_certificate_is_unreachable_and_says_what_to_do(tmp_path: Path) -> None:
    state, said = outcome(tmp_path, certificate(tmp_path), "strict")
    assert state is RunState.BLOCKED
    assert "self-signed certificate" in said
    assert 'tls = "unverified"' in said


def test_a_declared_exception_is_used_and_recorded(tmp_path: Path) -> None:
    state, _ = outcome(tmp_path, certificate(tmp_path), "unverified")
    assert state is RunState.COMPLETE
    assert kept(tmp_path) == {"unverified TLSv1.3"}


def test_strict_is_tried_before_the_exception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert outcome(tmp_path, pem, "legacy-unverified")[0] is RunState.COMPLETE
    assert kept(tmp_path) == {"strict TLSv1.3"}, "a portal that mended its TLS needs no exception"


def test_an_expired_certificate_and_another_hosts_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired, other = certificate(tmp_path, expired=True), certificate(tmp_path, "www.other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(expired))
    assert "certificate has expired" in outcome(tmp_path, expired, "strict")[1]
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    assert "ostname mismatch" in outcome(tmp_path, other, "strict")[1]


def test_tls_1_0_needs_the_declared_exception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    state, said = outcome(tmp_path, pem, "strict", newest=ssl.TLSVersion.TLSv1, weak=True)
    assert state is RunState.BLOCKED
    assert 'tls = "legacy"' in said
    state, _ = outcome(tmp_path, pem, "legacy", newest=ssl.TLSVersion.TLSv1, weak=True)
    assert state is RunState.COMPLETE
    assert kept(tmp_path) == {"legacy TLSv1"}


@pytest.mark.slow
def test_a_weak_key_needs_the_declared_exception(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pem = certificate(tmp_path, bits=1024)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    assert outcome(tmp_path, pem, "strict", weak=True)[0] is RunState.BLOCKED
    assert outcome(tmp_path, pem, "legacy", weak=True)[0] is RunState.COMPLETE


@pytest.mark.slow
def test_an_exception_that_does_not_help_is_named(tmp_path: Path) -> None:
    state, said = outcome(tmp_path, certificate(tmp_path), "legacy")
    assert state is RunState.BLOCKED
    assert 'also with tls = "legacy"' in said


def test_no_tls_at_all_is_unreachable(tmp_path: Path) -> None:
    with RawServer(
        lambda connection, _: connection.sendall(answer(b"", "400 Bad Request")), ends=b""
    ) as server:
        what = site(f"https://localhost:{server.port}", private_hosts=("localhost",))
        summary = crawl(tmp_path, what, proxy=None)
    assert summary.outcomes == {"unreachable": 1}


def test_a_servers_own_header_of_that_name_is_dropped(tmp_path: Path) -> None:
    def claims(connection: object, head: str) -> None:
        path = head.split(" ")[1]
        body = {COLUMN: listing(row(1)), "/robots.txt": b""}.get(path, article(1))
        connection.sendall(answer(body, X_Archive_Tls="strict TLSv1.3"))  # type: ignore[attr-defined]

    with RawServer(claims) as server:
        what = site(f"http://localhost:{server.port}", private_hosts=("localhost",))
        assert crawl(tmp_path, what, proxy=None).state is RunState.COMPLETE
    assert kept(tmp_path) == {None}


@pytest.mark.parametrize("way", TLS_WAYS)
def test_every_way_a_site_file_may_name_can_be_made(way: str) -> None:
    made = tls.context(way)
    assert (made.verify_mode is ssl.CERT_NONE) == ("unverified" in way)
    assert made.check_hostname == ("unverified" not in way)
    assert (made.minimum_version < ssl.TLSVersion.TLSv1_2) == ("legacy" in way)
