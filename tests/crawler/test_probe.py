"""``crawler probe``: what a portal is, the site file it would need, and that what is kept tests itself."""

from __future__ import annotations

import io
import json
import os
import shutil
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console
from warcio.archiveiterator import ArchiveIterator
from warcio.warcwriter import WARCWriter

from archive.records import Outcome
from crawler.errors import NotKept
from crawler.platforms.post import post_address
from crawler.probe import Probe, probe
from crawler.probe_columns import ColumnSeen
from crawler.probe_fixture import differences, record
from crawler.probe_show import next_steps, show
from crawler.recordings import open_recording
from crawler.sample.server import Answer, LogLine
from crawler.site import load_site_file
from tests.conftest import Command
from tests.crawler.probing import CODE, PLACE, answered, empty_seeds, home_url, portal, replica
from tests.portals.platform_replicas import replicas
from tests.portals.proxy import ReplicaServer

TRS = replica("trs-index")
FORM = replica("hanweb-form")
SHORT = {"json-wrapped", "json-opaque-form", "json-grouped-body", "anchors-query"}
"""Columns whose addresses no home page links: a search's answer, a list with its page number."""


def probed(server: ReplicaServer, url: str, seeds: Path, **options: object) -> Probe:
    named = {"key": "qinghe-trial", "seeds": seeds, "proxy": server.proxy_url, "delay": 0, "workers": 0}
    return probe(url, **{**named, **options})  # type: ignore[arg-type]


def generic(key: str, seeds: Path) -> list[str]:
    """What tests/test_sites.py asks of every fixture."""
    return differences(key, seeds.parent / "tests" / "sites", seeds / "sites" / f"{key}.toml", seeds=seeds)


# -- the whole way ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A kept portal."""

    seeds: Path
    done: Probe
    log: list[LogLine]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A portal that nobody wrote a file for, probed and kept."""
    seeds = empty_seeds(tmp_path_factory.mktemp("made"))
    served = portal(TRS)
    served.robots = "User-agent: *\nDisallow: /admin/\nDisallow: /x/\nCrawl-delay: 0.01\n"
    with ReplicaServer(served) as server:
        done = probed(server, home_url(TRS), seeds, write=True)
        return Made(seeds, done, server.requests())


@pytest.fixture
def kept(made: Made, tmp_path: Path) -> Path:
    """The seeds of a copy of it that a test may change."""
    shutil.copytree(made.seeds.parent, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy" / "seeds"


def test_an_unseen_portal_is_kept_and_its_test_passes_without_a_hand_edit(made: Made) -> None:
    seeds, done, log = made.seeds, made.done, made.log
    found = done.findings
    assert found.exit_code == 0
    assert log[0].url.endswith("/robots.txt")
    assert len(log) == found.requests <= 40
    (column,) = found.columns
    assert (column.url, column.rows, column.rows_stated, column.pages, column.platform) == (
        TRS.column_url, 21, 21, 3, "trs",
    )  # fmt: skip
    assert len(column.candidates) == 21
    assert [report.year for report in column.reports] == [2023, 2023, 2023]
    assert found.robots[0].disallowed == 2
    assert found.robots[0].delay == 0.01
    assert found.identity.code == CODE
    assert found.identity.name == "清河区"
    assert "utf-8" in found.charsets
    assert any("tYYYYMMDD" in sign for sign in found.platforms[0].signs)

    written = tomllib.loads((seeds / "sites" / "qinghe-trial.toml").read_text(encoding="utf-8"))
    assert written == {
        "key": "qinghe-trial", "name": "清河区", "short_name": "清河区", "level": "county", "division_code": CODE[:6],
        "home": home_url(TRS), "platform": "trs",
        "column": [{"url": TRS.column_url, "name": "法治政府建设", "confirmed": True}],
    }  # fmt: skip
    assert load_site_file(seeds / "sites" / "qinghe-trial.toml", seeds=seeds).columns[0].confirmed
    assert generic("qinghe-trial", seeds) == []
    expected = json.loads(
        (seeds.parent / "tests" / "sites" / "qinghe-trial.json").read_text(encoding="utf-8")
    )
    assert [report["url"] for report in expected["reports"]] == sorted(row.url for row in TRS.rows[:3])

    console = Console(record=True, width=140)
    show(found, done.toml, console)
    text = console.export_text()
    for words in (
        "directly",
        "2 rules, crawl-delay 0.01 s",
        "21 of 21",
        "(2023)",
        "trs",
        CODE,
        "exit code 0",
    ):
        assert words in text


@pytest.mark.slow
def test_lists_that_are_asked_for_by_post_are_replayed_too(tmp_path: Path) -> None:
    seeds = empty_seeds(tmp_path)
    with ReplicaServer(portal(FORM)) as server:
        done = probed(server, home_url(FORM), seeds, write=True)
    assert done.findings.columns[0].rows == 15
    assert generic("qinghe-trial", seeds) == []
    assert done.kept is not None
    with next(path for path in done.kept.files if path.suffix == ".gz").open("rb") as file:
        asked = [
            record.http_headers.protocol for record in ArchiveIterator(file) if record.rec_type == "request"
        ]
    assert asked
    assert set(asked) == {"POST"}


def test_an_answer_to_a_post_and_a_redirected_one_are_found_again(tmp_path: Path) -> None:
    base = answered(PLACE, Outcome.OK).seen[0]
    post = post_address("http://www.x.gov.cn/list.do", form={"page": "2"})
    moved = ("http://www.x.gov.cn/a/", "http://www.x.gov.cn/b/")
    fetches = [
        replace(base.fetch, requested_url=post, body=b"rows", status=200, headers={"content-type": "text/html"}),
        replace(base.fetch, requested_url=moved[0], redirects=moved, final_url="https://www.x.gov.cn/c/", body=b"c"),
        replace(base.fetch, requested_url="http://www.x.gov.cn/d/", redirects=("http://www.x.gov.cn/d/",),
                final_url="https://www.x.gov.cn/d/", body=b"d"),
    ]  # fmt: skip
    sources = tuple(replace(base, fetch=fetch) for fetch in fetches)
    column = ColumnSeen(
        url=PLACE.home_url, name="x", platform="trs", declared=False, pages=1, page_count=1, rows=1, rows_stated=None,
        candidates=(), unsure=0, reports=(), unread=(), warnings=(), sources=sources,
    )  # fmt: skip
    record([column], tmp_path / "x.warc.gz")
    recording = open_recording(tmp_path / "x.warc.gz")
    told = recording.find("http://www.x.gov.cn/list.do", "POST", b"page=2")
    assert told is not None
    assert told.body == b"rows"
    assert recording.find("http://www.x.gov.cn/list.do") is None
    steps = [recording.find(url) for url in (*moved, "http://www.x.gov.cn/c/", "http://www.x.gov.cn/d/")]
    assert [step.status for step in steps if step] == [302, 302, 200, 200]
    assert [step.headers.get("location") for step in steps[:2] if step] == [
        moved[1],
        "https://www.x.gov.cn/c/",
    ]


def test_a_recording_has_a_limit_and_says_what_had_no_room(tmp_path: Path) -> None:
    base = answered(PLACE, Outcome.OK).seen[0]
    bodies = [b"small", os.urandom(9_000), b"also small"]
    sources = tuple(
        replace(
            base, entry=replace(base.entry, url=f"{PLACE.home_url}{n}"), fetch=replace(base.fetch, body=body)
        )
        for n, body in enumerate(bodies)
    )
    column = ColumnSeen(
        url=PLACE.home_url, name="x", platform="trs", declared=False, pages=1, page_count=1, rows=1, rows_stated=None,
        candidates=(), unsure=0, reports=(), unread=(), warnings=(), sources=sources,
    )  # fmt: skip
    made = record([column], tmp_path / "x.warc.gz", largest=8_000)
    assert made.left_out == (f"{PLACE.home_url}1",)
    assert made.answers == 2
    assert made.size <= 8_000


@pytest.mark.slow
@pytest.mark.parametrize("name", [one.name for one in replicas()])
def test_every_platform_s_replica_is_kept(name: str, tmp_path: Path) -> None:
    one, seeds = replica(name), empty_seeds(tmp_path)
    with ReplicaServer(portal(one)) as server:
        start = one.column_url if name in SHORT else home_url(one)
        done = probed(server, start, seeds, write=True)
        assert len(server.log) <= 40
    assert done.findings.exit_code in (0, 3)
    assert done.findings.columns[0].candidates
    assert one.platform in {platform.name for platform in done.findings.platforms}
    assert generic("qinghe-trial", seeds) == []


def test_what_is_lost_or_read_differently_is_named(kept: Path) -> None:
    folder = kept.parent / "tests" / "sites"
    wanted = json.loads((folder / "qinghe-trial.json").read_text(encoding="utf-8"))
    gone, changed = wanted["reports"][0]["url"], wanted["reports"][1]["url"]
    _rewrite(folder / "qinghe-trial.warc.gz", lambda url: url != gone)
    wanted["reports"][1]["year"] = 1999
    (folder / "qinghe-trial.json").write_text(json.dumps(wanted), encoding="utf-8")
    assert generic("qinghe-trial", kept) == [
        f"report {changed}: year is 2023, expected 1999",
        f"report lost: {gone}",
    ]


def _rewrite(path: Path, stays: Callable[[str], bool]) -> None:
    with path.open("rb") as file:
        records = [
            (record, record.raw_stream.read())
            for record in ArchiveIterator(file, no_record_parse=True)
            if stays(record.rec_headers.get_header("WARC-Target-URI"))
        ]
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for record, data in records:
            made = writer.create_warc_record(
                record.rec_headers.get_header("WARC-Target-URI"), record.rec_type, payload=io.BytesIO(data),
                warc_headers_dict={"WARC-Date": record.rec_headers.get_header("WARC-Date")},
                warc_content_type=record.rec_headers.get_header("Content-Type"),
            )  # fmt: skip
            writer.write_record(made)


@pytest.mark.slow
def test_a_file_that_is_there_is_never_overwritten_unasked(kept: Path) -> None:
    file = kept / "sites" / "qinghe-trial.toml"
    before = file.read_bytes()
    with ReplicaServer(portal(TRS)) as server:
        with pytest.raises(NotKept, match="--force"):
            probed(server, home_url(TRS), kept, write=True)
        assert not server.log, "refused before anything is asked"
        # What a person added stays where the file is made anew.
        told = file.read_text(encoding="utf-8").replace('platform = "trs"', 'platform = "trs"\ndelay = 7')
        file.write_text(
            told.replace("confirmed = true", 'confirmed = false\npublisher = "清河区司法局"'),
            encoding="utf-8",
        )
        probed(server, home_url(TRS), kept, write=True, force=True, delay=0)
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    assert written["delay"] == 7
    assert written["column"][0]["publisher"] == "清河区司法局"
    assert written["column"][0]["confirmed"] is True
    assert generic("qinghe-trial", kept) == []
    assert file.read_bytes() != before


@pytest.mark.slow
def test_a_fixture_alone_leaves_the_site_file_as_it_is(kept: Path) -> None:
    file = kept / "sites" / "qinghe-trial.toml"
    before = file.read_bytes()
    for path in (kept.parent / "tests" / "sites").iterdir():
        path.unlink()
    with ReplicaServer(portal(TRS)) as server:
        probed(server, home_url(TRS), kept, fixture_only=True)
    assert file.read_bytes() == before
    assert generic("qinghe-trial", kept) == []


# -- no way in, or nothing there ----------------------------------------------------------------


def test_a_challenge_is_named_and_nothing_else_is_asked(tmp_path: Path) -> None:
    body = b"<html><head><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script></head><body></body></html>"
    refused = {home_url(TRS): Answer(status=412, body=body, etag=False)}
    with ReplicaServer(portal(TRS, faults=refused)) as server:
        done = probed(server, home_url(TRS), empty_seeds(tmp_path), write=True)
        assert len(server.log) == 2, "robots.txt and the home page"
    assert done.findings.exit_code == 4
    assert done.findings.refusal is not None
    assert "瑞数" in done.findings.refusal
    assert done.kept is None
    assert done.not_kept
    assert any("crawler import" in step for step in next_steps(done.findings))


def test_a_portal_that_only_answers_over_https_is_reached_and_said_to_be(tmp_path: Path) -> None:
    home = Answer(body=portal(TRS).faults[home_url(TRS)].body)
    served = portal(TRS, faults={home_url(TRS).replace("http:", "https:"): home})
    answer = served.__call__

    def only_https(request):
        return (
            Answer(status=503, body=b"x" * 99, etag=False)
            if request.url.startswith("http:")
            else answer(request)
        )

    only_https.hosts = served.hosts  # type: ignore[attr-defined]
    with ReplicaServer(only_https) as server:  # type: ignore[arg-type]
        done = probed(server, home_url(TRS), empty_seeds(tmp_path))
    first, second = done.findings.ways[:2]
    assert (first.home, first.outcome) == (home_url(TRS), "http_error")
    assert (second.home, second.outcome) == (home_url(TRS).replace("http:", "https:"), "ok")
    assert tomllib.loads(done.toml)["home"] == second.home


def test_a_portal_without_a_column_is_read_and_nothing_is_kept(tmp_path: Path) -> None:
    seeds = empty_seeds(tmp_path)
    with ReplicaServer(portal(TRS, leads="/nothing/")) as server:
        done = probed(server, home_url(TRS), seeds, write=True)
    assert done.findings.exit_code == 5
    assert done.kept is None
    assert list((seeds / "sites").iterdir()) == []
    assert not (tmp_path / "tests").exists()


def test_the_budget_is_kept_and_said_to_be_used(tmp_path: Path) -> None:
    with ReplicaServer(portal(TRS)) as server:
        done = probed(server, home_url(TRS), empty_seeds(tmp_path), budget=4)
        assert len(server.log) == 4
    assert done.findings.spent
    assert any("--budget" in step for step in next_steps(done.findings))


# -- the command --------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command(command: Command, tmp_path: Path) -> None:
    done = command("crawler", "probe", "demo", "--json", "--fixture", "--fixtures", tmp_path / "made")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["site"] == "demo"
    assert {column["name"] for column in said["columns"]} == {"法治政府建设", "街镇法治政府建设", "工作报告"}
    assert said["robots"][0]["state"] == "rules"
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["demo.json", "demo.warc.gz"]
    for wrong in (["nowhere-at-all"], ["https://www.mirror.com/"], ["demo", "--write"]):
        refused = command("crawler", "probe", *wrong)
        assert refused.returncode == 2
        assert refused.stderr.splitlines()[-1].startswith("crawler: ")
