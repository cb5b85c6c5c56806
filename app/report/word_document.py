"""A report as a Word document: Chinese by the East Asian font of every style, table heads on every page."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from app.report.document import (
    LONGEST_CELL,
    Block,
    Bullets,
    Document,
    Gallery,
    Heading,
    Key,
    PageBreak,
    Paragraph,
    Picture,
    Table,
    shown,
)

LATIN_FONT, CHINESE_FONT, CHINESE_HEADING = "Arial", "SimSun", "SimHei"
WIDTH_CM, HEIGHT_CM, MARGIN_CM = 21.0, 29.7, 1.9
TEXT_CM = WIDTH_CM - 2 * MARGIN_CM
TALLEST_CM = 0.66 * (HEIGHT_CM - 2 * MARGIN_CM)
SOFT, ACCENT = RGBColor(0x5B, 0x66, 0x70), RGBColor(0x0B, 0x5C, 0x8F)
FILL, STRONG, LINE = "EEF2F5", "FDF3DC", "C5CCD2"
SIZES = {"body": 9.5, "note": 8.0, "warning": 9.5, "command": 8.5}
TWIPS_PER_CM = 1440 / 2.54


def word_bytes(document: Document) -> bytes:
    """The report as a DOCX of A4 pages."""
    file = docx.Document()
    _set_page(file, document)
    _set_styles(file, document.language)
    _run(file.add_paragraph(style="Title"), document.title)
    _run(file.add_paragraph(), document.subtitle, size=10.5, color=SOFT)
    for block in document.blocks:
        _add(file, block)
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


def _set_page(file: Any, document: Document) -> None:  # noqa: ANN401 - python-docx is untyped
    section = file.sections[0]
    section.page_width, section.page_height = Cm(WIDTH_CM), Cm(HEIGHT_CM)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(MARGIN_CM)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(foot, f"{document.footer}   ·   ", size=7.5, color=SOFT)
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    field.append(_run(foot, "1", size=7.5, color=SOFT)._r)
    foot._p.append(field)
    about = file.core_properties
    about.title, about.author, about.comments = shown(document.title), "", ""
    about.language = "zh-CN" if document.language == "zh" else "en-US"


def _set_styles(file: Any, language: str) -> None:  # noqa: ANN401
    for name, size, chinese in (
        ("Normal", 9.5, CHINESE_FONT),
        ("Title", 20.0, CHINESE_HEADING),
        ("Heading 1", 15.0, CHINESE_HEADING),
        ("Heading 2", 11.5, CHINESE_HEADING),
        ("List Bullet", 9.5, CHINESE_FONT),
    ):
        style = file.styles[name]
        style.font.name, style.font.size = LATIN_FONT, Pt(size)
        properties = style.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{kind}"), None)
        for kind in ("ascii", "hAnsi", "cs"):
            fonts.set(qn(f"w:{kind}"), LATIN_FONT)
        fonts.set(qn("w:eastAsia"), chinese)
        if name != "Normal":
            style.paragraph_format.space_after = Pt(4)
        if "Heading" in name or name == "Title":
            style.font.color.rgb = ACCENT
    normal = file.styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing = Pt(4), 1.15
    tongue = OxmlElement("w:lang")
    tongue.set(qn("w:val"), "en-US")
    tongue.set(qn("w:eastAsia"), "zh-CN" if language == "zh" else "en-US")
    file.styles["Normal"].element.get_or_add_rPr().append(tongue)


def _add(file: Any, block: Block) -> None:  # noqa: ANN401
    if isinstance(block, Heading):
        _run(file.add_paragraph(style=f"Heading {block.level}"), block.text)
    elif isinstance(block, Paragraph):
        _add_paragraph(file, block)
    elif isinstance(block, Bullets):
        for item in block.items:
            _run(file.add_paragraph(style="List Bullet"), item)
    elif isinstance(block, Table):
        _add_table(file, block)
    elif isinstance(block, PageBreak):
        file.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    elif isinstance(block, Picture):
        _add_gallery(file, Gallery((block,), 1))
    else:
        _add_gallery(file, block)


def _run(paragraph: Any, text: str, *, size: float = 0.0, bold: bool = False, color: Any = None) -> Any:  # noqa: ANN401
    run = paragraph.add_run(shown(text))
    if size:
        run.font.size = Pt(size)
    if bold:
        run.bold = True
    if color is not None:
        run.font.color.rgb = color
    return run


def _add_paragraph(file: Any, block: Paragraph) -> None:  # noqa: ANN401
    paragraph = file.add_paragraph()
    _run(paragraph, block.text, size=SIZES[block.kind], color=SOFT if block.kind == "note" else None)
    if block.kind in ("warning", "command"):
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), STRONG if block.kind == "warning" else FILL)
        paragraph._p.get_or_add_pPr().append(shade)


def _add_table(file: Any, block: Table) -> None:  # noqa: ANN401
    """A table written element by element: python-docx takes minutes for hundreds of rows."""
    if block.caption:
        caption = file.add_paragraph()
        _run(caption, block.caption, bold=True)
        caption.paragraph_format.keep_with_next = True
    size = 14 if block.small else 17  # half points
    widths = [round(TEXT_CM * TWIPS_PER_CM * width / sum(block.widths)) for width in block.widths]
    table = _element("w:tbl")
    properties = _element("w:tblPr", table)
    _element("w:tblW", properties, w=str(sum(widths)), type="dxa")
    borders = _element("w:tblBorders", properties)
    for side in ("top", "bottom", "insideH"):
        _element(f"w:{side}", borders, val="single", sz="4", space="0", color=LINE)
    _element("w:tblLayout", properties, type="fixed")
    margins = _element("w:tblCellMar", properties)
    for side in ("left", "right"):
        _element(f"w:{side}", margins, w="60", type="dxa")
    grid = _element("w:tblGrid", table)
    for width in widths:
        _element("w:gridCol", grid, w=str(width))
    _add_row(table, block.header, block.align, widths, size, head=True)
    for k, row in enumerate(block.rows):
        _add_row(table, row, block.align, widths, size, strong=k in block.strong)
    file.element.body.insert_element_before(table, "w:sectPr")
    space = file.add_paragraph()
    space.paragraph_format.space_after = Pt(2)


def _add_row(
    table: Any,  # noqa: ANN401
    cells: Sequence[str],
    align: str,
    widths: Sequence[int],
    size: int,
    *,
    head: bool = False,
    strong: bool = False,
) -> None:
    row = _element("w:tr", table)
    properties = _element("w:trPr", row)
    _element("w:cantSplit", properties)
    if head:
        _element("w:tblHeader", properties)
    for text, side, width in zip(cells, align, widths, strict=True):
        cell = _element("w:tc", row)
        cell_properties = _element("w:tcPr", cell)
        _element("w:tcW", cell_properties, w=str(width), type="dxa")
        if head or strong:
            _element("w:shd", cell_properties, val="clear", fill=FILL if head else STRONG)
        paragraph = _element("w:p", cell)
        form = _element("w:pPr", paragraph)
        _element("w:spacing", form, before="20", after="20", line="240", lineRule="auto")
        _element("w:jc", form, val="right" if side == "r" else "left")
        run = _element("w:r", paragraph)
        letters = _element("w:rPr", run)
        if head or strong:
            _element("w:b", letters)
        _element("w:sz", letters, val=str(size))
        words = _element("w:t", run)
        words.set(qn("xml:space"), "preserve")
        words.text = shown(text, LONGEST_CELL)


def _element(name: str, parent: Any = None, **attributes: str) -> Any:  # noqa: ANN401
    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    if parent is not None:
        parent.append(element)
    return element


def _add_gallery(file: Any, block: Gallery) -> None:  # noqa: ANN401
    """Pictures in the cells of a table without lines, so that titles and axes stay with them."""
    n_rows = -(-len(block.pictures) // block.columns)
    table = file.add_table(rows=n_rows, cols=block.columns)
    table.autofit = False
    width_cm = TEXT_CM / block.columns
    for position, item in enumerate(block.pictures):
        cell = table.cell(position // block.columns, position % block.columns)
        cell.width = Cm(width_cm)
        _fill_picture(cell, item, width_cm - 0.5)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    _add_legend(file.add_paragraph(), block.legend)


def _fill_picture(cell: Any, item: Picture, width_cm: float) -> None:  # noqa: ANN401
    first = cell.paragraphs[0]
    _run(first, item.title, bold=True)
    lines = [first]
    if item.vertical:
        lines.append(cell.add_paragraph())
        _run(lines[-1], item.vertical, size=7.5, color=SOFT)
    lines.append(cell.add_paragraph())
    width_cm = min(width_cm, TALLEST_CM / item.aspect)
    picture = lines[-1].add_run().add_picture(io.BytesIO(item.png), width=Cm(width_cm))
    about = picture._inline.docPr
    about.set("descr", shown(item.alt or item.title))
    for line in lines:
        line.paragraph_format.space_after = Pt(0)
    if item.horizontal:
        after = cell.add_paragraph()
        after.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _run(after, item.horizontal, size=7.5, color=SOFT)
    if item.legend:
        _add_legend(cell.add_paragraph(), item.legend)


def _add_legend(paragraph: Any, legend: Sequence[Key]) -> None:  # noqa: ANN401
    for key in legend:
        _run(paragraph, f"{key.mark} ", size=8.0, color=RGBColor.from_string(key.color.removeprefix("#")))
        _run(paragraph, f"{key.text}    ", size=8.0)
