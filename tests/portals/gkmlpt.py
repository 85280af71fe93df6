"""A category of a 广东 directory: the address names it after a hash, its rows come in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone

from tests.portals.interface_kit import (
    PAGES,
    PARAGRAPHS,
    PER_PAGE,
    SENTENCE,
    TOTAL,
    Row,
    json_answer,
    page,
    page_of,
    rows,
)
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.nanxiong.gov.cn"
FOLDER = f"http://{HOST}/nxsfj/gkmlpt"
SID, CATEGORY = "662021", 721
ROWS = rows(lambda number, day: f"{FOLDER}/content/3/{number // 1000}/post_{number}.html")
TREE = [
    {
        "id": 5,
        "name": "政府文件",
        "parent": 0,
        "children": [{"id": 18, "name": "规范性文件", "children": [], "jump_url": "", "post_count": 12}],
        "jump_url": "",
        "post_count": 12,
    },
    {
        "id": 30,
        "name": "其他法定信息",
        "children": [
            {
                "id": 40,
                "name": "法治政府建设",
                "children": [
                    {
                        "id": CATEGORY,
                        "name": "法治政府建设年度报告",
                        "children": [],
                        "jump_url": "",
                        "post_count": 19,
                    }
                ],
                "jump_url": "",
            },
            {
                "id": 44,
                "name": "法治政府建设示范创建",
                "children": [],
                "jump_url": "http://zt.nanxiong.gov.cn/",
                "post_count": 3,
            },
        ],
        "jump_url": "",
    },
]


def stamp(row: Row) -> int:
    day = row.date or date.min
    china = timezone(timedelta(hours=8))
    return int(datetime(day.year, day.month, day.day, 9, 5, tzinfo=china).astimezone(UTC).timestamp())


def index() -> Answer:
    config = f"window._CONFIG = {{\n  SITE: 'nx',\n  SID: '{SID}',\n  LINK_FOR: {{}},\n  TREE: {json.dumps(TREE, ensure_ascii=True)},\n  SERVICE_AREA_ID: 1\n}};"
    return page(
        "政府信息公开目录",
        '<div id="app"></div>',
        script=f"<script>{config}</script><script src='/gkmlpt/js/app.js'></script>",
    )


def record(row: Row) -> dict[str, object]:
    number = int(row.url.rpartition("_")[2].removesuffix(".html"))
    return {
        "id": number,
        "title": row.title,
        "document_number": "",
        "identifier": f"006939991/2026-{number}",
        "publisher": "南雄区司法局",
        "date": stamp(row) - 900_000,
        "create_time": stamp(row),
        "first_publish_time": stamp(row),
        "display_publish_time": stamp(row),
        "created_at": f"{row.date} 09:05:11",
        "url": row.url,
        "post_url": row.url,
        "type": "normal",
        "classify_main": CATEGORY,
        "attachment": [],
    }


def answer(number: int, shown: Sequence[Row]) -> Answer:
    return json_answer(
        {
            "articles": [record(row) for row in shown],
            "total": TOTAL,
            "offset": (number - 1) * PER_PAGE,
            "classify": {"id": CATEGORY, "name": "法治政府建设年度报告", "post_count": 19},
        }
    )


def article() -> Answer:
    row = ROWS[0]
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    detail = {
        "id": 1,
        "title": row.title,
        "content": text,
        "publisher": "南雄区司法局",
        "display_publish_time": stamp(row),
    }
    config = f"window._CONFIG = {{ SID: '{SID}', DETAIL: {json.dumps(detail, ensure_ascii=True)} , TREE: [] , SERVICE_AREA_ID: 1}};"
    return page(row.title, '<div id="app" class="gkmlpt"></div>', script=f"<script>{config}</script>")


def build(name: str, column: str) -> PlatformReplica:
    pages = tuple(f"{FOLDER}/api/all/{CATEGORY}?page={n}&sid={SID}" for n in range(1, PAGES + 1))
    return PlatformReplica(
        name=name,
        platform="gkmlpt",
        host=HOST,
        column_url=column,
        answers={column: index(), ROWS[0].url: article()}
        | {p: answer(n, page_of(ROWS, n)) for n, p in enumerate(pages, 1)},
        list_pages=pages,
        rows=ROWS,
        per_page=PER_PAGE,
        total=TOTAL,
        page_count=PAGES,
        empty={p: answer(n, ()) for n, p in enumerate(pages, 1)},
        article_url=ROWS[0].url,
        article_text=SENTENCE,
    )


REPLICAS = (build("gkmlpt-hash", f"{FOLDER}/index#{CATEGORY}"), build("gkmlpt-tree", f"{FOLDER}/index"))
