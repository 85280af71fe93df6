"""Quality floors on the evaluation pages, pinned together with the corpus they were measured on."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from crawler.extract import for_scoring

from .pages import SHARED

DATA = SHARED / "eval" / "extraction"
# SHA-256 over names and contents of gold and pages; another corpus needs its own floors.
DIGEST = "e04f134b50957fd41bdfb29f92ea13d2b585f973c4c550262275367d6734ab44"
FLOORS = {
    "gov": {"F1": 0.99, "leak": 0.0, "lost": 0.005, "lines": 0.98, "title": 0.97, "date": 0.97},
    "zh": {"F1": 0.94, "leak": 0.015, "lost": 0.03, "lines": 0.79, "title": 0.83, "date": 0.9},
}
AT_MOST = {"leak", "lost"}

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="../shared/eval/extraction is not here")


def digest(data: Path) -> str:
    total = hashlib.sha256()
    for path in sorted([*(data / "gold").iterdir(), *(data / "pages").iterdir()]):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("evaluation_score", DATA / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_corpus_is_the_one_the_floors_were_set_on() -> None:
    assert digest(DATA) == DIGEST


@pytest.mark.parametrize("which", FLOORS)
def test_floors(which: str) -> None:
    score = scorer()
    found = score.summary(score.run(for_scoring, score.load(str(DATA), which)))
    assert found["errors"] == 0
    for measure, floor in FLOORS[which].items():
        assert found[measure] <= floor if measure in AT_MOST else found[measure] >= floor, (
            measure,
            found[measure],
        )
