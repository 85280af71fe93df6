"""Writes OFD files as other programs do: every line a TextObject, every character with its step (GB/T 33190)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
_FROZEN = (2024, 1, 1, 0, 0, 0)
WIDTH, HEIGHT = 210.0, 297.0


@dataclass
class Sheet:
    """One page under construction, in millimetres."""

    objects: list[str] = field(default_factory=list)

    def text(
        self, x: float, y: float, text: str, size: float = 5.6, *, ctm: str = "", stepped: bool = True
    ) -> None:
        """A line whose baseline begins at (x, y)."""
        steps = [size if ord(c) > 0x2000 else size / 2 for c in text[:-1]]
        delta = f' DeltaX="{_runs(steps)}"' if stepped and steps else ""
        matrix = f' CTM="{ctm}"' if ctm else ""
        width = sum(steps) + size
        self.objects.append(
            f'<ofd:TextObject ID="{len(self.objects) + 10}" Boundary="{x:.2f} {y - size:.2f} {width:.2f} {size * 1.2:.2f}"'
            f' Font="3" Size="{size}"{matrix}><ofd:TextCode X="0" Y="{size}"{delta}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
        )

    def rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.objects.append(
            f'<ofd:PathObject ID="{len(self.objects) + 10}" Boundary="{x0} {y0} {max(x1 - x0, 0.3)} {max(y1 - y0, 0.3)}" LineWidth="0.3">'
            f"<ofd:AbbreviatedData>M 0 0 L {x1 - x0} {y1 - y0}</ofd:AbbreviatedData></ofd:PathObject>"
        )

    def picture(self, x: float, y: float, width: float, height: float) -> None:
        self.objects.append(
            f'<ofd:ImageObject ID="{len(self.objects) + 10}" Boundary="{x} {y} {width} {height}" CTM="{width} 0 0 {height} 0 0" ResourceID="4"/>'
        )


def _runs(steps: Sequence[float]) -> str:
    out: list[str] = []
    at = 0
    while at < len(steps):
        end = at
        while end < len(steps) and steps[end] == steps[at]:
            end += 1
        out.append(f"g {end - at} {steps[at]:g}" if end - at > 1 else f"{steps[at]:g}")
        at = end
    return " ".join(out)


def package(
    sheets: Sequence[Sheet],
    *,
    template: Sheet | None = None,
    picture: bytes | None = None,
    listed: bool = False,
) -> bytes:
    """The file; ``listed`` says where its picture is."""
    pages = "".join(
        f'<ofd:Page ID="{100 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(sheets))
    )
    templates = '<ofd:TemplatePage ID="90" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if template else ""
    parts: dict[str, str | bytes] = {
        "OFD.xml": f'{_HEAD}<ofd:OFD {_NS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo>'
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": f"{_HEAD}<ofd:Document {_NS}><ofd:CommonData><ofd:MaxUnitID>999</ofd:MaxUnitID>"
        f"{'<ofd:DocumentRes>DocumentRes.xml</ofd:DocumentRes>' if listed else ''}<ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 {WIDTH:g} {HEIGHT:g}</ofd:PhysicalBox></ofd:PageArea>{templates}</ofd:CommonData>"
        f"<ofd:Pages>{pages}</ofd:Pages></ofd:Document>",
    }
    for number, sheet in enumerate(sheets):
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _page(sheet, uses_template=template is not None)
    if template is not None:
        parts["Doc_0/Tpls/Tpl_0/Content.xml"] = _page(template, uses_template=False)
    if picture is not None:
        parts["Doc_0/Res/Image_0.png"] = picture
    if listed:
        parts["Doc_0/DocumentRes.xml"] = (
            f'{_HEAD}<ofd:Res {_NS} BaseLoc="Res"><ofd:MultiMedias><ofd:MultiMedia ID="4" Type="Image" Format="PNG">'
            "<ofd:MediaFile>Image_0.png</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias></ofd:Res>"
        )
    return zipped(parts)


def _page(sheet: Sheet, *, uses_template: bool) -> str:
    template = '<ofd:Template TemplateID="90" ZOrder="Background"/>' if uses_template else ""
    return (
        f'{_HEAD}<ofd:Page {_NS}>{template}<ofd:Content><ofd:Layer ID="5">{"".join(sheet.objects)}</ofd:Layer>'
        "</ofd:Content></ofd:Page>"
    )


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """A zip file whose bytes depend on nothing but its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, _FROZEN), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()
