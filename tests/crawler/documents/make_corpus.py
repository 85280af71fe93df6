"""Makes the corpus of documents under ``corpus/`` and its list, ``corpus/corpus.json``.

Run by hand when a case is added: ``python -m tests.crawler.documents.make_corpus FONT.ttc``. It needs what the tests
do not: python-docx, openpyxl, reportlab, Pillow, LibreOffice (``soffice`` with a Writer and a Calc) and a Chinese
TrueType font, such as WenQuanYi Micro Hei (Apache-2.0), that LibreOffice finds too. Other programs write the files
wherever they can, so that the readers are not only tested against our own idea of a format.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

from tests.crawler.documents import (
    making_damage,
    making_fixed,
    making_flow,
    making_sheets,
)
from tests.crawler.documents.making import Case, Workshop

FOLDER = Path(__file__).parent / "corpus"


def main(font: str) -> None:
    random.seed(20240101)
    shop = Workshop(Path(font))
    cases: list[Case] = []
    for making in (making_flow, making_fixed, making_sheets):
        cases += making.cases(shop)
    cases += making_damage.cases({case.name: case for case in cases})
    names = [case.name for case in cases]
    if len(set(names)) != len(names):
        raise SystemExit("two cases have one name")
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for case in cases:
        (FOLDER / case.name).write_bytes(case.body)
    entries = [case.entry() for case in cases]
    (FOLDER / "corpus.json").write_text(json.dumps(entries, ensure_ascii=False, indent=1) + "\n", "utf-8")
    size = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(cases)} documents, {size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
