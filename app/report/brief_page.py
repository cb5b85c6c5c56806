"""The brief on its page: what stands where and how large, for a slide and for A3 alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.report.brief import Brief
from app.report.document import LONGEST_CELL, Table, shown
from app.report.text_fit import fitting_scale, fitting_size, row_heights

SLIDE_PT = (960.0, 540.0)
A3_PT = (1190.55, 841.89)
INK, SOFT, ACCENT, FILL, STRONG = "#1f2a33", "#5b6670", "#0b5c8f", "#eef2f5", "#fdf3dc"
MARGIN, GAP = 22.0, 9.0
LEFT_SHARE = 0.43
CELL_PADDING = 4.0
SURE = 0.94
"""Of the width is counted on: other programs' letters are a little wider."""


@dataclass(frozen=True)
class Area:
    """Where something stands, from the upper left corner of the page [points]."""

    x: float
    y: float
    width: float
    height: float

    def inner(self, gap: float) -> Area:
        """The same without its rim."""
        return Area(self.x + gap, self.y + gap, self.width - 2 * gap, self.height - 2 * gap)


@dataclass(frozen=True)
class Line:
    """A paragraph: its parts with their colors, the size of its letters [points]."""

    parts: tuple[tuple[str, str], ...]
    size: float
    bold: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(words for words, _ in self.parts)


@dataclass(frozen=True)
class Words:
    """Paragraphs below each other, so large that they fit."""

    area: Area
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Panel:
    """A colored ground."""

    area: Area
    color: str


@dataclass(frozen=True)
class Image:
    """A picture, and what it shows."""

    area: Area
    png: bytes
    alt: str


@dataclass(frozen=True)
class Grid:
    """A table: size of its letters, widths of its columns and heights of its rows [points]."""

    area: Area
    table: Table
    size: float
    widths: tuple[float, ...]
    heights: tuple[float, ...]


Placed = Words | Panel | Image | Grid


def line(text: str, size: float, color: str = INK, *, bold: bool = False) -> Line:
    """A paragraph of one color."""
    return Line(((shown(text, LONGEST_CELL), color),), size, bold)


def placed(brief: Brief, page_pt: tuple[float, float]) -> Iterator[Placed]:
    """Everything on the page, the lower before the upper.

    Args:
        brief: what is said.
        page_pt: width and height of the page [points].
    """
    width, height = page_pt
    unit = min(width / SLIDE_PT[0], height / SLIDE_PT[1])
    m, gap = MARGIN * unit, GAP * unit
    whole = Area(m, 0.7 * m, width - 2 * m, height - 1.2 * m)
    yield _words(Area(whole.x, whole.y, whole.width, 28 * unit), [line(brief.title, 20 * unit, ACCENT, bold=True)])
    about = [line(brief.subtitle, 8.5 * unit, SOFT), line(brief.deeds, 10 * unit)]
    yield _words(Area(whole.x, whole.y + 28 * unit, whole.width, 44 * unit), about)
    top = whole.y + 78 * unit
    yield from _numbers(brief, Area(whole.x, top, whole.width, 68 * unit), unit)
    foot = Area(whole.x, whole.y + whole.height - 20 * unit, whole.width, 20 * unit)
    yield _words(foot, [line(" ".join(brief.notes), 6.8 * unit, SOFT)])
    body = Area(whole.x, top + 68 * unit + gap, whole.width, foot.y - gap - (top + 68 * unit + gap))
    left = Area(body.x, body.y, LEFT_SHARE * body.width, body.height)
    right_x = body.x + left.width + 1.5 * gap
    right = Area(right_x, body.y, body.x + body.width - right_x, body.height)
    yield from _left(brief, left, unit)
    yield from _right(brief, right, unit)


def _numbers(brief: Brief, area: Area, unit: float) -> Iterator[Placed]:
    """A card for each number."""
    gap, n = GAP * unit, len(brief.numbers)
    width = (area.width - (n - 1) * gap) / n
    for k, number in enumerate(brief.numbers):
        card = Area(area.x + k * (width + gap), area.y, width, area.height)
        yield Panel(card, FILL)
        yield _words(
            card.inner(5 * unit),
            [
                line(number.label, 8.5 * unit, SOFT),
                line(number.value, 16 * unit, INK, bold=True),
                line(number.span, 7.5 * unit, SOFT),
                line(number.change, 7.5 * unit, SOFT),
            ],
        )


def _left(brief: Brief, area: Area, unit: float) -> Iterator[Placed]:
    """The map, its legend, and the phases below it."""
    table_height = min(0.42 * area.height, 135 * unit)
    legend_height = 34 * unit
    title = Area(area.x, area.y, area.width, 15 * unit)
    yield _words(title, [line(brief.picture.title, 10 * unit, ACCENT, bold=True)])
    room = Area(area.x, area.y + 15 * unit, area.width, area.height - 15 * unit - legend_height - table_height)
    width = min(room.width, room.height / brief.picture.aspect)
    height = width * brief.picture.aspect
    yield Image(
        Area(room.x + (room.width - width) / 2, room.y, width, height), brief.picture.png, brief.picture.alt
    )  # fmt: skip
    keys = tuple(
        part for key in brief.picture.legend for part in ((f"{key.mark} ", key.color), (f"{key.text}   ", INK))
    )
    below = Area(area.x, room.y + room.height, area.width, legend_height)
    yield _words(below, [Line(keys, 8 * unit), line(brief.map_note, 6.8 * unit, SOFT)])
    bottom = Area(area.x, below.y + legend_height, area.width, table_height)
    yield from _titled(brief.phases, bottom, unit)


def _right(brief: Brief, area: Area, unit: float) -> Iterator[Placed]:
    """The verdict with what is wrong, and the alternatives below it."""
    height = 0.34 * area.height
    wrong = Area(area.x, area.y, area.width, height)
    yield Panel(wrong, STRONG)
    yield Panel(Area(wrong.x, wrong.y, 3 * unit, height), brief.verdict.color)
    lines = [line(brief.verdict.text, 13 * unit, brief.verdict.color, bold=True)]
    lines += [
        Line((("▲ ", flag.color), (shown(flag.text, LONGEST_CELL), INK)), 12.5 * unit) for flag in brief.flags
    ]  # fmt: skip
    yield _words(wrong.inner(7 * unit), lines)
    rest = Area(area.x, area.y + height + GAP * unit, area.width, area.height - height - GAP * unit)
    yield from _titled(brief.alternatives, rest, unit)


def _titled(table: Table, area: Area, unit: float) -> Iterator[Placed]:
    """A table below its title."""
    head = 15 * unit
    yield _words(Area(area.x, area.y, area.width, head), [line(table.caption, 10 * unit, ACCENT, bold=True)])
    yield grid(table, Area(area.x, area.y + head, area.width, area.height - head), 11 * unit, CELL_PADDING * unit)


def grid(table: Table, area: Area, size: float, padding: float) -> Grid:
    """A table in its area, its letters at most so large."""
    total = sum(table.widths)
    widths = tuple(area.width * width / total for width in table.widths)
    inner = [width - 2 * padding for width in widths]
    rows = [table.header, *table.rows]
    size = fitting_size(rows, inner, area.height, size, padding=padding)
    return Grid(area, table, size, widths, tuple(row_heights(rows, inner, size, padding=padding)))


def _words(area: Area, lines: Sequence[Line]) -> Words:
    scale = fitting_scale([(item.text, item.size, item.bold) for item in lines], SURE * area.width, area.height)
    return Words(area, tuple(Line(item.parts, item.size * scale, item.bold) for item in lines))
