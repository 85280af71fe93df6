"""A column of 福建: as many rows as the page is told to hold stand on it, the others come from a POST search."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from crawler.platforms.post import post_address
from tests.portals.interface_kit import (
    PAGES,
    PER_PAGE,
    SENTENCE,
    TOTAL,
    Row,
    article,
    json_answer,
    page,
    page_of,
    rows,
)
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.minhou.gov.cn"
COLUMN = f"https://{HOST}/zwgk/fzzfjs/"
ROWS = rows(lambda number, day: f"{COLUMN}{day:%Y%m}/t{day:%Y%m%d}_{number}.htm")
ARTICLE = article(ROWS[0].title, ROWS[0].date or date.min, '<div class="TRS_Editor">{text}</div>')
FORM = {
    "channelid": "200210",
    "sortfield": "-docorderpri,-docreltime",
    "classsql": "chnlid=1780",
    "classcol": "publishyear",
    "classnum": "100",
    "classsort": "0",
    "cache": "true",
}
SCRIPT = f"""<script>var SiteInfo = {{ itpSiteId: 21, searchId: 200210, //默认的文档检索频道的ID
  defaultPgTemp: "pgBar.html" }};
var pageChnlInfo={{ quickMode:"动静结合", maxStaticIndex: 3, classsql: "" || "chnlid=1780", recordCount:'{TOTAL}',
  sortfield:'-docorderpri,-docreltime', prepage:{PER_PAGE // 3}, cache:true }}
require(['list2.trsapi'], function(listModel) {{ listModel({{ quickMode:pageChnlInfo.quickMode, listArgs: {{ channelid: SiteInfo.searchId,
  classsql: pageChnlInfo.classsql }}, listApi: {{ url: "/fjdzapp/search" }}, pagebar: {{ recordCount: pageChnlInfo.recordCount }} }}) }});</script>"""


def address(number: int) -> str:
    return post_address(
        f"https://{HOST}/fjdzapp/search", form={**FORM, "page": str(number), "prepage": str(PER_PAGE)}
    )


def column(shown: Sequence[Row]) -> Answer:
    items = "\n".join(
        f'<li><a href="./{row.url.removeprefix(COLUMN)}" title="{row.title}" target="_blank">{row.title}</a><em id=rel_{n}></em><span>{row.date}</span></li>'
        for n, row in enumerate(shown)
    )
    return page(
        "法治政府建设年度报告", f'<ul class="list">\n{items}\n</ul><div class="pageBar"></div>', script=SCRIPT
    )


def answer(shown: Sequence[Row]) -> Answer:
    data = [
        {
            "docid": 4606333 + n,
            "doctitle": row.title,
            "chnldocurl": row.url,
            "docpuburl": row.url,
            "docreltime": f"{row.date} 17:44:00",
            "chnlid": 1780,
            "docabstract": "",
            "fileno": "",
        }
        for n, row in enumerate(shown)
    ]
    return json_answer({"code": 200, "data": data, "count": str(TOTAL), "pageCount": str(PAGES)})


PAGES_OF_LIST = (COLUMN, *(address(n) for n in range(2, PAGES + 1)))
REPLICAS = (
    PlatformReplica(
        name="trs-channel-search",
        platform="trs",
        answered=("json",),
        host=HOST,
        column_url=COLUMN,
        answers={COLUMN: column(page_of(ROWS, 1)), ROWS[0].url: ARTICLE}
        | {p: answer(page_of(ROWS, n)) for n, p in enumerate(PAGES_OF_LIST, 1) if n > 1},
        list_pages=PAGES_OF_LIST,
        rows=ROWS,
        per_page=PER_PAGE,
        total=TOTAL,
        page_count=PAGES,
        empty={COLUMN: column(())} | {p: answer(()) for p in PAGES_OF_LIST[1:]},
        article_url=ROWS[0].url,
        article_text=SENTENCE,
    ),
)
