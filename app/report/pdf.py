"""A report as PDF: Latin letters in Helvetica; Chinese in an installed font that the file carries along.

Where none with TrueType outlines is installed, it names STSong-Light, which most readers bring or replace.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from app.charts.fonts import chinese_fonts
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

LATIN, BOLD, CHINESE, NAMED = "Helvetica", "Helvetica-Bold", "Chinese", "STSong-Light"
MISSING = "□"
"""Stands for a letter that neither font has."""
CM = 72.0 / 2.54
MARGIN = 1.9 * CM
WIDTH, HEIGHT = 21.0 * CM, 29.7 * CM
TEXT_WIDTH = WIDTH - 2 * MARGIN
TALLEST = 0.66 * (HEIGHT - 2 * MARGIN)
INK, SOFT, LINE, FILL, STRONG = "#1f2a33", "#5b6670", "#c5ccd2", "#eef2f5", "#fdf3dc"


def pdf_bytes(document: Document) -> bytes:
    """The report as a PDF of A4 pages."""
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    content = io.BytesIO()
    template = BaseDocTemplate(
        content,
        pagesize=(WIDTH, HEIGHT),
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=shown(document.title),
        author="",
        lang="zh-CN" if document.language == "zh" else "en",
    )
    frame = Frame(
        x1=MARGIN,
        y1=MARGIN,
        width=TEXT_WIDTH,
        height=HEIGHT - 2 * MARGIN,
        leftPadding=0,
        bottomPadding=0,
        rightPadding=0,
        topPadding=0,
    )

    def foot(canvas: Any, made: Any) -> None:  # noqa: ANN401 - reportlab is untyped
        line = _paragraph(f"{document.footer}   ·   {made.page}", "foot", document.language)
        line.wrap(TEXT_WIDTH, MARGIN)
        line.drawOn(canvas, MARGIN, 0.9 * CM)

    template.addPageTemplates(PageTemplate(frames=[frame], onPage=foot))
    template.build(list(_story(document)))
    return content.getvalue()


@cache
def chinese_font() -> Any:  # noqa: ANN401 - reportlab is untyped
    """The font of Chinese letters, registered."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for path in chinese_fonts().values():
        try:
            font = TTFont(CHINESE, str(path))
        except (TTFError, OSError):
            continue  # outlines of another kind
        break
    else:
        font = UnicodeCIDFont(NAMED)
    pdfmetrics.registerFont(font)
    return font


def markup(text: str, *, bold: bool = False) -> str:
    """A plain text as reportlab's markup: escaped, each run in a font that has its letters."""
    runs = ((key, "".join(letters)) for key, letters in groupby(shown(text), key=_font_of))
    marked = []
    for font, run in runs:
        if font == LATIN:
            marked.append(f"<b>{escape(run)}</b>" if bold else escape(run))
        else:
            name = chinese_font().fontName
            marked.append(f'<font name="{name}">{escape(run) if font else MISSING * len(run)}</font>')
    return "".join(marked)


def is_chinese(text: str) -> bool:
    """Whether a text has letters that Helvetica lacks."""
    return any(_font_of(letter) == CHINESE for letter in text)


@cache
def _font_of(letter: str) -> str:
    """The font of a letter; empty where neither has it."""
    if letter < "\u0100":
        return LATIN
    try:
        letter.encode("gbk")
    except UnicodeEncodeError:
        return ""
    return CHINESE


@cache
def _styles(*, chinese: bool) -> dict[str, Any]:
    """Styles by name; Chinese lines break between any two letters, others between words."""
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    wrap = {"wordWrap": "CJK"} if chinese else {}
    base = ParagraphStyle("base", fontName=LATIN, fontSize=9.5, leading=14.0, textColor=HexColor(INK), **wrap)

    def style(name: str, size: float, **options: Any) -> Any:  # noqa: ANN401
        return ParagraphStyle(name, parent=base, fontSize=size, leading=options.pop("leading", size * 1.4), **options)

    soft, accent = HexColor(SOFT), HexColor("#0b5c8f")
    return {
        "title": style("title", 20.0, spaceAfter=2, textColor=accent),
        "subtitle": style("subtitle", 10.5, spaceAfter=8, textColor=soft),
        "heading1": style("heading1", 15.0, spaceBefore=4, spaceAfter=6, textColor=accent, keepWithNext=1),
        "heading2": style("heading2", 11.5, spaceBefore=8, spaceAfter=3, textColor=accent, keepWithNext=1),
        "body": style("body", 9.5, spaceAfter=5),
        "note": style("note", 8.0, spaceAfter=5, textColor=soft),
        "command": style("command", 8.5, spaceAfter=5, backColor=HexColor(FILL), borderPadding=4, spaceBefore=4),
        "bullet": style("bullet", 9.5, spaceAfter=2, leftIndent=12, bulletIndent=2),
        "caption": style("caption", 9.5, spaceBefore=4, spaceAfter=3),
        "axis": style("axis", 7.5, textColor=soft),
        "axis_right": style("axis_right", 7.5, textColor=soft, alignment=2),
        "foot": style("foot", 7.5, textColor=soft, alignment=1),
        "cell_l": style("cell_l", 8.5, leading=11.0),
        "cell_r": style("cell_r", 8.5, leading=11.0, alignment=2),
        "small_l": style("small_l", 6.8, leading=8.6),
        "small_r": style("small_r", 6.8, leading=8.6, alignment=2),
    }


def _paragraph(text: str, style: str, language: str, *, bold: bool = False) -> Any:  # noqa: ANN401
    """A paragraph; nothing is bold in a Chinese report, since the Chinese font is not."""
    from reportlab.platypus import Paragraph as Flowable

    bold = bold and language == "en"
    return Flowable(markup(text, bold=bold), _styles(chinese=is_chinese(text))[style])


def _story(document: Document) -> Iterator[Any]:
    yield _paragraph(document.title, "title", document.language)
    yield _paragraph(document.subtitle, "subtitle", document.language)
    for block in document.blocks:
        yield from _flowables(block, document.language)


def _flowables(block: Block, language: str) -> Iterator[Any]:
    from reportlab.platypus import CondPageBreak
    from reportlab.platypus import PageBreak as NewPage
    from reportlab.platypus import Paragraph as Flowable

    if isinstance(block, Heading):
        yield CondPageBreak(5.5 * CM)  # room for what follows, so that no heading ends a page
        yield _heading(block, language)
    elif isinstance(block, Paragraph):
        yield _boxed(block, language) if block.kind == "warning" else _paragraph(block.text, block.kind, language)
    elif isinstance(block, Bullets):
        for item in block.items:
            yield Flowable(markup(item), _styles(chinese=is_chinese(item))["bullet"], bulletText="•")
    elif isinstance(block, Table):
        yield from _table(block, language)
    elif isinstance(block, PageBreak):
        yield NewPage()
    elif isinstance(block, Picture):
        yield from _gallery(Gallery((block,), 1), language)
    else:
        yield from _gallery(block, language)


def _heading(block: Heading, language: str) -> Any:  # noqa: ANN401
    from reportlab.platypus import Paragraph as Flowable

    class Marked(Flowable):  # type: ignore[misc]
        """A heading that also stands in the reader's outline."""

        def draw(self) -> None:
            """Draw, and note the place."""
            name = f"{block.level}-{self.canv.getPageNumber()}-{block.text}"
            self.canv.bookmarkPage(name)
            self.canv.addOutlineEntry(shown(block.text), name, block.level - 1, closed=block.level > 1)
            super().draw()

    styles = _styles(chinese=is_chinese(block.text))
    return Marked(markup(block.text, bold=language == "en"), styles[f"heading{block.level}"])


def _boxed(block: Paragraph, language: str) -> Any:  # noqa: ANN401
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Table as Grid

    box = Grid([[_paragraph(block.text, "body", language)]], colWidths=[TEXT_WIDTH])
    box.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(STRONG)),
            ("LINEBEFORE", (0, 0), (0, -1), 3, HexColor("#e69f00")),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ]
    )
    box.spaceAfter = 6
    return box


def _table(block: Table, language: str) -> Iterator[Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import CondPageBreak, LongTable, Spacer

    size = "small" if block.small else "cell"
    total = sum(block.widths)

    def cells(row: tuple[str, ...], *, bold: bool = False) -> list[Any]:
        texts = (shown(cell, LONGEST_CELL) for cell in row)
        return [
            _paragraph(text, f"{size}_{side}", language, bold=bold)
            for text, side in zip(texts, block.align, strict=True)
        ]

    content = [
        cells(block.header, bold=True),
        *(cells(row, bold=k in block.strong) for k, row in enumerate(block.rows)),
    ]
    grid = LongTable(content, colWidths=[TEXT_WIDTH * width / total for width in block.widths], repeatRows=1)
    padding = 1.2 if block.small else 2.2
    grid.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(FILL)),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, HexColor(LINE)),
            ("LINEABOVE", (0, 0), (-1, 0), 0.8, HexColor(SOFT)),
            ("LINEBELOW", (0, -1), (-1, -1), 0.8, HexColor(SOFT)),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), padding),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
            *(("BACKGROUND", (0, k + 1), (-1, k + 1), HexColor(STRONG)) for k in block.strong),
        ]
    )
    yield CondPageBreak(min(len(content), 5) * 0.6 * CM + 1.0 * CM)
    if block.caption:
        yield _paragraph(block.caption, "caption", language, bold=True)
    yield grid
    yield Spacer(1, 7)


def _gallery(block: Gallery, language: str) -> Iterator[Any]:
    from reportlab.platypus import KeepTogether, Spacer
    from reportlab.platypus import Table as Grid

    gap = 0.35 * CM if block.columns > 1 else 0.0
    width = (TEXT_WIDTH - gap * (block.columns - 1)) / block.columns
    flowables: list[Any] = []
    for first in range(0, len(block.pictures), block.columns):
        row = [_pictured(item, width, language) for item in block.pictures[first : first + block.columns]]
        row += [[]] * (block.columns - len(row))
        grid = Grid([row], colWidths=[width + gap] * (block.columns - 1) + [width])
        grid.setStyle(
            [("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0),
             ("RIGHTPADDING", (0, 0), (-1, -1), gap), ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
             ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)]
        )  # fmt: skip
        flowables.append(grid)
    if block.legend:
        flowables.append(_legend(block.legend))
    last = flowables[-2:] if block.legend else flowables[-1:]
    yield from flowables[: -len(last)]
    yield KeepTogether(last)
    yield Spacer(1, 7)


def _pictured(item: Picture, width: float, language: str) -> list[Any]:
    from reportlab.platypus import Image

    width = min(width, TALLEST / item.aspect)
    flowables = [_paragraph(item.title, "caption", language, bold=True)] if item.title else []
    if item.vertical:
        flowables.append(_paragraph(item.vertical, "axis", language))
    flowables.append(Image(io.BytesIO(item.png), width=width, height=width * item.aspect))
    if item.horizontal:
        flowables.append(_paragraph(item.horizontal, "axis_right", language))
    if item.legend:
        flowables.append(_legend(item.legend))
    return flowables


def _legend(legend: tuple[Key, ...]) -> Any:  # noqa: ANN401
    from reportlab.platypus import Paragraph as Flowable

    entries = [f'<font color="{key.color}">{markup(key.mark)}</font> {markup(key.text)}' for key in legend]
    chinese = any(is_chinese(key.text) for key in legend)
    return Flowable("&nbsp;&nbsp;&nbsp; ".join(entries), _styles(chinese=chinese)["axis"])
