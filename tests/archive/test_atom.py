"""The Atom feed: valid for other programs, safe whatever titles say, complete through its archive pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy.engine import Engine

from archive import atom, meta
from archive.database import open_archive, writing
from archive.errors import ArchiveError, UsageError
from archive.reader import Archive
from archive.records import RunState
from tests.archive.builder import HOST, Crawl, body_text, extraction
from tests.archive.following import lose, reading

BASE = "https://reports.example/feeds"

# RFC 4287, appendix B, as far as this feed goes; RFC 5005, section 4 for fh:archive.
GRAMMAR = r"""
<grammar xmlns="http://relaxng.org/ns/structure/1.0" datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"
    ns="http://www.w3.org/2005/Atom">
<start><element name="feed"><interleave>
  <element name="id"><ref name="tag"/></element>
  <element name="title"><ref name="line"/></element>
  <element name="updated"><ref name="moment"/></element>
  <element name="author"><element name="name"><ref name="line"/></element></element>
  <optional><element name="archive" ns="http://purl.org/syndication/history/1.0"><empty/></element></optional>
  <oneOrMore><ref name="link"/></oneOrMore>
  <zeroOrMore><element name="entry"><interleave>
    <element name="id"><ref name="tag"/></element>
    <element name="title"><ref name="line"/></element>
    <element name="updated"><ref name="moment"/></element>
    <optional><ref name="link"/></optional>
    <element name="category"><attribute name="term"/><empty/></element>
    <element name="content"><attribute name="type"><value>text</value></attribute><ref name="line"/></element>
  </interleave></element></zeroOrMore>
</interleave></element></start>
<define name="link"><element name="link">
  <attribute name="rel"><choice><value>self</value><value>current</value><value>alternate</value>
    <value>prev-archive</value><value>next-archive</value></choice></attribute>
  <attribute name="href"><data type="string"><param name="pattern">[!#$%&amp;'()*+,\-./0-9:;=?@A-Z_a-z~]+</param></data></attribute>
  <empty/></element></define>
<define name="tag"><data type="string"><param name="pattern">tag:[0-9a-f\-]{36}\.invalid,\d{4}-\d\d-\d\d:[!$%&amp;'()*+,\-./0-9:;=?@A-Z_a-z~]+</param></data></define>
<define name="moment"><data type="dateTime"><param name="pattern">.*(Z|[+\-]\d\d:\d\d)</param></data></define>
<define name="line"><data type="string"><param name="pattern">[^&#10;&#9;]+</param><param name="maxLength">3000</param></data></define>
</grammar>
"""
VALID = etree.RelaxNG(etree.fromstring(GRAMMAR))
ATOM = "{http://www.w3.org/2005/Atom}"


def checked(path: Path) -> Any:
    """The document as feedparser reads it, after it passed the grammar."""
    document = etree.fromstring(path.read_bytes())
    VALID.assertValid(document)
    ids = [element.text for element in document.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    parsed = feedparser.parse(path.read_bytes())
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


def links(parsed: Any) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in parsed.feed.links}


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database for what the files look like; the last test compares it with the other."""
    return sqlite_url


@pytest.fixture
def many(crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    """Seven changes, in pages of three."""
    monkeypatch.setattr(atom, "PAGE", 3)
    for name in "abcdefg":
        crawl.clock.pass_time(seconds=1)
        crawl.page(f"{name}.html", reading(name))
    return crawl


def write(engine: Engine, path: Path, **given: Any) -> atom.Written:
    return Archive(engine).write_atom(path, **given)


def test_an_archive_without_changes_gives_a_valid_feed(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "changes.xml"
    assert write(engine, path) == atom.Written(entries=0, pages=0, rewritten=1)
    parsed = checked(path)
    assert parsed.entries == []
    assert links(parsed) == {"self": "changes.xml"}


def test_an_entry_says_what_happened_where(crawl: Crawl, tmp_path: Path) -> None:
    crawl.page("a.html")
    crawl.page("a.html", extraction(body_text(more="改。")))
    write(crawl.engine, tmp_path / "changes.xml", base_url=BASE)
    changed, new = checked(tmp_path / "changes.xml").entries
    facts = Archive(crawl.engine).facts()
    assert changed.title == "changed: 清河街道2025年法治政府建设年度报告"
    assert (new.link, new.tags[0].term) == (f"{HOST}/a.html", "new")
    assert new.id == f"tag:{facts.archive_id}.invalid,{facts.created:%Y-%m-%d}:{facts.epoch}/1"
    assert new.updated == "2026-03-01T08:00:00.000000+00:00"
    digests = [version.text_sha256 for version in Archive(crawl.engine).versions_of(1)]
    assert all(
        digest in entry.content[0].value for digest, entry in zip(digests, (new, changed), strict=True)
    )


def test_through_the_archive_pages_every_change_is_found_once(many: Crawl, tmp_path: Path) -> None:
    path = tmp_path / "changes.xml"
    assert write(many.engine, path, base_url=BASE) == atom.Written(entries=7, pages=2, rewritten=3)
    parsed = checked(path)
    assert [entry.link[-6] for entry in parsed.entries] == ["g", "f", "e"]
    assert links(parsed) == {"self": f"{BASE}/changes.xml", "prev-archive": f"{BASE}/changes.2.xml"}
    seen = {entry.id: entry.link for entry in parsed.entries}
    way = []
    while "prev-archive" in links(parsed):
        at = links(parsed)["prev-archive"]
        parsed = checked(tmp_path / at.removeprefix(f"{BASE}/"))
        assert links(parsed)["self"] == at
        assert links(parsed)["current"] == f"{BASE}/changes.xml"
        assert "fh_archive" in parsed.feed
        way.append(at[-5])
        seen |= {entry.id: entry.link for entry in parsed.entries}
    assert way == ["2", "1"]
    assert links(parsed)["next-archive"] == f"{BASE}/changes.2.xml"
    assert sorted(seen.values()) == [f"{HOST}/{name}.html" for name in "abcdefg"]


def test_the_same_archive_gives_the_same_bytes_and_full_pages_stay(many: Crawl, tmp_path: Path) -> None:
    path, elsewhere = tmp_path / "changes.xml", tmp_path / "elsewhere"
    elsewhere.mkdir()
    write(many.engine, path)
    write(many.engine, elsewhere / "changes.xml")
    first = {file.name: file.read_bytes() for file in tmp_path.glob("*.xml")}
    assert first == {file.name: file.read_bytes() for file in elsewhere.iterdir()}
    before = (tmp_path / "changes.1.xml").stat()
    assert write(many.engine, path).rewritten == 0
    many.page("h.html", reading("h"))
    many.page("i.html", reading("i"))
    # Page 3 is full now, page 2 leads to it; page 1 is what it was.
    assert write(many.engine, path) == atom.Written(entries=9, pages=3, rewritten=3)
    assert (tmp_path / "changes.1.xml").stat().st_mtime_ns == before.st_mtime_ns
    assert links(checked(tmp_path / "changes.2.xml"))["next-archive"] == "changes.3.xml"


def test_a_title_that_is_withdrawn_leaves_the_pages_that_are_there(many: Crawl, tmp_path: Path) -> None:
    path = tmp_path / "changes.xml"
    write(many.engine, path)
    assert "a2025年报告" in (tmp_path / "changes.1.xml").read_text(encoding="utf-8")
    many.store.finish_run(many.run_id, RunState.COMPLETE, {}, "")
    many.store.redact("1", by="test", reason="a name", titles=True)
    write(many.engine, path)
    assert len(list(tmp_path.glob("*.xml"))) == 3
    for file in tmp_path.glob("*.xml"):
        assert "a2025年报告" not in file.read_text(encoding="utf-8")
    assert write(many.engine, path).rewritten == 0


def test_a_page_that_was_lost_is_made_again(many: Crawl, tmp_path: Path) -> None:
    write(many.engine, tmp_path / "changes.xml")
    kept = (tmp_path / "changes.1.xml").read_bytes()
    (tmp_path / "changes.1.xml").unlink()
    assert write(many.engine, tmp_path / "changes.xml").rewritten == 1
    assert (tmp_path / "changes.1.xml").read_bytes() == kept
    assert write(many.engine, tmp_path / "changes.xml", base_url=BASE).rewritten == 3


def test_links_without_a_base_lead_from_file_to_file(many: Crawl, tmp_path: Path) -> None:
    write(many.engine, tmp_path / "变更 1.xml")
    names = {file.name for file in tmp_path.glob("*.xml")}
    assert names == {"变更 1.xml", "变更 1.1.xml", "变更 1.2.xml"}
    href = links(checked(tmp_path / "变更 1.xml"))["prev-archive"]
    assert urljoin("http://a/变更 1.xml", href) == "http://a/%E5%8F%98%E6%9B%B4%201.2.xml"


def test_after_a_restore_no_entry_takes_the_id_of_a_lost_one(many: Crawl, tmp_path: Path) -> None:
    path = tmp_path / "changes.xml"

    def ids() -> set[str]:
        return {entry.id for file in tmp_path.glob("*.xml") for entry in checked(file).entries}

    write(many.engine, path)
    before = ids()
    lose(many.engine, 2)
    with writing(many.engine) as connection:
        meta.new_epoch(connection, "restored")
    many.page("x.html", reading("x"))
    assert write(many.engine, path).pages == 1
    assert not (tmp_path / "changes.2.xml").exists()
    after = ids()
    assert len(before & after) == 2
    assert len(after) == 3


def test_only_of_a_portal_or_kind_is_a_feed_of_its_own(many: Crawl, tmp_path: Path) -> None:
    Crawl(many.engine, key="beihe").page("z.html", reading("z"))
    write(many.engine, tmp_path / "all.xml")
    assert write(many.engine, tmp_path / "some.xml", portal="beihe", kind="new").entries == 1
    some, every = checked(tmp_path / "some.xml"), checked(tmp_path / "all.xml")
    assert some.entries[0].id == every.entries[0].id
    assert some.feed.id != every.feed.id
    assert some.feed.title == "法治政府建设年度报告 · beihe · new"


HOSTILE = (
    "\x1b[31m红\x1b[0m\x07\u202e反\n换行\x00",
    "</title><script>alert(1)</script><!-- ]]> &amp; &nope; <![CDATA[",
    "=cmd|' /C calc'!A0",
    "../../etc/passwd",
    "\ufffe\uffff\ud800\u2028\x85",
    "长" * 1_000_000,
    "\x01\u200b",
)


@pytest.mark.parametrize("title", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_title_is_only_text(sqlite_url: str, tmp_path: Path, title: str) -> None:
    engine = open_archive(sqlite_url)
    Crawl(engine).page("a.html", extraction(title=title))
    write(engine, tmp_path / "changes.xml")
    engine.dispose()
    assert len(checked(tmp_path / "changes.xml").entries) == 1
    raw = (tmp_path / "changes.xml").read_text(encoding="utf-8")
    assert not set("\x00\x07\x1b\x85\u200b\u202e\u2028\ufffe\uffff") & set(raw)
    assert "<script" not in raw
    assert len(raw) < 4000
    (element,) = etree.fromstring(raw.encode()).iter(f"{ATOM}entry")
    said = element.findtext(f"{ATOM}title")
    assert said is not None and said.startswith("new: ")
    if title == HOSTILE[1]:
        assert said == f"new: {title}"


@settings(max_examples=40)
@given(st.text(st.characters(codec=None), max_size=400))
def test_any_text_makes_a_line_that_xml_takes(text: str) -> None:
    line = atom._line(text)
    element = etree.Element("a")
    element.text = line
    assert etree.fromstring(etree.tostring(element, encoding="utf-8")).text == (line or None)
    assert len(line) <= 300 and "\n" not in line


@settings(max_examples=40)
@given(st.text(max_size=60))
def test_any_address_becomes_a_uri_or_nothing(rest: str) -> None:
    assert atom._web_address(f"javascript:{rest}") is None
    found = atom._web_address(f"http://a/{rest}")
    assert found is not None and found.isascii() and not set(' "<>\\^`{|}[]') & set(found)


def test_addresses_that_lead_nowhere_safe_are_left_out(crawl: Crawl, tmp_path: Path) -> None:
    crawl.enqueue(crawl.link("a.html", url="javascript:alert(1)"))
    (frontier,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 1)
    crawl.enqueue(crawl.link("b.html"))
    fetch = crawl.fetch("b.html", extraction=extraction(), frontier_id=frontier.id)
    crawl.store.record(crawl.run_id, fetch)
    write(crawl.engine, tmp_path / "changes.xml")
    (entry,) = checked(tmp_path / "changes.xml").entries
    assert "links" not in entry
    assert Archive(crawl.engine).feed().entries[0].change.url == "javascript:alert(1)"


def test_a_place_where_nothing_can_be_written_is_told(crawl: Crawl, tmp_path: Path) -> None:
    crawl.page("a.html")
    folder = tmp_path / "changes.xml"
    folder.mkdir()
    with pytest.raises(ArchiveError, match="cannot be written: Is a directory"):
        write(crawl.engine, folder)
    with pytest.raises(UsageError, match="--base-url"):
        write(crawl.engine, tmp_path / "a.xml", base_url="ftp://a")
    assert [file.name for file in tmp_path.iterdir() if not file.name.startswith("archive.db")] == [
        folder.name
    ]


def test_a_document_without_a_title_is_told_by_its_address(crawl: Crawl, tmp_path: Path) -> None:
    crawl.page("a.html", extraction(title=None))
    write(crawl.engine, tmp_path / "changes.xml")
    assert checked(tmp_path / "changes.xml").entries[0].title.startswith(f"new: {HOST}/a.html")


def test_both_databases_give_the_same_feed(sqlite_url: str, postgresql_url: str, tmp_path: Path) -> None:
    written = []
    for url in (sqlite_url, postgresql_url):
        engine = open_archive(url)
        with writing(engine) as connection:
            meta.put(connection, meta.ARCHIVE_ID, "0" * 8 + "-0000" * 3 + "-" + "0" * 12)
            meta.put(connection, meta.CREATED, "2026-01-01T00:00:00+00:00")
            epoch = {"epoch": "1" * 36, "after": 0, "at": "2026-01-01T00:00:00+00:00", "reason": "created"}
            meta.put(connection, meta.EPOCHS, json.dumps([epoch]))
        crawl = Crawl(engine)
        crawl.page("a.html", reading("a"))
        crawl.page("a.html", reading("a", "改。"))
        write(engine, tmp_path / "changes.xml", portal="qinghe")
        written.append((tmp_path / "changes.xml").read_bytes())
        engine.dispose()
    assert written[0] == written[1]
