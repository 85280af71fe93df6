"""A column of 拓尔思 IGS: the page asks for its rows in JSON, two shapes of asking."""

from __future__ import annotations

from datetime import date, timedelta

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
    query,
    rows,
)
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.qinghe.gov.cn"
LIST = f"https://{HOST}/igs/front/search/publish/data/list.html"
ASKED = {
    "index": "wzqsearch-v20190124",
    "type": "infomation",
    "siteId": "57",
    "pageSize": str(PER_PAGE),
    "orderProperty": "DOCRELTIME",
    "pageIndex": "1",
    "orderDirection": "desc",
    "filter[SITEID]": "57",
    "filter[CHANNELID]": "28135",
}
ROWS = rows(lambda number, day: f"https://{HOST}/zwgk/fzzfjs/{day:%Y%m}/t{day:%Y%m%d}_{number}.html")
ARTICLE = article(
    ROWS[0].title,
    ROWS[0].date or date.min,
    '<div class="TRS_Editor">{text}</div>',
    attached="./W020260327331874526912.doc",
)
SEARCH_BOX = '<form action="/igs/front/search.jhtml"><input name="searchWord"><input type="hidden" name="siteId" value="57"></form>'


def address(number: int) -> str:
    return f"{LIST}?{query({**ASKED, 'pageNumber': number})}"


def record(row: Row) -> dict[str, object]:
    day = row.date or date.min
    return {
        "DOCID": int(row.url.rpartition("_")[2].removesuffix(".html")),
        "highlight": {"BT": [row.title.replace("法治", "<em>法治</em>")]},
        "BT": row.title.replace("法治政府", "<em>法治政府</em>"),
        "DOCPUBURL": row.url,
        # Midnight in China is the evening before in UTC.
        "FBRQ": f"{day - timedelta(days=1)}T16:00:00.000Z",
        "DocRelTime": f"{day + timedelta(days=3)}T00:00:00.000+0800",
        "CHNLDESC": "法治政府建设年度报告",
        "ZW": "现将本年度法治政府建设情况报告如下。" * 30,
        "AVAILABLE": True,
    }


def answer(number: int, *, empty: bool = False) -> Answer:
    content = [] if empty else [record(row) for row in page_of(ROWS, number)]
    return json_answer(
        {
            "filter": {"CHANNELID": "28135"},
            "__index": "wzqsearch-v20190124",
            "queryFilter": {"filter": {"CHANNELID": "28135"}},
            "hasFilter": True,
            "page": {
                "content": content,
                "total": str(TOTAL),
                "totalPages": PAGES,
                "pageSize": PER_PAGE,
                "pageNumber": number,
                "orderProperty": "DOCRELTIME",
            },
        }
    )


def build(name: str, column: str, script: str) -> PlatformReplica:
    pages = tuple(address(number) for number in range(1, PAGES + 1))
    shell = page(
        "法治政府建设年度报告",
        f'{SEARCH_BOX}<ul id="list" class="news-list"></ul><div id="pager"></div>',
        script=script,
    )
    return PlatformReplica(
        name=name,
        platform="igs",
        host=HOST,
        column_url=column,
        answers={column: shell, ROWS[0].url: ARTICLE} | {url: answer(n + 1) for n, url in enumerate(pages)},
        list_pages=pages,
        rows=ROWS,
        per_page=PER_PAGE,
        total=TOTAL,
        page_count=PAGES,
        empty={url: answer(n + 1, empty=True) for n, url in enumerate(pages)},
        article_url=ROWS[0].url,
        article_text=SENTENCE,
        attachments=(f"https://{HOST}/zwgk/fzzfjs/202603/W020260327331874526912.doc",),
    )


_FIELDS = ",\n".join(f"    '{name}': '{value}'" for name, value in ASKED.items() if name != "siteId")
REPLICAS = (
    build(
        "igs-address",
        f"https://{HOST}/zwgk/fzzfjs/index.html",
        f'<script>$.getJSON("/igs/front/search/publish/data/list.html?{query(ASKED).replace("&", "&amp;")}&amp;pageNumber=" + cur, show);</script>',
    ),
    build(
        "igs-data",
        f"https://{HOST}/zwgk/fzzfjs/list.html",
        '<script>var siteId = "57";\nfunction load(cur) {\n  $.ajax({url: "/igs/front/search/publish/data/list.html", dataType: "json", data: {\n'
        + _FIELDS.replace("'type': 'infomation'", "'type': 'infomation',\n    'siteId': siteId")
        + ",\n    'pageNumber': cur\n  }, success: show});\n}\nload(1);</script>",
    ),
)
