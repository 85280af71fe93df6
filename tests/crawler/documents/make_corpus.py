"""Makes the corpus of documents under ``corpus/`` and its list, ``corpus/corpus.json``.

Run by hand when a case is added: ``python -m tests.crawler.documents.make_corpus FONT.ttc``; with a further word,
``scans``, only the pages that OCR is measured on are made anew, without an office suite. It needs what the tests do not: python-docx, openpyxl, reportlab, Pillow, LibreOffice (``soffice`` with a Writer and a Calc) and a Chinese
TrueType font, such as WenQuanYi Micro Hei (Apache-2.0), that LibreOffice finds too. Other programs write the files
wherever they can, so that the readers are not only tested against our own idea of a format.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

from tests.crawler.documents import (
    making_damage,
    making_fixed,
    making_flow,
    making_scans,
    making_sheets,
)
from tests.crawler.documents.making import Case, Workshop

FOLDER = Path(__file__).parent / "corpus"


def scans(font: str) -> None:
    cases = making_scans.cases(Workshop(Path(font)))
    made = {case.name for case in cases}
    listed = json.loads((FOLDER / "corpus.json").read_text("utf-8"))
    write(cases, [entry for entry in listed if entry["name"] not in made])


def main(font: str) -> None:
    random.seed(20240101)
    shop = Workshop(Path(font))
    cases: list[Case] = []
    for making in (making_flow, making_fixed, making_sheets, making_scans):
        cases += making.cases(shop)
    cases += making_damage.cases({case.name: case for case in cases})
    names = [case.name for case in cases]
    if len(set(names)) != len(names):
        raise SystemExit("two cases have one name")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    write(cases, [])


def write(cases: list[Case], others: list[dict[str, Any]]) -> None:
    for case in cases:
        (FOLDER / case.name).write_bytes(case.body)
    entries = [*others, *(case.entry() for case in cases)]
    (FOLDER / "corpus.json").write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", "utf-8")
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(entries)} documents, {size:,} bytes")


if __name__ == "__main__":
    (scans if sys.argv[2:] == ["scans"] else main)(sys.argv[1])
