"""Servers that misbehave, on loopback, and sites that are crawled from them directly or through a proxy."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from crawler.prepare import prepare
from crawler.runner import run
from crawler.sample.server import Answer, LoopbackServer
from crawler.site import Column, Site
from crawler.summary import Summary
from tests.conftest import empty_archive

HOST = "www.trial.example"
BASE = f"http://{HOST}"
COLUMN = "/zwgk/fzzfjs/"
REPORT = "/zwgk/fzzfjs/202403/t20240328_100{n}.html"
PARTS = (
    "一、2023年推进法治政府建设的主要举措和成效",
    "二、存在的不足和原因",
    "三、党政主要负责人履行推进法治建设第一责任人职责情况",
    "四、下一步工作安排",
)
SENTENCES = (
    "街道党工委坚持把法治建设摆在全局工作的重要位置，专题研究部署{n}次，压紧压实各方责任。",
    "严格落实重大行政决策程序，法律顾问全年审查合同{n}3件，提出修改意见{n}8条，均被采纳。",
    "组织行政执法人员参加培训{n}2场，持证上岗率达到百分之百，全年未发生被纠错的执法案件。",
    "开展民法典宣传进社区活动{n}1场，发放资料{n}600余份，群众遇事找法的意识不断增强。",
    "依法办理政府信息公开申请{n}件，办理行政复议答复{n}件，行政机关负责人出庭应诉率稳步提升。",
)
TEXT = "".join(
    f"<p>{part}</p>" + "".join(f"<p>　　{sentence.format(n=n)}</p>" for sentence in SENTENCES)
    for n, part in enumerate(PARTS, start=1)
)


def site(base: str = BASE, **changes: object) -> Site:
    """A portal with one confirmed column and no pauses."""
    host = base.partition("://")[2]
    plain = Site(
        key="trial",
        name="示例省试验市试验区",
        short_name="试验区",
        level="county",
        division_code=None,
        home_url=f"{base}/",
        hosts=(host,),
        columns=(Column(url=base + COLUMN, name="法治政府建设年度报告"),),
        hubs=(f"{base}/",),
        delay=0,
        host_group=host,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def row(n: int, href: str | None = None) -> str:
    """A row of the report column."""
    year = 2023 - n
    return (
        f'<li><a href="{href or REPORT.format(n=n)}" title="试验街道{year}年法治政府建设情况报告">试验街道{year}年法治政府建设情况报告</a>'
        f"<span>{year + 1}-03-28</span></li>"
    )


def listing(*rows: str, more: str = "") -> bytes:
    """A list page inside a portal's frame."""
    menu = "".join(f'<a href="/c{n}/">栏目{n}</a>' for n in range(12))
    return (
        "<html><head><title>法治政府建设年度报告_试验区人民政府</title></head><body>"
        f"<div class='nav'>{menu}</div><ul class='list'>{''.join(rows)}</ul>{more}</body></html>"
    ).encode()


def home() -> bytes:
    """A home page that leads to the column."""
    menu = "".join(f'<a href="/c{n}/">栏目{n}</a>' for n in range(12))
    return (
        "<html><head><title>试验区人民政府</title></head><body>"
        f'<div class="nav">{menu}</div><a href="{COLUMN}">法治政府建设年度报告</a></body></html>'
    ).encode()


def article(n: int, extra: str = "") -> bytes:
    """A report's page."""
    year = 2023 - n
    return (
        f"<html><head><title>试验街道{year}年法治政府建设情况报告_试验区人民政府</title></head><body>"
        f"<h1>试验街道{year}年法治政府建设情况报告</h1><p>发布日期：{year + 1}-03-28</p>"
        f'<div class="TRS_Editor">{TEXT}<p>试验街道办事处</p><p>{year + 1}年3月28日</p></div>{extra}</body></html>'
    ).encode()


def crawl(folder: Path, what: Site, *, proxy: str | None, **overrides: object) -> Summary:
    """Crawls a site, in this process, with no retries unless asked for."""
    if not (folder / "archive.db").exists():
        (folder / "archive.db").write_bytes(empty_archive())
    session = prepare(what, db=str(folder / "archive.db"), proxy=proxy, recheck="all")
    return run(session, workers=0, overrides={"RETRY_TIMES": 0, "DOWNLOAD_TIMEOUT": 30, **overrides})


@contextmanager
def served(portal: Callable[..., object]) -> Iterator[LoopbackServer]:
    """A portal function behind a proxy."""
    with LoopbackServer(portal) as server:  # type: ignore[arg-type]
        yield server


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the caller's proxies: requests go where they say."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class RawServer:
    """Answers each connection with what a function writes to it; over TLS if it has a context.

    Args:
        answer: Gets the connection and the head of the request; the connection is closed behind it.
        context: Server side of TLS.
        ends: What the head of a request ends with; empty: the first bytes are enough.
    """

    def __init__(
        self,
        answer: Callable[[socket.socket, str], None],
        context: ssl.SSLContext | None = None,
        *,
        ends: bytes = b"\r\n\r\n",
    ) -> None:
        self._ends = ends
        self._answer = answer
        self._context = context
        self.asked: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ended = threading.Event()

    @property
    def port(self) -> int:
        """The port the system gave."""
        return int(self._listener.getsockname()[1])

    def __enter__(self) -> RawServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed by __exit__
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                used = (
                    connection
                    if self._context is None
                    else self._context.wrap_socket(connection, server_side=True)
                )
                head = b""
                while self._ends not in head or not head:
                    got = used.recv(65_536)
                    if not got:
                        return
                    head += got
                first = head.split(b"\r\n", 1)[0].decode("latin-1")
                self.asked.append(first.split(" ")[1] if " " in first else first)
                self._answer(used, head.decode("latin-1"))
        except OSError:  # a client that refuses our certificate, or has had enough
            return


def answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP answer."""
    lines = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    return (
        f"HTTP/1.1 {status}\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
    ).encode() + body


def slowly(connection: socket.socket, body: bytes, pause: float, ended: Callable[[], bool]) -> None:
    """Sends a body byte by byte."""
    for byte in body:
        if ended():
            return
        connection.sendall(bytes([byte]))
        time.sleep(pause)


@cache
def _key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def certificate(folder: Path, host: str = "localhost", *, expired: bool = False, bits: int = 2048) -> Path:
    """A self-signed certificate with its key, in one PEM file."""
    key = _key(bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    begins = now - timedelta(days=800 if expired else 1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{host}-{expired}-{bits}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


def column_with(row: str) -> Answer:
    """A column of one page of 拓尔思, with this row or none."""
    script = "<script>createPageHTML(1, 0, 'index', 'html');</script>"
    menu = "".join(f"<li><a href='/zwgk/{name}/'>{name}栏目</a></li>" for name in ("政务", "公开", "指南"))
    body = f"<ul class='nav'>{menu}</ul><h2>法治政府建设</h2><ul class='list'>{row}</ul>{script}"
    return Answer(body=f"<html><body>{body}</body></html>".encode())
