"""What a person decides about a reading that waits, and the commands for it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from archive.cli import main
from archive.clock import utcnow
from archive.errors import PortalBusy, UsageError
from archive.leases import this_process
from archive.quarantine import DECIDE
from archive.reader import Archive
from archive.records import (
    Event,
    RunState,
    Verdict,
)
from archive.states import ChangeKind
from archive.store import Store
from tests.archive.builder import Crawl, extraction, other, parted_reading
from tests.archive.quarantining import CUT, LONG, ONE, SHORT, STUB, doubtful, kinds, shrunk_twice, states


class TestDecisions:
    def store(self, crawl: Crawl) -> Store:
        """A person's store: the crawl is over."""
        crawl.again()
        crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
        return Store(crawl.engine, crawl.clock)

    def test_released_it_becomes_what_it_would_have_been(self, crawl: Crawl) -> None:
        reading = other(parted_reading(), doubts=(SHORT,))
        crawl.page("a.html", reading)
        done = self.store(crawl).release(1, by="lin", said="a village of forty households")
        archive = Archive(crawl.engine)
        assert (done.event, done.document_id, done.report_id, done.version) == (Event.NEW, 1, 1, 1)
        report = archive.report(1)
        assert (report.title, report.year, report.publishers) == (reading.title, 2025, "清河街道")
        assert [section.parts for section in archive.sections(1)] == [(1,), (3,), (2, 4)]
        assert len(archive.figures(1)) == 4
        row = archive.quarantined(1)
        assert (row.state, row.decided_by, row.note, row.document_id) == (
            "released",
            "lin",
            "a village of forty households",
            1,
        )
        assert kinds(crawl) == ["quarantined", "new", "released"]
        told = archive.changes()[-1]
        assert (told.run_id, told.document_id) == (None, 1)
        assert told.detail is not None
        assert told.detail.startswith("quarantine 1 by lin: a village of forty households (http")

    def test_the_same_text_stays_released(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        self.store(crawl).release(1, by="lin")
        crawl.begin()
        assert crawl.page("a.html", doubtful(), body=b"counter").event is Event.UNCHANGED
        assert crawl.page("a.html", doubtful("別的短文。"), body=b"other").event is Event.QUARANTINED
        assert [row[2] for row in states(crawl)] == ["released", "waiting"]

    def test_the_same_bytes_read_otherwise_stay_released(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful(), body=b"the page")
        self.store(crawl).release(1, by="lin")
        crawl.begin()
        reading = doubtful(STUB + "补", version="2")
        assert crawl.page("a.html", reading, body=b"the page").event is Event.UNCHANGED
        assert [row.extractor_version for row in Archive(crawl.engine).versions(1)] == ["2"]

    def test_an_unsure_page_released_is_unsure(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful(verdict=Verdict.UNSURE))
        assert self.store(crawl).release(1, by="lin").event is Event.UNSURE
        assert len(Archive(crawl.engine).unsure()) == 1

    def test_a_released_copy_is_a_duplicate(self, crawl: Crawl) -> None:
        crawl.page("a.html")
        crawl.page("b.html", extraction(doubts=(SHORT,)))
        done = self.store(crawl).release(1, by="lin")
        assert (done.event, done.report_id) == (Event.DUPLICATE, 1)

    def test_a_shrink_that_is_released_is_a_version(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(LONG))
        crawl.again()
        shrunk_twice(crawl)
        done = self.store(crawl).release(1, by="lin")
        assert (done.event, done.document_id, done.version) == (Event.CHANGED, 1, 2)
        crawl.begin()
        assert crawl.page("a.html", extraction(CUT)).event is Event.UNCHANGED

    def test_refused_it_is_never_a_document(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        done = self.store(crawl).refuse(1, by="lin", said="an error page")
        archive = Archive(crawl.engine)
        assert (done.event, done.document_id) == (Event.REFUSED, None)
        assert [row.reason for row in archive.refused()] == ["refused by lin: an error page"]
        crawl.begin()
        assert crawl.page("a.html", doubtful(), body=b"counter").event is Event.REFUSED
        assert crawl.page("a.html", extraction(STUB), body=b"no doubts any more").event is Event.REFUSED
        assert states(crawl) == [(1, "short", "refused", 1)]
        assert archive.refused()[0].reason == "refused by lin: an error page"
        assert kinds(crawl) == ["quarantined", "refused"]

    def test_another_text_is_judged_anew(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        self.store(crawl).refuse(1, by="lin")
        crawl.begin()
        assert crawl.page("a.html", doubtful("另一段。")).event is Event.QUARANTINED
        assert crawl.page("a.html", body=b"the report").event is Event.NEW
        assert [row[2] for row in states(crawl)] == ["refused", "resolved"]
        assert Archive(crawl.engine).refused() == []

    def test_refused_at_a_document_it_is_no_version(self, crawl: Crawl) -> None:
        crawl.page("a.html", extraction(LONG))
        crawl.again()
        shrunk_twice(crawl)
        done = self.store(crawl).refuse(1, by="lin", said="cut")
        assert (done.document_id, done.version) == (1, 1)
        seen = Archive(crawl.engine).versions(1)[0].last_seen
        for _ in range(2):
            crawl.begin()
            crawl.clock.pass_time(days=2)
            recorded = crawl.page("a.html", extraction(CUT), etag='"1"')
            assert (recorded.event, recorded.version) == (Event.UNCHANGED, 1)
        (version,) = Archive(crawl.engine).versions(1)
        assert version.last_seen == seen, "another text stood there"
        assert states(crawl) == [(1, "shrink", "refused", 2)]
        assert Archive(crawl.engine).refused() == []
        crawl.begin()
        crawl.store.plan_rechecks(crawl.run_id, now=crawl.clock())
        (entry,) = crawl.store.next_entries(crawl.run_id, crawl.portal_id, (), 9)
        assert entry.etag is None, "a 304 would take the refused text for the version's"

    def test_a_later_decision_counts(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        self.store(crawl).refuse(1, by="lin")
        crawl.begin()
        crawl.page("a.html", doubtful("另一段。"))
        assert self.store(crawl).release(2, by="wu").event is Event.NEW
        assert Archive(crawl.engine).refused() == []

    @pytest.mark.parametrize("number", [2, 0, -1, 2**31, 10**30])
    def test_what_is_not_there(self, crawl: Crawl, number: int) -> None:
        crawl.page("a.html", doubtful())
        store = self.store(crawl)
        for decide in (store.release, store.refuse):
            with pytest.raises(UsageError, match="archive quarantine list"):
                decide(number, by="lin")
        with pytest.raises(UsageError, match="archive quarantine list"):
            Archive(crawl.engine).quarantined(number)

    def test_what_is_decided(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        store = self.store(crawl)
        store.refuse(1, by="lin", said="an error page")
        with pytest.raises(UsageError, match="refused by lin on 2026-03-02 08:00 UTC: an error page"):
            store.release(1, by="wu")
        assert kinds(crawl) == ["quarantined", "refused"]

    def test_while_a_run_works_on_the_portal(self, crawl: Crawl) -> None:
        crawl.page("a.html", doubtful())
        with pytest.raises(PortalBusy, match="is being crawled by"):
            crawl.store.release(1, by="lin")
        assert states(crawl) == [(1, "short", "waiting", 1)]

    def test_a_decision_is_all_or_nothing(self, crawl: Crawl, monkeypatch: pytest.MonkeyPatch) -> None:
        crawl.page("a.html", doubtful())
        store = self.store(crawl)

        def fail(*_given: object, **_named: object) -> None:
            raise ArithmeticError

        monkeypatch.setattr("archive.decisions.note", fail)
        with pytest.raises(ArithmeticError):
            store.release(1, by="lin")
        assert states(crawl) == [(1, "short", "waiting", 1)]
        assert Archive(crawl.engine).reports() == []


Run = Callable[..., tuple[int, str, str]]


@ONE
class TestCommands:
    @pytest.fixture
    def run(self, crawl: Crawl, url: str, capsys: pytest.CaptureFixture[str]) -> Run:
        crawl.page("a.html", doubtful(title="清河街道\x1b[31m2025年法治政府建设年度报告"))
        crawl.again()
        crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")

        def go(*arguments: str) -> tuple[int, str, str]:
            with pytest.raises(SystemExit) as ended:
                main(["quarantine", *arguments, "--db", url])
            said = capsys.readouterr()
            assert "\x1b" not in said.out + said.err
            return int(ended.value.code or 0), said.out, said.err

        return go

    def test_list(self, run: Run) -> None:
        code, out, _ = run("list", "--site", "qinghe", "--reason", "short", "--state", "waiting")
        assert code == 0
        assert SHORT.detail in out
        assert "1 in quarantine" in out
        (row,) = json.loads(run("list", "--json")[1])
        assert (row["quarantine_id"], row["reason"], row["state"]) == (1, "short", "waiting")

    def test_nothing_there_is_no_error(self, run: Run) -> None:
        code, out, err = run("list", "--site", "elsewhere")
        assert (code, out) == (0, "")
        assert err.startswith("archive: nothing is in quarantine; the archive has no portal 'elsewhere'")
        assert run("list", "--state", "refused")[::2] == (0, "archive: nothing in quarantine is refused\n")
        assert json.loads(run("list", "--reason", "year", "--json")[1]) == []

    def test_show(self, run: Run) -> None:
        code, out, _ = run("show", "1")
        assert code == 0
        for words in (SHORT.detail, DECIDE, STUB, "none stands there"):
            assert words in out.replace("\n", " ")
        assert json.loads(run("show", "1", "--json")[1])["text"] == STUB

    def test_release_and_refuse(self, run: Run, crawl: Crawl) -> None:
        code, out, _ = run("release", "1", "--note", "seen on paper", "--by", "lin")
        assert (code, out) == (0, "quarantine 1 released: document 1, version 1, report 1 (new)\n")
        code, out, said = run("refuse", "1")
        assert (code, out) == (2, "")
        assert said.startswith("archive: quarantine 1 is decided: released by lin on")
        assert said.count("\n") == 1
        crawl.begin()
        crawl.page("b.html", doubtful("另一段。"))
        crawl.store.finish_run(crawl.run_id, RunState.COMPLETE, {}, "")
        done = json.loads(run("refuse", "2", "--json", "--note", "no report")[1])
        assert (done["event"], done["document_id"]) == ("refused", None)
        row = Archive(crawl.engine).quarantined(2)
        assert row.decided_by
        assert "@" in row.decided_by

    def test_wrong_numbers_and_busy_portals_are_one_line(self, run: Run, crawl: Crawl) -> None:
        for command in ("show", "release", "refuse"):
            code, out, said = run(command, "77")
            assert (code, out, said.count("\n")) == (2, "", 1)
            assert "archive quarantine list" in said
        assert run("show", "seven")[0] == 2
        crawl.clock.now = utcnow()
        crawl.begin(owner=this_process())
        code, _, said = run("release", "1")
        assert code == 1
        assert said.startswith("archive: portal qinghe is being crawled by")
        assert said.count("\n") == 1

    def test_stats_counts_what_waits(self, run: Run, url: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit):
            main(["stats", "--db", url])
        assert "1 waiting" in capsys.readouterr().out


def test_every_kind_of_decision_is_a_kind_of_change() -> None:
    assert {"quarantined", "released", "refused"} <= {kind.value for kind in ChangeKind}
