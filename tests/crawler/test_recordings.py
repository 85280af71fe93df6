"""Recordings made elsewhere: WARC and WACZ written by warcio, folders as wget writes them, damage of every sort."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import BadRecording
from crawler.recordings import open_recording

HOST = "www.lanting.example"
PAGE = f"http://{HOST}/zwgk/t20240118_1.html"
BODY = "<html><body><p>兰汀区2023年度法治政府建设情况报告</p></body></html>".encode()
DATE = "2024-03-05T02:10:00Z"


def write(path: Path, *answers: tuple[str, bytes], gz: bool = True, kind: str = "text/html") -> Path:
    """A WARC file of answers with status 200."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gz)
        for url, body in answers:
            head = StatusAndHeaders("200 OK", [("Content-Type", kind)], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url,
                    "response",
                    payload=io.BytesIO(body),
                    http_headers=head,
                    warc_headers_dict={"WARC-Date": DATE},
                )
            )
    return path


def wacz(path: Path, warc: Path, *, digest: str | None = None) -> Path:
    data = warc.read_bytes()
    known = digest or f"sha256:{hashlib.sha256(data).hexdigest()}"
    manifest = {"profile": "data-package", "resources": [{"path": "archive/data.warc.gz", "hash": known}]}
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("archive/data.warc.gz", data)
        package.writestr("pages/pages.jsonl", '{"format": "json-pages-1.0"}\n')
        package.writestr("datapackage.json", json.dumps(manifest))
    return path


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_answers_of_a_warc_file(tmp_path: Path, name: str) -> None:
    recording = open_recording(write(tmp_path / name, (PAGE, BODY), gz=name.endswith(".gz")))
    answer = recording.find(PAGE)
    assert answer is not None
    assert (answer.body, answer.status, answer.headers["content-type"]) == (BODY, 200, "text/html")
    assert answer.recorded_at == datetime(2024, 3, 5, 2, 10, tzinfo=UTC)
    assert recording.find(PAGE.replace("http:", "https:")) is answer
    assert recording.find(PAGE + "?x=1") is None


def test_content_encoding_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file)
        head = StatusAndHeaders(
            "200 OK", [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], protocol="HTTP/1.1"
        )
        payload = io.BytesIO(gzip.compress(BODY))
        writer.write_record(writer.create_warc_record(PAGE, "response", payload=payload, http_headers=head))
    answer = open_recording(path).find(PAGE)
    assert answer is not None
    assert answer.body == BODY
    assert "content-encoding" not in answer.headers


def test_a_post_is_told_from_another_by_its_form(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file)
        for form in (b"page=1", b"page=2"):
            head = StatusAndHeaders("200 OK", [("Content-Type", "application/json")], protocol="HTTP/1.1")
            answer = writer.create_warc_record(
                PAGE, "response", payload=io.BytesIO(b'{"of": "' + form + b'"}'), http_headers=head
            )
            asked = StatusAndHeaders("POST /x HTTP/1.1", [("Host", HOST)], is_http_request=True)
            request = writer.create_warc_record(PAGE, "request", payload=io.BytesIO(form), http_headers=asked)
            writer.write_request_response_pair(request, answer)
    recording = open_recording(path)
    second = recording.find(PAGE, "POST", b"page=2")
    assert second is not None
    assert second.body == b'{"of": "page=2"}'
    assert recording.find(PAGE) is None


def test_a_revisit_takes_the_body_it_names(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    other = f"http://{HOST}/copy.html"
    with path.open("wb") as file:
        writer = WARCWriter(file)
        head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        first = writer.create_warc_record(PAGE, "response", payload=io.BytesIO(BODY), http_headers=head)
        writer.write_record(first)
        digest = first.rec_headers.get_header("WARC-Payload-Digest")
        for url, named in ((other, digest), (f"http://{HOST}/lost.html", "sha1:AAAA")):
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(writer.create_revisit_record(url, named, PAGE, DATE, http_headers=head))
    recording = open_recording(path)
    again = recording.find(other)
    assert again is not None
    assert again.body == BODY
    assert [w for w in recording.warnings if "lost.html" in w]


def test_a_wacz_file_and_its_digests(tmp_path: Path) -> None:
    warc = write(tmp_path / "a.warc.gz", (PAGE, BODY))
    assert open_recording(wacz(tmp_path / "a.wacz", warc)).find(PAGE) is not None
    with pytest.raises(BadRecording, match="differs from its digest"):
        open_recording(wacz(tmp_path / "b.wacz", warc, digest="sha256:" + "0" * 64))


def test_a_mirrored_folder(tmp_path: Path) -> None:
    page = tmp_path / "mirror" / HOST / "zwgk" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_bytes(BODY)
    (page.parent / "P020.pdf").write_bytes(b"%PDF-1.4")
    os.utime(page, (1_700_000_000, 1_700_000_000))
    recording = open_recording(tmp_path / "mirror")
    for url in (f"http://{HOST}/zwgk/", f"https://{HOST}/zwgk/index.html"):
        answer = recording.find(url)
        assert answer is not None
        assert answer.recorded_at.year == 2023
    pdf = recording.find(f"http://{HOST}/zwgk/P020.pdf")
    assert pdf is not None
    assert pdf.headers["content-type"] == "application/pdf"
    assert recording.warnings == ["mirror: a folder of files keeps neither headers nor digests"]


def test_a_folder_of_recordings(tmp_path: Path) -> None:
    write(tmp_path / "a.warc.gz", (PAGE, b"<html>old and longer than nothing</html>"))
    write(tmp_path / "b.warc.gz", (f"http://{HOST}/b.html", BODY))
    assert len(open_recording(tmp_path)) == 2


@pytest.mark.parametrize("name", ["a.warc.gz", "a.warc"])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    whole = write(tmp_path / name, (PAGE, BODY), (f"http://{HOST}/2.html", BODY * 3), gz=name.endswith(".gz"))
    data = whole.read_bytes()
    cut = tmp_path / ("cut-" + name)
    for size in range(40, len(data) - 8, 61):
        cut.write_bytes(data[:size])
        try:
            recording = open_recording(cut)
        except BadRecording:
            continue
        # A cut between two records leaves a whole file with fewer of them.
        assert all(answer.body in (BODY, BODY * 3) for answer in recording)


def test_a_flipped_byte_of_a_body_is_noticed(tmp_path: Path) -> None:
    whole = write(tmp_path / "a.warc", (PAGE, BODY), gz=False)
    data = bytearray(whole.read_bytes())
    place = data.index("兰汀".encode())
    data[place] ^= 1
    whole.write_bytes(data)
    with pytest.raises(BadRecording, match="differs from its digest"):
        open_recording(whole)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.warc.gz", b"", "no answer"),
        ("a.warc", b"no warc at all", "no readable WARC"),
        ("a.warc.gz", b"\x1f\x8b\x08garbage", "cut short or damaged"),
        ("a.wacz", b"PK\x03\x04garbage", "no readable WACZ"),
        ("a.html", b"<html>", "is expected"),
    ],
)
def test_what_is_no_recording(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadRecording, match=words):
        open_recording(path)


def test_places_that_are_no_recording(tmp_path: Path) -> None:
    with pytest.raises(BadRecording, match="no such file"):
        open_recording(tmp_path / "absent.warc.gz")
    with pytest.raises(BadRecording, match="neither WARC or WACZ"):
        open_recording(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.wacz", "w") as package:
        package.writestr("../../evil.txt", "x")
    with pytest.raises(BadRecording, match="holds no WARC"):
        open_recording(tmp_path / "a.wacz")


def test_the_newest_good_answer_stands(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file)
        for status, day, body in (
            ("200 OK", 1, b"old" * 40),
            ("200 OK", 3, b"new" * 40),
            ("503 Busy", 5, b"busy"),
        ):
            head = StatusAndHeaders(status, [("Content-Type", "text/html")], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    PAGE,
                    "response",
                    payload=io.BytesIO(body),
                    http_headers=head,
                    warc_headers_dict={"WARC-Date": f"2024-03-0{day}T00:00:00Z"},
                )
            )
    answer = open_recording(path).find(PAGE)
    assert answer is not None
    assert answer.body == b"new" * 40
