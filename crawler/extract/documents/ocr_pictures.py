"""Pictures as cameras, scanners and faxes write them, to pixels. Needs Pillow, part of the extra ``ocr``."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import Any

from crawler.extract.documents.model import Fault, Unreadable
from crawler.extract.documents.ocr_model import Picture

FINEST, COARSEST = 170.0, 150.0
"""Pixels per inch a page is looked at: its own within these. Type of 12 points has 28 and 25 pixels then, of which the
models need some 20; more costs time and brings nothing."""
LONGEST = 2_800
"""Pixels of the longer side, whatever the size of the paper; the models take no more."""
_PAPER = 11.69
"""Inches of the longer side of A4: the paper of a picture that does not say its own size."""
_PLAUSIBLE = (70.0, 1_300.0)
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "MPO")


def pages_of(body: bytes, *, pixels: int, pages: int, inches: float | None = None) -> Iterator[Picture]:
    """The pages of a picture file: one, or several of a TIFF.

    Args:
        body: The file.
        pixels: Of one page at most, before it is scaled.
        pages: Most pages to give; a file with more is refused.
        inches: Width of the page on paper, if something around the picture says it.

    Raises:
        Unreadable: damaged, too large, or of a format Pillow does not read.
    """
    from PIL import Image, ImageSequence, UnidentifiedImageError

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(body), formats=_FORMATS) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # counted below
            count = getattr(image, "n_frames", 1)
            if image.format not in ("TIFF", "MPO"):
                count = 1  # a moving picture shows its first frame
            if count > pages:
                raise Unreadable(Fault.TOO_LARGE, f"{count} pictures in one file, more than {pages}")
            for at, frame in enumerate(ImageSequence.Iterator(image)):
                if at == count or (at and image.format == "MPO"):
                    break
                if frame.width * frame.height > pixels:
                    raise Unreadable(Fault.TOO_LARGE, f"a picture of {frame.width} by {frame.height} pixels")
                yield _page(frame, inches)
    except UnidentifiedImageError as error:
        raise Unreadable(Fault.UNREADABLE, "a picture of an unknown format") from error
    except Image.DecompressionBombError as error:
        raise Unreadable(Fault.TOO_LARGE, "a picture of more than 178 million pixels") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # what Pillow raises for damaged pictures
        raise Unreadable(Fault.DAMAGED, f"a picture cannot be decoded: {str(error)[:80]}") from error


def resolution(native: float, longest: float) -> float:
    """At how many pixels per inch to look at a page.

    Args:
        native: That of the picture; 0 for a drawing.
        longest: Inches of the longer side of the paper.
    """
    wanted = min(max(native or FINEST, COARSEST), FINEST)
    return min(wanted, LONGEST / max(longest, 1.0))


def _page(frame: Any, inches: float | None) -> Picture:  # noqa: ANN401  # Pillow is part of the extra
    from PIL import Image, ImageOps

    native = frame.width / inches if inches else _dpi(frame)
    upright = ImageOps.exif_transpose(frame)
    if "A" in upright.getbands() or "transparency" in upright.info:
        shown = upright.convert("RGBA")
        paper = Image.new("RGBA", shown.size, "white")
        upright = Image.alpha_composite(paper, shown)
    colours = upright.convert("RGB")
    dpi = resolution(native, max(colours.size) / native)
    if dpi != native:
        size = (max(1, round(colours.width * dpi / native)), max(1, round(colours.height * dpi / native)))
        colours = colours.resize(size, Image.Resampling.LANCZOS)
    width, height = colours.size
    return Picture(
        width=width, height=height, stride=width * 3, data=colours.tobytes("raw", "BGR"), dpi=float(dpi)
    )


def _dpi(frame: Any) -> float:  # noqa: ANN401
    """As the file says it, if a page of that size would be paper; else as if it were A4."""
    longest = float(max(frame.size))
    said = frame.info.get("dpi")
    low, high = _PLAUSIBLE
    if said is not None:
        dpi = float(said[0])
        if low <= dpi <= high and _PAPER / 3 <= longest / dpi <= _PAPER * 3:
            return dpi
    return longest / _PAPER
