"""Made texts of real vocabulary for the tests of search, put into an archive in bulk, and what an exact scan finds."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import accumulate

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import schema
from archive.database import writing
from archive.segment import fold
from archive.text import clean, digest
from tests.archive.builder import START

PORTALS = (
    ("tianjin", "天津市", "province", "120000"),
    ("dongli", "天津市东丽区", "county", "120110"),
    ("beichen", "天津市北辰区", "county", "120113"),
    ("huaxin", "上海市青浦区华新镇", "town", "310118105"),
    ("weidu", "河南省许昌市魏都区", "county", "411002"),
)
SAYINGS = (
    "坚持以习近平法治思想为指导",
    "扎实推进法治政府建设",
    "办理行政复议案件{n}件",
    "行政机关负责人出庭应诉率达{n}%",
    "开展“双随机、一公开”检查{n}次",
    "党政主要负责人切实履行推进法治建设第一责任人职责",
    "对规范性文件进行合法性审查{n}件",
    "利用无人机巡查违法建设{n}处",
    "深化“放管服”改革，优化营商环境",
    "全年罚款{n}.{d}万元",
    "组织执法人员培训{n}场次",
    "调解矛盾纠纷{n}起",
    "执法力量仍显薄弱",
    "（{n}）健全重大行政决策程序",
    "接入12345热线ＡＰＰ，“一网通办”事项{n}项",
    "普法形式\n有待创新",
    "第 一 责任人 述法",
)
YEARS = (2025, 2024, 2023, 2022, 2021, None)


@cache
def _words() -> tuple[list[str], list[int]]:
    """The segmenter's dictionary, by how often each word is used."""
    lines = files("jieba").joinpath("dict.txt").read_text("utf-8").splitlines()[::7]
    pairs = [line.split(" ")[:2] for line in lines]
    return [word for word, _ in pairs], list(accumulate(int(times) for _, times in pairs))


def sentences(chance: random.Random, number: int) -> list[str]:
    words, weights = _words()
    made = []
    for _ in range(number):
        some = chance.choices(words, cum_weights=weights, k=chance.randint(4, 16))
        saying = chance.choice(SAYINGS).format(n=chance.randint(1, 400), d=chance.randint(1, 9))
        made.append("".join(some) + "，" + saying + chance.choice(["。", "；", "。\n"]))
    return made


def texts(number: int, characters: int, seed: int = 1) -> Iterator[str]:
    chance = random.Random(seed)
    pool = sentences(chance, 20 * number if number < 500 else 8000)
    for turn in range(number):
        text = f"第{turn}号报告。"
        while len(text) < characters:
            text += chance.choice(pool)
        yield text


@dataclass(frozen=True)
class Made:
    """One report as it was put in."""

    report_id: int
    year: int | None
    portal: int
    text: str


def fill(engine: Engine, made: Iterable[str], first: int = 1) -> list[Made]:
    """Reports of one document with one version each, past the store: a thousand times as fast."""
    done = []
    with writing(engine) as connection:
        if first == 1:
            _begin(connection)
        for chunk in _chunks(enumerate(made, first), 500):
            rows = [
                Made(number, YEARS[number % len(YEARS)], number % len(PORTALS) + 1, clean(text))
                for number, text in chunk
            ]
            for table, values in _rows(rows).items():
                connection.execute(schema.metadata.tables[table].insert(), values)
            done += rows
    return done


def _begin(connection: sa.Connection) -> None:
    connection.execute(
        schema.portal.insert(),
        [
            {
                "id": number,
                "key": key,
                "name": name,
                "level": level,
                "division_code": code,
                "home_url": "http://x/",
                "state": "known",
            }
            for number, (key, name, level, code) in enumerate(PORTALS, 1)
        ],
    )
    connection.execute(
        schema.publisher.insert(),
        [
            {"id": n, "portal_id": n, "name": f"{name}政府", "level": level if n % 2 else None}
            for n, (_, name, level, _) in enumerate(PORTALS, 1)
        ],
    )
    connection.execute(
        schema.run.insert(),
        {
            "id": 1,
            "portal_id": 1,
            "trigger": "t",
            "owner": "t",
            "code_version": "0",
            "options": {},
            "started": START,
            "heartbeat": START,
            "state": "complete",
            "counters": {},
        },
    )


def _rows(rows: Sequence[Made]) -> dict[str, list[dict[str, object]]]:
    """Rows by table, in the order in which they refer to each other."""
    said = {"verdict": "report", "verdict_reason": "made"}
    shas = {row.report_id: digest(row.text) for row in rows}
    url = "http://www.example.gov.cn/{}.html".format
    ids = [row.report_id for row in rows]
    return {
        "text": [
            {"sha256": shas[row.report_id], "content": row.text, "characters": len(row.text)} for row in rows
        ],
        "frontier": [
            {
                "id": n,
                "portal_id": 1,
                "url": url(n),
                "fetch_url": url(n),
                "kind": "page",
                "how": "listed",
                "state": "done",
                "priority": 0,
                "attempts": 0,
                "verdict": "report",
            }
            for n in ids
        ],
        "capture": [
            {
                "id": n,
                "frontier_id": n,
                "run_id": 1,
                "url": url(n),
                "redirects": [],
                "fetched_at": START,
                "headers": {},
                "outcome": "ok",
            }
            for n in ids
        ],
        "extraction": [
            {
                "id": n,
                "capture_id": n,
                "extractor": "t",
                "version": "1",
                "options": {},
                "at": START,
                "text_sha256": shas[n],
                "publishers": [],
                "metadata": {},
                "quality": {},
                "warnings": [],
                **said,
            }
            for n in ids
        ],
        "report": [
            {
                "id": row.report_id,
                "portal_id": row.portal,
                "title": f"报告{row.report_id}",
                "year": row.year,
                "kind": "annual" if row.report_id % 3 else "plan",
            }
            for row in rows
        ],
        "report_publisher": [
            {"report_id": row.report_id, "publisher_id": row.portal, "position": 0} for row in rows
        ],
        "document": [
            {
                "id": n,
                "portal_id": 1,
                "frontier_id": n,
                "report_id": n,
                "url": url(n),
                "role": "page",
                "state": "live" if n % 5 else "gone",
                "first_seen": START,
                "last_seen": START,
                **said,
            }
            for n in ids
        ],
        "version": [
            {
                "id": n,
                "document_id": n,
                "number": 1,
                "extraction_id": n,
                "text_sha256": shas[n],
                "first_seen": START,
                "last_seen": START,
            }
            for n in ids
        ],
    }


def _chunks(rows: Iterable[tuple[int, str]], size: int) -> Iterator[list[tuple[int, str]]]:
    chunk = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def level_of(folded: str, words: Sequence[str]) -> int:
    """The level of the least prominent word, counted by another way than the program's."""
    lowest = 4
    for word in words:
        if len(word) > 1:
            times = len(re.findall(f"(?={re.escape(word)})", folded))
            bounds = (least * max(3000, len(folded)) for least in (3, 6, 12, 24))
            lowest = min(lowest, sum(times * 3000 >= bound for bound in bounds))
    return lowest


def scan(made: Sequence[tuple[Made, str]], words: Sequence[str], *, ranked: bool = False) -> list[int]:
    """The reports in whose folded texts all folded words stand, in the order search promises."""
    folded = [fold(word) for word in words]
    found = [(row, text) for row, text in made if all(word in text for word in folded)]
    return [
        row.report_id
        for row, text in sorted(
            found,
            key=lambda pair: (
                -level_of(pair[1], folded) if ranked else 0,
                -(pair[0].year or 0),
                -pair[0].report_id,
            ),
        )
    ]
