"""WARC and WACZ exports: read by other programs, the same bytes every time, every cut found."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import random
import zipfile
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from archive.errors import UsageError
from archive.exporting import cdxj
from archive.exporting.check import check
from archive.exporting.recordings import export_wacz, export_warc
from archive.exporting.selection import Selection
from archive.exporting.surt import surt
from archive.warc import split_post, uri
from crawler.platforms import post as posts
from crawler.recordings import open_recording
from tests.archive import exports
from tests.archive.builder import HOST

pytestmark = pytest.mark.usefixtures("no_waiting_for_the_disk")
filled, query, no_waiting_for_the_disk = exports.filled, exports.query, exports.no_waiting_for_the_disk


@pytest.fixture
def warc(filled: Engine, tmp_path: Path) -> Path:
    export_warc(filled, tmp_path / "a.warc.gz")
    return tmp_path / "a.warc.gz"


def header(record, name: str) -> str | None:
    return record.rec_headers.get_header(name)


def test_every_payload_stands_in_the_file_with_its_digest(filled: Engine, warc: Path, query) -> None:
    records = exports.warc_records(warc)
    kinds = [record.rec_type for record, _ in records]
    assert kinds[0] == "warcinfo" and kinds[-1] == "metadata"
    assert {"response", "revisit", "request", "metadata"} < set(kinds)
    held = {digest for (digest,) in query("SELECT sha256 FROM payload")}
    written = {
        hashlib.sha256(body).hexdigest() for record, body in records if record.rec_type == "response" and body
    }
    assert written == held
    for record, body in records:
        assert record.rec_headers.protocol == "WARC/1.1"
        assert header(record, "WARC-Date").endswith("Z")
        if record.rec_type == "response":
            assert header(record, "WARC-Payload-Digest") == f"sha256:{hashlib.sha256(body).hexdigest()}"
            assert record.http_headers.get_header("content-length") == str(len(body))
    ids = [header(record, "WARC-Record-ID") for record, _ in records]
    assert len(set(ids)) == len(ids)


def test_dates_addresses_and_statuses_are_those_of_the_captures(warc: Path) -> None:
    answers = {
        header(record, "WARC-Target-URI"): record
        for record, _ in exports.warc_records(warc)
        if record.rec_type == "response"
    }
    assert answers[f"{HOST}/lost.html"].http_headers.get_statuscode() == "412"
    assert header(answers[f"{HOST}/lost.html"], "WARC-Date") == "2026-03-01T08:00:00.000000Z"
    assert answers[f"{HOST}/table.pdf"].http_headers.statusline == "200 OK"
    assert f"{HOST}/parts_2.html" in answers


def test_a_redirect_is_rebuilt_hop_by_hop_and_says_so(warc: Path) -> None:
    records = [record for record, _ in exports.warc_records(warc) if record.rec_type == "response"]
    hops = {
        header(r, "WARC-Target-URI"): r.http_headers
        for r in records
        if r.http_headers.get_statuscode() == "302"
    }
    assert {url: head.get_header("location") for url, head in hops.items()} == {
        f"{HOST}/moved.html": f"{HOST}/hop",
        f"{HOST}/hop": f"{HOST}/new/moved.html",
    }
    assert all(head.get_header("x-archive-rebuilt") for head in hops.values())


def test_bytes_that_came_twice_are_a_revisit(warc: Path) -> None:
    records = [record for record, _ in exports.warc_records(warc)]
    revisit = next(record for record in records if record.rec_type == "revisit")
    first = next(r for r in records if header(r, "WARC-Record-ID") == header(revisit, "WARC-Refers-To"))
    assert header(revisit, "WARC-Target-URI") == f"{HOST}/b-copy.html"
    assert (
        header(revisit, "WARC-Refers-To-Target-URI") == header(first, "WARC-Target-URI") == f"{HOST}/b.html"
    )
    assert header(revisit, "WARC-Refers-To-Date") == header(first, "WARC-Date")
    assert header(revisit, "WARC-Payload-Digest") == header(first, "WARC-Payload-Digest")
    assert header(revisit, "WARC-Profile").endswith("/1.1/revisit/identical-payload-digest")


def test_what_was_posted_stands_beside_its_answer(warc: Path) -> None:
    records = exports.warc_records(warc)
    request, body = next((record, body) for record, body in records if record.rec_type == "request")
    assert body == b"page=2&key=%E6%B3%95" and request.http_headers.protocol == "POST"
    answer, rows = next(
        (r, b) for r, b in records if header(r, "WARC-Record-ID") == header(request, "WARC-Concurrent-To")
    )
    assert rows == b'{"rows": []}' and header(answer, "WARC-Target-URI") == f"{HOST}/list.do"


def test_headers_fit_the_decoded_body_and_smuggle_nothing_in(warc: Path) -> None:
    record, body = next(
        (r, b) for r, b in exports.warc_records(warc) if header(r, "WARC-Target-URI") == f"{HOST}/zipped.html"
    )
    names = [name.lower() for name, _ in record.http_headers.headers]
    assert "x-archive-orig-content-encoding" in names and "content-encoding" not in names
    assert "x-archive-orig-transfer-encoding" in names and "transfer-encoding" not in names
    assert "x-injected" not in names and "bad name" not in names
    assert record.http_headers.get_header("content-length") == str(len(body))


def test_provenance_is_kept_beside_every_capture(warc: Path) -> None:
    said = [
        body.decode()
        for record, body in exports.warc_records(warc)
        if header(record, "WARC-Target-URI") == f"{HOST}/lost.html"
    ]
    assert any("outcome: challenge" in text and "portal: qinghe" in text for text in said)
    parts = [body.decode() for record, body in exports.warc_records(warc) if record.rec_type == "metadata"]
    assert any("part-of-capture: " in text and "part: 2" in text for text in parts)


@pytest.mark.parametrize("suffix", ["warc.gz", "wacz"])
def test_the_same_bytes_every_time(filled: Engine, tmp_path: Path, suffix: str) -> None:
    write = export_wacz if suffix == "wacz" else export_warc
    write(filled, tmp_path / f"one.{suffix}")
    write(filled, tmp_path / f"two.{suffix}")
    one, two = (tmp_path / f"{name}.{suffix}" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    assert check(one).problems == []
    assert sorted(path.name for path in tmp_path.iterdir() if ".part" in path.name) == []


def test_filters_take_the_captures_of_the_reports_chosen(filled: Engine, tmp_path: Path) -> None:
    export_warc(filled, tmp_path / "a.warc.gz", selection=Selection(publisher="清河街道"))
    urls = {
        header(r, "WARC-Target-URI")
        for r, _ in exports.warc_records(tmp_path / "a.warc.gz")
        if r.rec_type == "response"
    }
    assert urls == {f"{HOST}/a.html", f"{HOST}/table.pdf"}
    export_warc(filled, tmp_path / "b.warc.gz", selection=Selection(site="qinghe"))
    urls = {
        header(r, "WARC-Target-URI")
        for r, _ in exports.warc_records(tmp_path / "b.warc.gz")
        if r.rec_type == "response"
    }
    assert {f"{HOST}/list/", f"{HOST}/lost.html"} <= urls
    with pytest.raises(UsageError, match="nothing that was captured"):
        export_warc(filled, tmp_path / "c.warc.gz", selection=Selection(year=1999))
    with pytest.raises(UsageError, match=r"ends in \.wacz"):
        export_wacz(filled, tmp_path / "c.warc.gz")
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(("c", "."))} == set()


@pytest.mark.parametrize("kind", ["text", "payload"])
def test_withdrawn_bytes_are_not_written(filled: Engine, tmp_path: Path, query, kind: str) -> None:
    rows = query(
        "SELECT c.payload_sha256, e.text_sha256 FROM capture c JOIN extraction e ON e.capture_id = c.id "
        "JOIN payload p ON p.sha256 = c.payload_sha256"
    )
    wanted = {text: payload for payload, text in rows}
    texts = {digest for (digest,) in query("SELECT text_sha256 FROM version v WHERE v.number = 2")}
    (text,) = texts
    exports.hide(filled, kind, text if kind == "text" else wanted[text])
    export_warc(filled, tmp_path / "a.warc.gz")
    export_wacz(filled, tmp_path / "a.wacz")
    for member in exports.members(tmp_path / "a.warc.gz"):
        assert "讲法治课三次".encode() not in gzip.decompress(member)
    said = [
        body for record, body in exports.warc_records(tmp_path / "a.warc.gz") if record.rec_type == "metadata"
    ]
    assert any(b"payload-withheld: " in body and wanted[text].encode() in body for body in said), (
        "the fact is kept"
    )
    with zipfile.ZipFile(tmp_path / "a.wacz") as package:
        assert package.read("archive/data.warc.gz") == (tmp_path / "a.warc.gz").read_bytes()


def test_a_cut_is_found_wherever_it_is(warc: Path, tmp_path: Path) -> None:
    data = warc.read_bytes()
    cut = tmp_path / "cut.warc.gz"
    lengths = [len(member) for member in exports.members(warc)]
    borders = [sum(lengths[:number]) for number in range(1, len(lengths))]
    chosen = random.Random(5).sample(range(1, len(data)), 60)
    for length in {1, 2, 10, *borders, *chosen, len(data) - 1, len(data) - 8}:
        cut.write_bytes(data[:length])
        assert check(cut).problems, length
    cut.write_bytes(data)
    assert check(cut).problems == [] and check(cut).records == len(lengths)
    cut.write_bytes(data + b"more")
    assert check(cut).problems


def test_a_flipped_bit_is_found(warc: Path, tmp_path: Path) -> None:
    data = warc.read_bytes()
    flipped = tmp_path / "flipped.warc.gz"
    for place in random.Random(7).sample(range(len(data)), 100):
        flipped.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        found = check(flipped).problems
        # The eight bytes of a member's head that gzip does not protect (time, system) carry nothing.
        assert found or gzip.decompress(flipped.read_bytes()) == gzip.decompress(data), place


def test_a_file_that_is_not_compressed_is_checked_too(warc: Path, tmp_path: Path) -> None:
    data = gzip.decompress(warc.read_bytes())
    plain = tmp_path / "plain.warc"
    plain.write_bytes(data)
    assert check(plain).problems == [] and check(plain).records == len(exports.members(warc))
    for length in random.Random(9).sample(range(1, len(data) - 4), 30):
        plain.write_bytes(data[:length])
        assert check(plain).problems, length


def test_the_manifest_beside_finds_another_file(warc: Path, tmp_path: Path) -> None:
    assert check(warc).files == 1
    other = exports.members(warc)
    warc.write_bytes(b"".join(other[:1] + other[-1:]))
    assert any("in the manifest" in problem for problem in check(warc).problems)


def test_the_package_has_index_pages_and_digests(filled: Engine, tmp_path: Path) -> None:
    export_wacz(filled, tmp_path / "a.wacz", selection=Selection(site="qinghe"))
    with zipfile.ZipFile(tmp_path / "a.wacz") as package:
        files = {info.filename: info for info in package.infolist()}
        said = json.loads(package.read("datapackage.json"))
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()]
        data = package.read("archive/data.warc.gz")
        lines = gzip.decompress(package.read("indexes/index.cdx.gz")).decode().splitlines()
        shards = package.read("indexes/index.idx").decode().splitlines()
        index = package.read("indexes/index.cdx.gz")
        assert package.testzip() is None
    assert said["wacz_version"] == "1.1.1" and said["created"] == "2026-03-02T08:00:00Z"
    assert (
        files["archive/data.warc.gz"].compress_type
        == files["indexes/index.cdx.gz"].compress_type
        == zipfile.ZIP_STORED
    )
    assert pages[0]["format"] == "json-pages-1.0"
    assert {page["url"] for page in pages[1:]} >= {f"{HOST}/a.html", f"{HOST}/new/moved.html"}
    assert not any("parts_2" in page["url"] or "lost" in page["url"] for page in pages[1:])
    assert lines == sorted(lines)
    from warcio.archiveiterator import ArchiveIterator

    for line in lines:
        about = json.loads(line.split(" ", 2)[2])
        offset, length = int(about["offset"]), int(about["length"])
        (record,) = list(ArchiveIterator(io.BytesIO(data[offset : offset + length])))
        assert header(record, "WARC-Target-URI") == about["url"]
        assert header(record, "WARC-Payload-Digest") == about["digest"]
    shard = json.loads(shards[1].split(" ", 2)[2])
    assert (
        gzip.decompress(index[shard["offset"] : shard["offset"] + shard["length"]]).decode().splitlines()[0]
        == lines[0]
    )


def test_damage_in_a_package_is_found(filled: Engine, tmp_path: Path) -> None:
    export_wacz(filled, tmp_path / "a.wacz")
    data = (tmp_path / "a.wacz").read_bytes()
    other = tmp_path / "b.wacz"
    for place in random.Random(3).sample(range(len(data)), 30):
        other.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        problems = check(other).problems
        if not problems:  # in the zip's own time stamps
            with zipfile.ZipFile(other) as now, zipfile.ZipFile(tmp_path / "a.wacz") as then:
                assert {name: now.read(name) for name in now.namelist()} == {
                    n: then.read(n) for n in then.namelist()
                }
    for length in (0, 10, len(data) // 2, len(data) - 1):
        other.write_bytes(data[:length])
        assert check(other).problems, length


def test_our_own_reader_takes_it_back(filled: Engine, tmp_path: Path, query) -> None:
    export_wacz(filled, tmp_path / "a.wacz")
    export_warc(filled, tmp_path / "a.warc.gz")
    for name in ("a.wacz", "a.warc.gz"):
        recording = open_recording(tmp_path / name)
        assert recording.warnings == []
        rows = query(
            "SELECT c.final_url, c.url, c.payload_sha256 FROM capture c "
            "WHERE c.id = (SELECT max(d.id) FROM capture d WHERE d.url = c.url) AND c.payload_sha256 IS NOT NULL"
        )
        assert len(rows) == 13
        for final, url, digest in rows:
            address, sent, _ = split_post(url if "#!post:" in url else final or url)
            found = recording.find(address, "POST" if sent else "GET", (sent or "").encode())
            assert found is not None and hashlib.sha256(found.body).hexdigest() == digest, url


@pytest.mark.parametrize(
    "address",
    [
        "http://x.gov.cn/a?b=1",
        "http://x.gov.cn/a#top",
        posts.post_address("http://x.gov.cn/list.do", form={"page": "2", "q": "法 治"}),
        posts.post_address("http://x.gov.cn/list.do?x=1", data={"page": 2, "q": "法治"}),
        posts.post_address("http://x.gov.cn/list.do", form={"{": "1"}),
    ],
)
def test_a_post_is_split_as_the_crawler_splits_it(address: str) -> None:
    theirs = posts.split_post(address)
    url, body, kind = split_post(address)
    if theirs is None:
        assert (body, kind) == (None, None)
    else:
        assert (url, body, kind) == (theirs.url, theirs.body, theirs.content_type)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.example.gov.cn/a/B.html?b=2&a=1", "cn,gov,example)/a/b.html?a=1&b=2"),
        ("https://www.Example.gov.cn:8080/", "cn,gov,example:8080)/"),
        ("https://x.gov.cn:443", "cn,gov,x)/"),
        ("http://x.gov.cn/法/?q=法", "cn,gov,x)/%e6%b3%95?q=%e6%b3%95"),
        ("http://x.gov.cn/%E6%B3%95/../b//c/", "cn,gov,x)/b/c"),
        ("http://x.gov.cn:99999999/", "http://x.gov.cn:99999999/"),
    ],
)
def test_keys_of_addresses(url: str, key: str) -> None:
    assert surt(url) == key


def test_addresses_in_headers_are_one_line() -> None:
    assert uri("http://x.gov.cn/a b\r\nX-Injected: 1\x00#f") == "http://x.gov.cn/a%20bX-Injected:%201%00"


def test_what_was_posted_as_json_is_a_query_in_the_index() -> None:
    assert cdxj.posted('{"a":{"page":2},"b":["x y"]}', posts.JSON) == "page=2&b=x%20y"
    assert cdxj.posted("not json", posts.JSON) == ""
    assert cdxj.posted("q=%E6%B3%95+1", posts.FORM) == "q=法 1"
