"""Files of flowing text: Word of both kinds and RTF."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from PIL import Image

from tests.crawler.documents import rtf_writer
from tests.crawler.documents.making import Case, Workshop
from tests.crawler.documents.own_texts import FIGURES, Report, is_heading, report, rows
from tests.crawler.documents.word_writer import Part, word

FACE = "WenQuanYi Micro Hei"


def new(size: float = 16) -> Any:
    document = docx.Document()
    style = document.styles["Normal"]
    style.font.name = FACE
    style.font.size = Pt(size)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FACE)
    return document


def paragraph(document: Any, text: str, *, indent: float = 2, size: float = 16, align: Any = None) -> Any:
    made = document.add_paragraph()
    made.paragraph_format.first_line_indent = Pt(size * indent) if indent else None
    made.paragraph_format.space_after = Pt(0)
    made.paragraph_format.line_spacing = Pt(size * 1.75)
    made.alignment = align
    made.add_run(text)
    return made


def furnished(document: Any, header: str = "兰汀区依法行政工作简报") -> None:
    """A running header and a page number in the footer."""
    section = document.sections[0]
    section.header.paragraphs[0].text = header
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for piece in ("— ", None, " —"):
        if piece is None:
            footer._p.append(
                parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>')
            )
        else:
            footer.add_run(piece)


def table(document: Any, data: Sequence[Sequence[str]]) -> Any:
    made = document.add_table(rows=len(data), cols=len(data[0]), style="Table Grid")
    for at, row in enumerate(data):
        for place, cell in enumerate(row):
            made.cell(at, place).text = cell
            made.cell(at, place).paragraphs[0].runs[0].font.size = Pt(10.5) if cell else None
    return made


def body(document: Any, text: Report, *, indent: float = 2, size: float = 16) -> None:
    paragraph(document, text.title, indent=0, size=size + 6, align=WD_ALIGN_PARAGRAPH.CENTER).runs[
        0
    ].font.size = Pt(size + 6)
    for at, line in enumerate(text.body):
        salutation = at == 0 and line.endswith("：") and len(line) < 30
        made = paragraph(
            document, line, indent=0 if salutation else indent, size=size, align=WD_ALIGN_PARAGRAPH.JUSTIFY
        )
        made.runs[0].font.size = Pt(size)
        made.runs[0].bold = is_heading(line)
    if text.table:
        table(document, text.table)
    for line in text.closing:
        paragraph(document, line, indent=0, size=size, align=WD_ALIGN_PARAGRAPH.RIGHT).runs[0].font.size = Pt(
            size
        )


def saved(document: Any) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def plain(text: Report, **options: Any) -> bytes:
    document = new(options.get("size", 16))
    furnished(document)
    body(document, text, **options)
    return saved(document)


# -- documents with one trap each -----------------------------------------------------------------

_LEVELS = (
    ("chineseCounting", "%1、"),
    ("chineseCounting", "（%2）"),
    ("decimal", "%3．"),
    ("decimalEnclosedCircle", "%4"),
)


def _numbering(document: Any) -> None:
    """A list of four levels, and one style that numbers by itself."""
    root = document.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(_LEVELS)
    )
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77"><w:multiLevelType w:val="multilevel"/>{levels}</w:abstractNum>'
    )
    root.insert(0, abstract)
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    root.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="78"><w:abstractNumId w:val="77"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        )
    )


def _listed(document: Any, text: str, level: int, number: int = 77) -> None:
    made = paragraph(document, text, indent=0)
    made._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
    )


NUMBERED = (
    ("推进法治政府建设的主要举措和成效", 0, "一、"),
    ("健全依法决策机制。全年审查重大决策7件，提出意见23条。", 1, "（一）"),
    ("落实公众参与、专家论证、风险评估程序。", 2, "1．"),
    ("建立决策后评估台账。", 2, "2．"),
    ("每半年通报一次。", 3, "①"),
    ("严格规范公正文明执法。办理行政处罚案件128件。", 1, "（二）"),
    ("推行包容审慎监管。", 2, "1．"),
    ("存在的不足和原因", 0, "二、"),
    ("基层执法力量仍显薄弱，个别人员程序意识不强。", 1, "（一）"),
    ("下一年度工作安排", 0, "三、"),
)


def numbered(*, restarted: bool = True) -> tuple[bytes, list[str]]:
    """LibreOffice loses the list that starts again when it saves."""
    document = new()
    _numbering(document)
    paragraph(document, "青禾镇2023年法治政府建设情况报告", indent=0)
    for text, level, _ in NUMBERED:
        _listed(document, text, level)
    lines = ["青禾镇2023年法治政府建设情况报告", *(label + text for text, _, label in NUMBERED)]
    if not restarted:
        return saved(document), lines
    paragraph(document, "附：任务分工")
    _listed(document, "党政办公室", 0, 78)
    _listed(document, "司法所", 0, 78)
    return saved(document), [*lines, "附：任务分工", "一、党政办公室", "二、司法所"]


def by_style() -> tuple[bytes, list[str]]:
    document = new()
    _numbering(document)
    style = document.styles["Heading 1"].element
    style.get_or_add_pPr().append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="77"/></w:numPr>'))
    for text in ("工作开展情况", "存在的问题", "下一步打算"):
        document.add_paragraph(text, style="Heading 1")
        paragraph(document, f"{text}：各项任务按计划推进。")
    labels = zip("一二三", ("工作开展情况", "存在的问题", "下一步打算"), strict=True)
    return saved(document), [
        line for label, text in labels for line in (f"{label}、{text}", f"{text}：各项任务按计划推进。")
    ]


def merged() -> tuple[bytes, list[str]]:
    document = new()
    paragraph(document, "行政执法数据统计表", indent=0)
    made = table(
        document,
        (("类别", "项目", "数量"), ("许可", "受理", "31"), ("许可", "办结", "30"), ("合计", "合计", "61")),
    )
    made.cell(2, 0).text = ""
    made.cell(1, 0).merge(made.cell(2, 0))
    made.cell(3, 1).text = ""
    made.cell(3, 0).merge(made.cell(3, 1))
    made.cell(1, 1).add_paragraph("（含网上）")
    paragraph(document, "注：数据截至12月31日。")
    return saved(document), [
        "行政执法数据统计表",
        "类别\t项目\t数量",
        "许可\t受理 （含网上）\t31",
        "\t办结\t30",
        "合计\t61",
        "注：数据截至12月31日。",
    ]


def framed(text: Report) -> bytes:
    """The whole report in the one cell of a layout table."""
    document = new()
    cell = document.add_table(rows=1, cols=1, style="Table Grid").cell(0, 0)
    cell.paragraphs[0].add_run(text.lines[0])
    for line in text.lines[1:]:
        cell.add_paragraph(line)
    return saved(document)


_W = nsdecls("w")


def revised() -> tuple[bytes, list[str]]:
    document = new()
    paragraph(document, "柳林街道法治政府建设报告", indent=0)
    made = paragraph(document, "全年开展普法宣传")
    made._p.append(
        parse_xml(f'<w:del {_W} w:id="1" w:author="a"><w:r><w:delText>二十五</w:delText></w:r></w:del>')
    )
    made._p.append(parse_xml(f'<w:ins {_W} w:id="2" w:author="a"><w:r><w:t>32</w:t></w:r></w:ins>'))
    made.add_run("场次。")
    gone = paragraph(document, "第一段的前半，")
    gone._p.get_or_add_pPr().append(parse_xml(f'<w:rPr {_W}><w:del w:id="3" w:author="a"/></w:rPr>'))
    paragraph(document, "与后半相连。")
    hidden = paragraph(document, "可见文字。")
    hidden.add_run("隐藏批注").font.hidden = True
    return saved(document), [
        "柳林街道法治政府建设报告",
        "全年开展普法宣传32场次。",
        "第一段的前半，与后半相连。",
        "可见文字。",
    ]


def boxed() -> tuple[bytes, list[str]]:
    """A text box as Word writes it: once for new readers, once for old ones."""
    document = new()
    made = paragraph(document, "兰汀区司法局文件", indent=0)
    content = f"<w:txbxContent {_W}><w:p><w:r><w:t>兰司发〔2024〕3号</w:t></w:r></w:p></w:txbxContent>"
    made._p.append(
        parse_xml(
            f'<w:r {_W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"'
            ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
            ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
            '<wp:inline><wp:extent cx="1800000" cy="360000"/><wp:docPr id="1" name="x"/><a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
            f"<wps:wsp><wps:txbx>{content}</wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:inline></w:drawing></mc:Choice>"
            f"<mc:Fallback><w:pict><v:shape><v:textbox>{content}</v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    paragraph(document, "现将2023年度法治政府建设情况报告如下。")
    return saved(document), [
        "兰汀区司法局文件",
        "兰司发〔2024〕3号",
        "现将2023年度法治政府建设情况报告如下。",
    ]


def fields(*, controls: bool = True) -> tuple[bytes, list[str]]:
    """LibreOffice writes a content control out three times when it saves."""
    document = new()
    made = paragraph(document, "详见")
    for piece in (
        '<w:fldChar w:fldCharType="begin"/>',
        '<w:instrText xml:space="preserve"> HYPERLINK "http://www.lanting.example/" </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        "<w:t>区政府门户网站</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ):
        made._p.append(parse_xml(f"<w:r {_W}>{piece}</w:r>"))
    made.add_run("公开栏目，热线12345")
    made._p.append(parse_xml(f"<w:r {_W}><w:noBreakHyphen/></w:r>"))
    made.add_run("8。")
    if controls:
        document._body._element.insert(
            1,
            parse_xml(
                f"<w:sdt {_W}><w:sdtContent><w:p><w:r><w:t>内容控件中的一段。</w:t></w:r></w:p></w:sdtContent></w:sdt>"
            ),
        )
    made = paragraph(document, "上一行")
    made.add_run().add_break()
    made.add_run("下一行")
    control = ["内容控件中的一段。"] if controls else []
    return saved(document), ["详见区政府门户网站公开栏目，热线12345-8。", *control, "上一行", "下一行"]


def pictured(scan: bytes) -> bytes:
    document = new()
    document.add_picture(io.BytesIO(scan), width=docx.shared.Cm(15))
    return saved(document)


def _grey() -> bytes:
    target = io.BytesIO()
    Image.linear_gradient("L").resize((600, 850)).convert("1").save(target, "PNG")
    return target.getvalue()


def cases(shop: Workshop) -> list[Case]:
    """All files of flowing text."""
    made: list[Case] = []

    def add(name: str, content: bytes, kind: str, lines: Sequence[str], **more: Any) -> None:
        made.append(Case(name=name, body=content, kind=kind, lines=lines, **more))

    traps: dict[str, Callable[[], tuple[bytes, list[str]]]] = {
        "numbered": numbered,
        "numbered-by-style": by_style,
        "merged-cells": merged,
        "revised": revised,
        "text-box": boxed,
        "fields": fields,
    }
    reports = {f"report-{n}": report(n, table=FIGURES if n in (2, 5) else ()) for n in (0, 2, 5, 8)}
    for name, text in reports.items():
        add(f"{name}.docx", plain(text), "docx", text.lines)
    for name, make in traps.items():
        content, lines = make()
        add(f"{name}.docx", content, "docx", lines)
    frame = report(9, 500)
    add("framed.docx", framed(frame), "docx", frame.lines)
    add("pictured.docx", pictured(_grey()), "docx", (), form="scanned", scanned_pages=1)
    resaved = report(3, 700)
    add("resaved.docx", shop.convert(plain(resaved), ".docx", "docx:MS Word 2007 XML"), "docx", resaved.lines)
    for name, text in reports.items():
        add(f"{name}.doc", shop.convert(plain(text), ".docx", "doc:MS Word 97"), "doc", text.lines)
    simpler = {
        "numbered": numbered(restarted=False),
        "merged-cells": merged(),
        "fields": fields(controls=False),
        "numbered-by-style": by_style(),
    }
    for name, (content, lines) in simpler.items():
        add(f"{name}.doc", shop.convert(content, ".docx", "doc:MS Word 97"), "doc", lines)
    renamed = report(11, 600)
    add(
        "renamed.wps",
        shop.convert(plain(renamed), ".docx", "doc:MS Word 97"),
        "doc",
        renamed.lines,
        warning="a Word document named wps",
    )
    add("framed.doc", shop.convert(framed(frame), ".docx", "doc:MS Word 97"), "doc", frame.lines)
    add("named.pdf.doc", plain(renamed), "docx", renamed.lines, warning="a docx file named doc")
    made += _binary()
    rich = report(14, 700)
    add("gbk.rtf", rtf_writer.document(rich.lines), "rtf", rich.lines)
    add("unicode.rtf", rtf_writer.document([*rich.lines, "𠮷田"], unicode=True), "rtf", [*rich.lines, "𠮷田"])
    add("table.rtf", rtf_writer.document(["统计表"], table=FIGURES), "rtf", ["统计表", *rows(FIGURES)])
    add("table.doc", rtf_writer.document(["统计表"], table=FIGURES), "rtf", ["统计表", *rows(FIGURES)])
    for name in ("report-5", "report-0"):
        add(
            f"{name}.rtf",
            shop.convert(plain(reports[name]), ".docx", "rtf:Rich Text Format"),
            "rtf",
            reports[name].lines,
        )
    content, lines = numbered(restarted=False)
    add("numbered.rtf", shop.convert(content, ".docx", "rtf:Rich Text Format"), "rtf", lines)
    return made


def _binary() -> list[Case]:
    """What Word's fast save leaves, which LibreOffice never writes."""
    text = report(16, 800)
    pieces: list[Part] = []
    for at, line in enumerate(text.lines):
        half = len(line) // 2
        pieces.append(Part(line[:half]))
        if at % 3 == 0:
            pieces.append(Part("此处原有文字，", deleted=True, by_piece=at % 2 == 0))
        pieces.append(Part(line[half:] + "\r"))
    order = sorted(range(len(pieces)), key=lambda at: (at * 7919) % len(pieces))
    fast = word(pieces, order=order)
    mixed = word(
        [
            Part("热线电话："),
            Part("12345, 24 hours\r", narrow=True),
            Part('\x13 HYPERLINK "http://www.lanting.example/" \x14', narrow=True),
            Part("区政府网站\x15“公开”栏目\x1e查询\x0b第二行\r"),
            Part("隐藏", hidden=True),
            Part("“quoted” – dash\r", narrow=True),
            Part("落款𠮷\r"),
        ]
    )
    cells = "执法统计\r项目\x07数量\x07\x07处罚\x07\x07\x07完\r"
    ends = [at for at, c in enumerate(cells) if c == "\x07" and cells[:at].count("\x07") % 3 == 2]
    return [
        Case(name="fast-saved.doc", body=fast, kind="doc", lines=text.lines, warning="deleted"),
        Case(
            name="mixed-pieces.doc",
            body=mixed,
            kind="doc",
            lines=[
                "热线电话：12345, 24 hours",
                "区政府网站“公开”栏目-查询",
                "第二行",
                "“quoted” – dash",
                "落款𠮷",
            ],
        ),
        Case(
            name="gbk-bytes.doc",
            body=word(
                [
                    Part(
                        "兰汀区教育局依法行政工作情况报告，全年办理许可31件。\r",
                        narrow=True,
                        charset="gb18030",
                    )
                ]
            ),
            kind="doc",
            lines=["兰汀区教育局依法行政工作情况报告，全年办理许可31件。"],
        ),
        Case(
            name="empty-cell.doc",
            body=word([Part(cells)], row_ends=ends),
            kind="doc",
            lines=["执法统计", "项目\t数量", "处罚", "完"],
        ),
    ]
