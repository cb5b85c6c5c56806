"""The brief as one slide of a presentation: texts and tables can be edited there."""

from __future__ import annotations

import io
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Pt

from app.report.brief import Brief
from app.report.brief_page import FILL, INK, SLIDE_PT, STRONG, Area, Grid, Image, Line, Panel, Words, placed
from app.report.document import shown
from app.report.text_fit import LEADING

LATIN_FONT, CHINESE_FONT = "Arial", "Microsoft YaHei"
BLANK = 6
"""Position of the empty layout."""


def brief_slide_bytes(brief: Brief) -> bytes:
    """The brief as a PPTX of one slide."""
    file = Presentation()
    file.slide_width, file.slide_height = Pt(SLIDE_PT[0]), Pt(SLIDE_PT[1])
    file.core_properties.title, file.core_properties.author = shown(brief.title), ""
    file.core_properties.language = "zh-CN" if brief.language == "zh" else "en"
    slide = file.slides.add_slide(file.slide_layouts[BLANK])
    for item in placed(brief, SLIDE_PT):
        _add(slide.shapes, item)
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


def _add(shapes: Any, item: Words | Panel | Image | Grid) -> None:  # noqa: ANN401 - python-pptx is untyped
    where = _place(item.area)
    if isinstance(item, Panel):
        shape = shapes.add_shape(MSO_SHAPE.RECTANGLE, *where)
        shape.fill.solid()
        shape.fill.fore_color.rgb = _color(item.color)
        shape.line.fill.background()
        shape.shadow.inherit = False
    elif isinstance(item, Image):
        picture = shapes.add_picture(io.BytesIO(item.png), *where)
        picture._element.nvPicPr.cNvPr.set("descr", shown(item.alt))
    elif isinstance(item, Grid):
        _add_grid(shapes, item)
    else:
        frame = shapes.add_textbox(*where).text_frame
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
        for k, one in enumerate(item.lines):
            _write(frame.paragraphs[0] if k == 0 else frame.add_paragraph(), one)


def _place(area: Area) -> tuple[Any, Any, Any, Any]:
    return Pt(area.x), Pt(area.y), Pt(area.width), Pt(area.height)


def _color(name: str) -> Any:  # noqa: ANN401
    color: Any = RGBColor  # untyped
    return color(*bytes.fromhex(name.removeprefix("#")))


def _write(paragraph: Any, one: Line) -> None:  # noqa: ANN401
    """A line into a paragraph; Latin and Chinese letters have a font each."""
    paragraph.line_spacing = Pt(one.size * LEADING)
    for words, color in one.parts:
        run = paragraph.add_run()
        run.text = shown(words)
        run.font.size, run.font.bold, run.font.name = Pt(one.size), one.bold, LATIN_FONT
        run.font.color.rgb = _color(color)
        etree.SubElement(run._r.get_or_add_rPr(), qn("a:ea"), typeface=CHINESE_FONT)


def _add_grid(shapes: Any, item: Grid) -> None:  # noqa: ANN401
    table, rows = item.table, [item.table.header, *item.table.rows]
    frame = shapes.add_table(len(rows), len(table.header), *_place(item.area))
    frame._element.nvGraphicFramePr.cNvPr.set("descr", shown(table.caption))
    drawn = frame.table
    drawn.horz_banding = False
    for column, width in zip(drawn.columns, item.widths, strict=True):
        column.width = Pt(width)
    for k, (row, cells, height) in enumerate(zip(drawn.rows, rows, item.heights, strict=True)):
        row.height = Pt(height)
        strong = k - 1 in table.strong
        for cell, text, side in zip(row.cells, cells, table.align, strict=True):
            cell.margin_left = cell.margin_right = Pt(item.size * 0.3)
            cell.margin_top = cell.margin_bottom = 0
            cell.vertical_anchor = MSO_ANCHOR.MIDDLE
            cell.fill.solid()
            cell.fill.fore_color.rgb = _color(FILL if k == 0 else STRONG if strong else "#ffffff")
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.RIGHT if side == "r" else PP_ALIGN.LEFT
            _write(paragraph, Line(((shown(text), INK),), item.size, bold=k == 0 or strong))
