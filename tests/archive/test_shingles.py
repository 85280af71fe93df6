"""Shingles, exact measures, signatures: what is reported is what a count by hand gives."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import shingles as module
from archive.shingles import (
    BANDS,
    LENGTH,
    LONGEST,
    MARGIN,
    SHORTEST,
    band_hashes,
    clause_hash,
    clauses,
    estimate,
    first_common_band,
    overlap,
    scheme,
    shingles,
    sign,
    why_excluded,
)

WORDS = st.text("法治政府建设年度报告一二三，。 \n２2ａ", max_size=120)
VOCABULARY = [
    "行政执法",
    "法治政府",
    "推进",
    "街道",
    "合法性审查",
    "矛盾纠纷",
    "人民调解",
    "普法",
    "重大决策",
    "监督",
    "优化",
    "营商环境",
    "执法人员",
    "培训",
    "开展",
    "公开",
    "群众",
    "落实",
    "责任制",
    "案件",
]


def counted_by_hand(one: str, other: str) -> tuple[float, float, float]:
    """Jaccard and both containments, from the definition and nothing of the module's."""

    def runs(text: str) -> list[str]:
        plain = "".join(unicodedata.normalize("NFKC", text).split())
        found: list[str] = []
        for place in range(len(plain)):
            run = plain[place : place + 5]
            if len(run) == 5 and run not in found:
                found.append(run)
        return found

    here, there = runs(one), runs(other)
    both = sum(run in there for run in here)
    if not both:
        return 0.0, 0.0, 0.0
    return both / (len(here) + len(there) - both), both / len(here), both / len(there)


@given(WORDS, WORDS)
@settings(max_examples=60)
def test_the_measures_are_those_of_a_count_by_hand(one: str, other: str) -> None:
    measured = overlap(shingles(one), shingles(other))
    assert (measured.jaccard, measured.contained, measured.contains) == counted_by_hand(one, other)


@given(st.text(max_size=80), st.text(max_size=80))
@settings(max_examples=60)
def test_the_measures_of_any_strings_are_shares(one: str, other: str) -> None:
    here, there = shingles(one), shingles(other)
    measured, turned = overlap(here, there), overlap(there, here)
    assert 0 <= measured.jaccard <= measured.contained <= 1
    assert measured.jaccard <= measured.contains <= 1
    assert (measured.jaccard, measured.contained) == (turned.jaccard, turned.contains)
    assert overlap(here, here).jaccard == (1.0 if here else 0.0)


def test_how_a_text_is_typeset_leaves_no_trace() -> None:
    assert shingles("全年办理案件12件，罚款3万元。") == shingles(" 全年 办理\n案件１２件，　罚款３万元。")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("法" * 49, "too short to compare: 49 characters, at least 50 are needed"),
        ("法 " * 49, "too short to compare: 49 characters"),
        ("", "too short to compare: 0 characters"),
        ("法" * (LONGEST + 1), "too long to compare: 400,001 characters"),
    ],
    ids=["short", "spaces do not count", "empty", "long"],
)
def test_what_is_excluded_says_why_and_has_no_signature(text: str, reason: str) -> None:
    assert (why_excluded(text) or "").startswith(reason)
    assert sign(text) is None


def test_a_text_of_the_least_length_is_signed() -> None:
    text = "".join(random.Random(1).choices("行政执法监督检查", k=SHORTEST))
    signed = sign(text)
    assert signed is not None
    assert (signed.shingles, len(signed.signature)) == (len(shingles(text)), 2 * module.LANES)


def test_a_signature_depends_on_the_set_alone() -> None:
    text = made(random.Random(3), 800)
    one, again, twice = sign(text), sign(text), sign(text[:400] + text[:400] + text[400:])
    assert one == again
    assert one is not None
    assert twice is not None
    assert estimate(one.signature, twice.signature) > 0.9
    assert len(band_hashes(one.signature)) == BANDS
    assert all(0 <= hashed < 2**24 for hashed in band_hashes(one.signature))


def test_the_scheme_names_what_a_signature_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before = scheme()
    assert f"shingles {LENGTH}" in before
    monkeypatch.setattr(module, "_SEED", 1)
    scheme.cache_clear()
    assert scheme() != before
    monkeypatch.undo()
    scheme.cache_clear()
    assert scheme() == before


def made(chance: random.Random, length: int) -> str:
    """A text of made words: unrelated ones share few shingles, as real reports do."""
    text = ""
    while len(text) < length:
        text += chance.choice(VOCABULARY) + "".join(chr(0x4E00 + chance.randrange(2_000)) for _ in range(3))
    return text


def edited(chance: random.Random, text: str, share: float) -> str:
    """The text with a share of its characters replaced, dropped or doubled, in runs of one to eight."""
    chars = list(text)
    left = round(share * len(chars))
    while left > 0:
        run = min(left, chance.randint(1, 8))
        place = chance.randrange(len(chars) - run)
        kind = chance.choice(("replace", "drop", "insert"))
        new = [chr(0x4E00 + chance.randrange(2_000)) for _ in range(0 if kind == "drop" else run)]
        chars[place : place + (0 if kind == "insert" else run)] = new
        left -= run
    return "".join(chars)


def collection(chance: random.Random, originals: int) -> Iterator[str]:
    """Originals with edited copies of 1 % to 50 %, templates with other names, unrelated texts: 12.5 each."""
    for number in range(originals):
        original = made(chance, chance.randint(80, 1_600))
        yield original
        for share in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5):
            yield edited(chance, original, share)
        if number % 4 == 0:
            names = [f"第{street}街道办事处" for street in range(10)]
            template = [made(chance, 60) for _ in range(10)]
            for name in names:
                yield name.join(template)
    for _ in range(2 * originals):
        yield made(chance, chance.randint(60, 1_200))


@pytest.mark.parametrize("originals", [8, pytest.param(160, marks=pytest.mark.slow)])
def test_candidates_are_not_missed_and_confirmed_ones_are_true(originals: int) -> None:
    texts = list(collection(random.Random(20), originals))
    assert len(texts) == 12.5 * originals
    found = [shingles(text) for text in texts]
    signatures = [signed.signature for signed in map(sign, texts) if signed is not None]
    assert len(signatures) == len(texts)
    near = brute_force(found)
    by_band: dict[tuple[int, int], list[int]] = {}
    for place, signature in enumerate(signatures):
        for band, hashed in enumerate(band_hashes(signature)):
            by_band.setdefault((band, hashed), []).append(place)
    candidates = {
        (one, other)
        for places in by_band.values()
        for at, one in enumerate(places)
        for other in places[at + 1 :]
        if estimate(signatures[one], signatures[other]) >= 0.5 - MARGIN
    }
    confirmed = {pair for pair in candidates if overlap(found[pair[0]], found[pair[1]]).jaccard >= 0.5}
    assert confirmed <= near  # nothing false
    assert len(near) >= 12 * originals
    assert len(confirmed) >= 0.99 * len(near)


def brute_force(found: list[set[str]]) -> set[tuple[int, int]]:
    """All pairs of Jaccard .5 and more: every shingle's texts are counted against each other."""
    having: dict[str, list[int]] = {}
    near: set[tuple[int, int]] = set()
    for place, own in enumerate(found):
        shared: dict[int, int] = {}
        for run in own:
            for other in having.setdefault(run, []):
                shared[other] = shared.get(other, 0) + 1
            having[run].append(place)
        near |= {
            (other, place)
            for other, both in shared.items()
            if both / (len(own) + len(found[other]) - both) >= 0.5
        }
    return near


def test_an_edit_of_one_percent_is_never_missed() -> None:
    """Where a simhash of 64 bits differs in more than three bits for many such copies."""
    chance = random.Random(5)
    for _ in range(200):
        text = made(chance, 600)
        one, other = sign(text), sign(edited(chance, text, 0.01))
        assert one is not None
        assert other is not None
        assert first_common_band(one.signature, other.signature) is not None
        assert estimate(one.signature, other.signature) > 0.7


def test_clauses_are_cut_at_stops_and_short_ones_left_out() -> None:
    text = "坚持以习近平法治思想为指导，扎实推进。\n  健全重大行政决策程序机制；好"
    found = [(text[start:end], words) for start, end, words in clauses(text)]
    assert found == [
        ("坚持以习近平法治思想为指导，", "坚持以习近平法治思想为指导"),
        ("  健全重大行政决策程序机制；", "健全重大行政决策程序机制"),
    ]
    assert -(2**63) <= clause_hash("健全") < 2**63
