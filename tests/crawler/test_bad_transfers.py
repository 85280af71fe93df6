"""Decompression bombs and false encodings over HTTP: typed, never content, in bounded memory."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import UsageError
from archive.reader import Archive
from archive.text import normalise
from crawler.unpacking import ACCEPTED, Damaged, TooLarge, unpack
from tests.conftest import ROOT, environment
from tests.crawler.transfers import (
    BASE,
    BOMBS,
    CUT,
    DAMAGED,
    FOLDER,
    GOOD,
    NAMES,
    REPORTS,
    br,
    deflate,
    gzip,
    raw_deflate,
    zstd,
)

PLAIN = {"gzip that is none", "zstd that is none", "an encoding nobody knows"}
"""Under a false header comes the page as it is: unpacked on its way by somebody who left the header."""


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    folder = tmp_path_factory.mktemp("transfers")
    command = [sys.executable, "-m", "tests.crawler.transfers", str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment(), timeout=150
    )
    seen = json.loads(done.stdout)
    print(f"peak of the crawl's memory: {seen['megabytes']:.0f} MB")
    return seen, folder / "archive.db"


def held(db: Path, name: str) -> str | None:
    """The text that the archive holds of an article."""
    with Archive.open(str(db)) as archive:
        try:
            target = archive.resolve(f"{BASE}{FOLDER}t20240301_{NAMES.index(name)}.html")
        except UsageError:
            return None
        return normalise(archive.text(target.report_id))


def test_no_answer_takes_more_than_512_megabytes(crawled: tuple[dict[str, Any], Path]) -> None:
    assert crawled[0]["megabytes"] <= 512
    assert set(crawled[0]["asked"]) == set(NAMES)
    assert crawled[0]["stopped"] is None


@pytest.mark.parametrize("name", BOMBS)
def test_decompression_bomb(crawled: tuple[dict[str, Any], Path], name: str) -> None:
    outcome, detail = crawled[0]["problems"][name]
    assert outcome == "too_large"
    assert "unpack to more than" in detail
    assert held(crawled[1], name) is None


@pytest.mark.parametrize("name", sorted(DAMAGED.keys() - PLAIN))
def test_what_cannot_be_unpacked_is_an_error_and_no_text(
    crawled: tuple[dict[str, Any], Path], name: str
) -> None:
    assert crawled[0]["problems"][name][0] == "error_body"
    assert held(crawled[1], name) is None


@pytest.mark.parametrize("name", CUT)
def test_a_packed_answer_cut_on_its_way_is_asked_for_again_and_no_version(
    crawled: tuple[dict[str, Any], Path], name: str
) -> None:
    assert crawled[0]["problems"][name][0] == "cut_short"
    assert crawled[0]["asked"].count(name) == 2
    assert held(crawled[1], name) is None


@pytest.mark.parametrize("name", sorted(GOOD.keys() | PLAIN))
def test_what_can_be_unpacked_is_read_whole(crawled: tuple[dict[str, Any], Path], name: str) -> None:
    assert name not in crawled[0]["problems"]
    assert held(crawled[1], name) == normalise(REPORTS[NAMES.index(name) % len(REPORTS)].text)


# -- the function ---------------------------------------------------------------------------------

PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip),
    "deflate": ("deflate", deflate),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", br),
    "zstd": ("zstd", zstd),
}
MOST = 1 << 20


@settings(max_examples=40)
@given(
    body=st.one_of(st.binary(max_size=4_000), st.integers(0, 900_000).map(bytes)),
    packed=st.sampled_from(sorted(PACKERS)),
    copies=st.integers(1, 3),
)
def test_what_was_packed_comes_back(body: bytes, packed: str, copies: int) -> None:
    name, pack = PACKERS[packed]
    many = copies if name in ("gzip", "zstd") else 1  # these may follow each other in one answer
    whole = body * many
    if len(whole) > MOST:
        with pytest.raises(TooLarge):
            unpack(pack(body) * many, [name], MOST)
        assert unpack(pack(body) * many, [name], MOST, cut=True)[0] == whole[:MOST]
    else:
        assert unpack(pack(body) * many, [name], MOST) == (whole, True)


@settings(max_examples=60)
@given(body=st.binary(min_size=1, max_size=5_000), packed=st.sampled_from(sorted(PACKERS)), data=st.data())
def test_a_cut_stream_gives_its_beginning_and_says_so(body: bytes, packed: str, data: st.DataObject) -> None:
    name, pack = PACKERS[packed]
    bytes_ = pack(body)
    part = bytes_[: data.draw(st.integers(1, len(bytes_) - 1))]
    try:
        out, whole = unpack(part, [name], MOST)
    except Damaged:  # two bytes that are no head of either form
        assert packed == "raw deflate"
        return
    assert body.startswith(out)
    assert not whole or out == body


@settings(max_examples=100)
@given(body=st.binary(max_size=3_000), name=st.sampled_from(["gzip", "deflate", "br", "zstd", "x"]))
def test_any_bytes_are_typed(body: bytes, name: str) -> None:
    for head in (b"", gzip(b"x" * 99)[:12], zstd(b"x" * 99)[:6]):
        try:
            out, _ = unpack(head + body, [name], 100_000)
        except (Damaged, TooLarge):
            continue
        assert len(out) <= 100_000


def test_a_hundred_layers_are_refused() -> None:
    body = b"x"
    for _ in range(100):
        body = gzip(body)
    with pytest.raises(Damaged, match="100 times"):
        unpack(body, ["gzip"] * 100, MOST)


def test_we_ask_for_what_we_can_unpack() -> None:
    for name in ACCEPTED.split(", "):
        assert unpack(PACKERS[name][1](b"abc"), [name], MOST) == (b"abc", True)
