"""The engine: RapidOCR with the PP-OCR models its wheel carries, on one core, without the network.

The only module that needs the extra ``ocr``; nothing of it is imported before an engine is made.
"""

from __future__ import annotations

import importlib.util
import math
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from crawler.extract.documents.ocr_model import EngineUnusable, Picture, Point, Seen, Sight

NAME = "rapidocr"
INSTALL = "pip install 'fazhi-archive[ocr]'"
_NEEDED = ("rapidocr", "onnxruntime", "cv2", "numpy", "PIL")
_MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}
_LONGEST = 2_800
"""Pixels of the longer side the models are given at most; A3 at 170 dpi."""
_DOUBTFUL = 0.85
"""Mean confidence below which a page may lie on its head; upright pages of the corpus have 0.95 and more."""
_TALL = 1.5
_LYING = 0.5
"""Share of the writing in tall boxes from which a page lies on its side."""
# A seal is round, 38 to 45 mm wide on official papers, and red; red letterheads are wide, red rules flat.
_SEAL_FROM, _SEAL_TO = 0.8, 2.2
"""Inches."""
_ROUND = 0.6
_REDDER = 50
_FADED = 110
"""Red light from which a red pixel is the seal alone; where print lies below, it is darker."""
_RULE = 0.4
"""Inches from which a straight line is a rule and no stroke of a character; 一 in a title has 0.3."""
_DARK = 170
_NO_MEMORY = re.compile("bad_alloc|allocate memory")


def installed() -> str | None:
    """The version of the engine, or None where the extra is not installed. Imports nothing."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        return None
    try:
        return version(NAME)
    except PackageNotFoundError:
        return None


class RapidEngine:
    """RapidOCR on one core: as many threads as the machine has cores would give other sums on another machine.

    Raises:
        EngineUnusable: the extra is not installed, or the wheel does not carry the models.
    """

    name = NAME

    def __init__(self) -> None:
        found = installed()
        if found is None:
            raise EngineUnusable(f"the extra ocr is not installed; {INSTALL}")
        self.version = found
        import cv2
        import rapidocr

        folder = Path(rapidocr.__file__).parent / "models"
        models = {part: folder / file for part, file in _MODELS.items()}
        absent = [model.name for model in models.values() if not model.is_file()]
        if absent:
            # Left to itself RapidOCR would fetch them from the network, whatever stands there by then.
            raise EngineUnusable(f"{NAME} {found} does not carry the models {', '.join(absent)}; {INSTALL}")
        cv2.setNumThreads(1)
        self._read: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.max_side_len": _LONGEST,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                # One line at a time: 4.1 s instead of 5.7 for a page, 150 MB less, and no line depends on others.
                "Rec.rec_batch_num": 1,
                **{f"{part}.model_path": str(model) for part, model in models.items()},
            }
        )

    def look(self, picture: Picture) -> Sight:
        """Finds and reads the writing; a page on its side or on its head is turned first."""
        import numpy as np

        rows = np.frombuffer(picture.data, np.uint8, picture.height * picture.stride)
        rows = rows.reshape(picture.height, picture.stride)[:, : picture.width * 3]
        page = _without_seals(rows.reshape(picture.height, picture.width, 3), picture.dpi)
        lines = self._lines(page)
        best, turns = (page, lines), []
        if lines and _lying(lines):
            turns = [1, 3]
        elif lines and _confidence(lines) < _DOUBTFUL:
            turns = [2]
        for turn in turns:
            turned = np.ascontiguousarray(np.rot90(page, turn))
            lines = self._lines(turned)
            if _worth(lines) > _worth(best[1]):
                best = (turned, lines)
        page, lines = best
        return Sight(
            width=page.shape[1],
            height=page.shape[0],
            lines=lines,
            rules=_rules(page, picture.dpi),
        )

    def _lines(self, page: Any) -> tuple[Seen, ...]:  # noqa: ANN401  # numpy is part of the extra
        from rapidocr.inference_engine.onnxruntime.main import ONNXRuntimeError

        try:
            found: Any = self._read(page)
        except ONNXRuntimeError as error:
            said = str(error).strip().rpartition("\n")[2]
            if _NO_MEMORY.search(said):
                raise MemoryError(said[:200]) from error
            raise EngineUnusable(said[:200]) from error
        if found.boxes is None or found.txts is None:
            return ()
        return tuple(
            Seen(text=text, corners=_corners(box), confidence=float(score))
            for box, text, score in zip(found.boxes.tolist(), found.txts, found.scores, strict=True)
        )


def _corners(box: list[list[float]]) -> tuple[Point, Point, Point, Point]:
    a, b, c, d = ((float(x), float(y)) for x, y in box)
    return a, b, c, d


def _worth(lines: tuple[Seen, ...]) -> float:
    """Certain characters, in lines that run level."""
    return sum(len(line.text) * line.confidence for line in lines if not _tall(line))


def _confidence(lines: tuple[Seen, ...]) -> float:
    return sum(len(line.text) * line.confidence for line in lines) / sum(len(line.text) for line in lines)


def _tall(line: Seen) -> bool:
    a, b, _, d = line.corners
    return len(line.text) > 1 and math.dist(a, d) > _TALL * math.dist(a, b)


def _lying(lines: tuple[Seen, ...]) -> bool:
    tall = sum(len(line.text) for line in lines if _tall(line))
    return tall > _LYING * sum(len(line.text) for line in lines)


def _without_seals(page: Any, dpi: float) -> Any:  # noqa: ANN401
    """The page with its round red seals faded: print below them stays, their own writing is no text of the report."""
    import cv2
    import numpy as np

    blue, green, red = (page[:, :, at].astype(np.int16) for at in range(3))
    reddish = (red - np.maximum(blue, green) > _REDDER).astype(np.uint8)
    if not reddish.any():
        return np.ascontiguousarray(page)
    reach = max(3, round(dpi * 0.06)) | 1
    whole = cv2.dilate(reddish, np.ones((reach, reach), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(whole, connectivity=8)
    out = np.array(page, copy=True)
    for x, y, width, height, _ in stats[1:count].tolist():
        round_ = _ROUND <= width / height <= 1 / _ROUND
        if not round_ or not _SEAL_FROM * dpi <= max(width, height) <= _SEAL_TO * dpi:
            continue
        part = out[y : y + height, x : x + width]
        light = part[:, :, 2].astype(np.int16)
        tinted = light - np.minimum(part[:, :, 0], part[:, :, 1]).astype(np.int16) > _REDDER // 2
        shade = np.where(tinted & (light >= _FADED), 255, light).astype(np.uint8)
        part[:] = shade[:, :, None]
    return out


def _rules(page: Any, dpi: float) -> tuple[tuple[Point, Point], ...]:  # noqa: ANN401
    """Straight lines drawn on the page, from end to end."""
    import cv2
    import numpy as np

    dark = (cv2.cvtColor(page, cv2.COLOR_BGR2GRAY) < _DARK).astype(np.uint8)
    length = round(_RULE * dpi)
    piece = max(9, length // 2)
    found: list[tuple[Point, Point]] = []
    for level in (True, False):
        shape = (1, piece) if level else (piece, 1)
        drawn = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        # Askew, a line is a row of steps: they hang together by their corners.
        drawn = cv2.dilate(drawn, np.ones((3, 3), np.uint8))
        count, places, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
        for number in range(1, count):
            x, y, width, height, _ = stats[number].tolist()
            if (width if level else height) < length:
                continue
            inside = places[y : y + height, x : x + width] == number
            found.append(_ends(inside, x, y, level=level))
    return tuple(found)


def _ends(inside: Any, x: int, y: int, *, level: bool) -> tuple[Point, Point]:  # noqa: ANN401
    """The middles of both ends of a line."""
    import numpy as np

    along = inside if level else inside.T
    length = along.shape[1]
    first = float(np.flatnonzero(along[:, 0]).mean())
    last = float(np.flatnonzero(along[:, length - 1]).mean())
    if level:
        return (x + 0.5, y + first), (x + length - 0.5, y + last)
    return (x + first, y + 0.5), (x + last, y + length - 0.5)
