"""What the tests of verify, backup and copy share: an archive with everything in it, and looks at it."""

from __future__ import annotations

from sqlalchemy.engine import Engine

from archive.records import (
    Doubt,
    DoubtKind,
    FrontierKind,
    Outcome,
    PartRecord,
    PublisherRef,
    Verdict,
)
from archive.verify import Verified, verify
from tests.archive.builder import HOST, PARTED, Crawl, body_text, extraction, parted_reading


def filled(crawl: Crawl) -> Crawl:
    """An archive with everything that a crawl leaves."""
    crawl.column("list.html", [crawl.link(f"{name}.html") for name in "abc"])
    for name in "abc":
        place = f"{name}街道"
        text = PARTED.replace("清河街道", place, 1)
        crawl.page(
            f"{name}.html", parted_reading(text, title=f"{place}报告", publishers=(PublisherRef(name=place),))
        )
    crawl.page("twin.html", parted_reading(PARTED.replace("清河街道", "a街道", 1), title="a街道报告"))
    crawl.page(
        "d.html",
        extraction(body_text("丁街道"), title="丁街道报告", publishers=(PublisherRef(name="丁街道"),)),
    )
    crawl.page("d.html", extraction(body_text("丁街道", more="又有一条。"), title="丁街道报告"))
    crawl.page("unsure.html", extraction("存疑的一页", verdict=Verdict.UNSURE, title="汇报", publishers=()))
    doubtful = extraction("太短", title="短", doubts=(Doubt(kind=DoubtKind.SHORT, detail="short"),))
    crawl.page("short.html", doubtful)
    further = PartRecord(
        requested_url=f"{HOST}/two_1.html",
        final_url=f"{HOST}/two_1.html",
        fetched_at=crawl.clock(),
        status=200,
        headers={},
        body="第二页".encode(),
        media_type="text/html",
    )
    crawl.enqueue(crawl.link("two.html"))
    crawl.record("two.html", extraction=extraction(body_text("戊街道"), title="戊街道报告"), parts=(further,))
    crawl.enqueue(crawl.link("blocked.html"), crawl.link("plan.html", verdict=Verdict.NO, reason="a plan"))
    crawl.record("blocked.html", outcome=Outcome.CHALLENGE, status=412, body=b"<html>no</html>")
    crawl.enqueue(crawl.link("f.pdf", FrontierKind.ATTACHMENT))
    crawl.record("f.pdf", extraction=extraction(body_text("己街道"), title="己街道报告"), body=b"%PDF")
    crawl.again()
    crawl.not_modified("a.html")
    for _ in range(3):
        crawl.enqueue(crawl.link("b.html"))
        crawl.gone("b.html")
        crawl.again(days=3)
    return crawl


def look(engine: Engine, **how: object) -> Verified:
    return verify(engine, jobs=1, **how)  # type: ignore[arg-type]
