"""Search interfaces in shapes of their own: wrapped records, opaque names, POSTs with a form or with JSON, offsets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from crawler.platforms.post import post_address
from tests.portals.interface_kit import (
    PAGES,
    PER_PAGE,
    SENTENCE,
    TOTAL,
    Row,
    article,
    json_answer,
    page_of,
    path_of,
    query,
    rows,
)
from tests.portals.platform_replicas import Answer, PlatformReplica

HOST = "www.yunhe.gov.cn"
ROWS = rows(
    lambda number, day: f"https://{HOST}/art/{day:%Y}/{day.month}/{day.day}/art_1229395_{number}.html"
)
ARTICLE = article(ROWS[0].title, ROWS[0].date or date.min, '<div id="zoom">{text}</div>')
CHINA = timezone(timedelta(hours=8))


def stamp(row: Row) -> int:
    day = row.date or date.min
    return int(datetime(day.year, day.month, day.day, 0, 30, tzinfo=CHINA).astimezone(UTC).timestamp())


def wrapped(number: int, shown: list[Row]) -> Any:
    """Records inside records, times in milliseconds as digits, the column's address beside the article's."""
    return {
        "status": "1",
        "dataResults": [
            {
                "pkValue": f"3304_{n}",
                "score": 4.5,
                "similarly": [],
                "data": {
                    "checktime": str((stamp(row) + 400_000) * 1000),
                    "articleid": str(n),
                    "title": row.title.replace("法治", '<font color="red">法治</font>'),
                    "shortsubject": f"{row.title[:8]}...",
                    "columnurl": f"https://{HOST}/col/col1229395/index.html",
                    "content": "现将本年度法治政府建设情况报告如下。" * 20,
                    "deploytime": str(stamp(row) * 1000),
                    "url": row.url.replace("https:", "http:") if n % 2 else row.url,
                    "webname": "云河区人民政府",
                },
            }
            for n, row in enumerate(shown)
        ],
        "total": TOTAL,
        "totalHits": TOTAL,
        "errors": None,
        "pageSize": PER_PAGE,
    }


def opaque(number: int, shown: list[Row]) -> Any:
    """Fields without a speaking name but the address."""
    return {
        "success": True,
        "msg": "操作成功",
        "code": 200,
        "data": {
            "list": [
                {
                    "tenant_id": "7",
                    "doc_pub_url": row.url,
                    "f_202121273539": f"11500000009275780L/{(row.date or date.min).year}-0082{n}",
                    "f_2021325755960": "云河区人民政府网",
                    "f_202157411216": 1,
                    "f_202121500898": row.title,
                    "f_202142777829": f"{row.title}各街道办事处，区政府各部门：{'现将有关情况报告如下。' * 12}",
                    "f_202121193200": "司法",
                    "f_202121607647": f"{row.date} 00:00:00",
                    "rec_id": 10_370_675 + n,
                }
                for n, row in enumerate(shown)
            ],
            "pager": {"pageNo": number, "pageSize": PER_PAGE, "pageCount": PAGES, "total": TOTAL},
        },
    }


def grouped(number: int, shown: list[Row]) -> Any:
    """Two groups under one total, the rows in each."""
    half = (len(shown) + 1) // 2
    groups = {"gongwen": shown[:half], "bumenfile": shown[half:]}
    return {
        "paramsVO": {"p": number, "n": PER_PAGE},
        "searchVO": {
            "totalCount": TOTAL,
            "pageSize": PER_PAGE,
            "currentPage": number,
            "totalpage": PAGES,
            "facetMap": {"bmfl": {"司法部": 15, "total": 99}},
            "catMap": {
                name: {
                    "catName": name,
                    "totalCount": 7,
                    "listVO": [
                        {
                            "id": f"{name}:{n}",
                            "title": row.title,
                            "pubtime": stamp(row) * 1000,
                            "url": path_of(row.url),
                            "imgurl": "/images/a.png",
                        }
                        for n, row in enumerate(some)
                    ],
                }
                for name, some in groups.items()
            },
        },
    }


def build(
    name: str, address: Callable[[int], str], shape: Callable[[int, list[Row]], Any]
) -> PlatformReplica:
    pages = tuple(address(number) for number in range(1, PAGES + 1))
    shown = tuple(
        Row(
            title=row.title,
            url=row.url.replace("https:", "http:") if n % PER_PAGE % 2 and shape is wrapped else row.url,
            date=row.date,
        )
        for n, row in enumerate(ROWS)
    )

    def answers(*, empty: bool) -> dict[str, Answer]:
        return {
            url: json_answer(shape(n, [] if empty else list(page_of(ROWS, n))))
            for n, url in enumerate(pages, 1)
        }

    return PlatformReplica(
        name=name,
        platform="json",
        host=HOST,
        column_url=pages[0],
        answers={**answers(empty=False), ROWS[0].url: ARTICLE},
        list_pages=pages,
        rows=shown,
        per_page=PER_PAGE,
        total=TOTAL,
        page_count=PAGES,
        empty=answers(empty=True),
        article_url=ROWS[0].url,
        article_text=SENTENCE,
    )


SEARCH = f"https://{HOST}/irs/front/search"
REPLICAS = (
    build("json-wrapped", lambda n: f"{SEARCH}?{query({'word': '法治政府建设', 'page': n})}", wrapped),
    build(
        "json-opaque-form",
        lambda n: post_address(
            SEARCH, form={"tenantId": "7", "pageNo": str(n), "searchWord": "法治政府建设"}
        ),
        opaque,
    ),
    build(
        "json-grouped-body",
        lambda n: post_address(SEARCH, data={"searchWord": "法治政府", "filters": [{"cat": 3}], "p": n}),
        grouped,
    ),
)
