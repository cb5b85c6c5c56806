"""The brief as a PDF of one A3 page."""

from __future__ import annotations

import io
from typing import Any

from app.report.brief import Brief
from app.report.brief_page import A3_PT, FILL, INK, STRONG, Grid, Image, Line, Panel, Words, placed
from app.report.document import shown
from app.report.pdf import LATIN, LINE, is_chinese, markup
from app.report.text_fit import LEADING


def brief_pdf_bytes(brief: Brief) -> bytes:
    """The brief on an A3 page."""
    from reportlab.pdfgen.canvas import Canvas

    content = io.BytesIO()
    canvas = Canvas(content, pagesize=A3_PT, lang="zh-CN" if brief.language == "zh" else "en")
    canvas.setTitle(shown(brief.title))
    for item in placed(brief, A3_PT):
        _draw(canvas, item, bold=brief.language == "en")  # the Chinese font is not bold
    canvas.showPage()
    canvas.save()
    return content.getvalue()


def _draw(canvas: Any, item: Words | Panel | Image | Grid, *, bold: bool) -> None:  # noqa: ANN401 - reportlab is untyped
    from reportlab.lib.colors import HexColor
    from reportlab.lib.utils import ImageReader

    area = item.area
    bottom = A3_PT[1] - area.y - area.height
    if isinstance(item, Panel):
        canvas.setFillColor(HexColor(item.color))
        canvas.rect(area.x, bottom, area.width, area.height, stroke=0, fill=1)
    elif isinstance(item, Image):
        canvas.drawImage(ImageReader(io.BytesIO(item.png)), area.x, bottom, area.width, area.height)
    elif isinstance(item, Grid):
        _draw_grid(canvas, item, bold=bold)
    else:
        _draw_words(canvas, item, bold=bold)


def _draw_words(canvas: Any, item: Words, *, bold: bool) -> None:  # noqa: ANN401
    top = A3_PT[1] - item.area.y
    for one in item.lines:
        flowable = _flowable(one, bold=bold)
        _, height = flowable.wrap(item.area.width, item.area.height)
        top -= height
        flowable.drawOn(canvas, item.area.x, top)


def _flowable(one: Line, *, bold: bool, right: bool = False) -> Any:  # noqa: ANN401
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    chinese = is_chinese(one.text)
    style = ParagraphStyle(
        "line", fontName=LATIN, fontSize=one.size, leading=one.size * LEADING, alignment=2 if right else 0,
        wordWrap="CJK" if chinese else None,
    )  # fmt: skip
    parts = (f'<font color="{color}">{markup(words, bold=bold and one.bold)}</font>' for words, color in one.parts)
    return Paragraph("".join(parts), style)


def _draw_grid(canvas: Any, item: Grid, *, bold: bool) -> None:  # noqa: ANN401
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Table

    table = item.table
    cells = [
        [
            _flowable(
                Line(((shown(cell), INK),), item.size, bold=k == 0 or k - 1 in table.strong),
                bold=bold,
                right=side == "r",
            )
            for cell, side in zip(row, table.align, strict=True)
        ]
        for k, row in enumerate([table.header, *table.rows])
    ]
    drawn = Table(cells, colWidths=list(item.widths), rowHeights=list(item.heights))
    padding = item.size * 0.3
    drawn.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("BACKGROUND", (0, 0), (-1, 0), HexColor(FILL)),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(LINE)),
            *(("BACKGROUND", (0, k + 1), (-1, k + 1), HexColor(STRONG)) for k in table.strong),
            *((f"{side}PADDING", (0, 0), (-1, -1), padding) for side in ("LEFT", "RIGHT")),
            *((f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("TOP", "BOTTOM")),
        ]
    )
    drawn.wrapOn(canvas, item.area.width, item.area.height)
    drawn.drawOn(canvas, item.area.x, A3_PT[1] - item.area.y - sum(item.heights))
