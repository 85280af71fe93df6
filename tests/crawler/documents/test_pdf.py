"""What PDF files of old converters do: fonts named and not carried, every character set on its own."""

from __future__ import annotations

import pytest

from crawler.extract.documents import read
from tests.crawler.documents.attacks import assembled

TEXT = "法治政府建设"


def _one_by_one(ordering: str, face: str) -> bytes:
    """Each character its own piece of text, in a font that is not in the file."""
    codes = [1_000 + 77 * at for at in range(len(TEXT))]
    content = "BT /F1 16 Tf 1 0 0 1 80 500 Tm " + " ".join(f"<{code:04x}> Tj" for code in codes) + " ET"
    pairs = "\n".join(f"<{code:04x}> <{ord(c):04x}>" for code, c in zip(codes, TEXT, strict=True))
    table = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def 1 begincodespacerange"
        f" <0000> <ffff> endcodespacerange {len(TEXT)} beginbfchar\n{pairs}\nendbfchar endcmap end end"
    )
    system = f"/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 0>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        f"<</Type/Font/Subtype/Type0/BaseFont/{face}/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 8 0 R>>",
        f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{face}{system}/FontDescriptor 7 0 R/DW 1000>>",
        f"<</Type/FontDescriptor/FontName/{face}/Flags 4/FontBBox[0 -120 1000 880]/ItalicAngle 0/Ascent 880/Descent -120"
        "/CapHeight 880/StemV 80>>",
        f"<</Length {len(table)}>>stream\n{table}\nendstream",
    ]
    return assembled([item.encode("ascii") for item in objects])


@pytest.mark.parametrize("ordering", ["GB1", "Identity"])
@pytest.mark.parametrize("face", ["SimSun", "ABCDEE+#CB#CE#CC#E5", "FZXBSJW--GB1-0"])
def test_characters_of_a_missing_font_are_not_lost(ordering: str, face: str) -> None:
    # pdfium alone gives an empty text here on a machine without Chinese fonts.
    reading = read(_one_by_one(ordering, face))
    assert reading.text == TEXT
    assert reading.form == "digital"


def test_a_page_of_unmapped_characters_counts_as_scanned() -> None:
    body = _one_by_one("Identity", "SimSun").replace(b"/ToUnicode 8 0 R", b"")
    reading = read(body)
    assert (reading.form, reading.text, reading.scanned_pages) == ("scanned", "", 1)
