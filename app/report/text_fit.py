"""How much room a text takes, by the widths of Helvetica's letters and full squares for Chinese ones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

LEADING = 1.3
"""Height of a line over the size of its letters."""
BOLD_WIDER = 1.09
STEP, SMALLEST = 0.96, 0.3
_WORD = re.compile(r"[!-\u2e7f]+|[^\S\n]|.[，。；：、）」！？”]*")
"""What a line is not broken inside: a Latin word, a space, a Chinese letter with the stop after it."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Width on one line [points]."""
    return size * (BOLD_WIDER if bold else 1.0) * sum(map(_letter_width, text))


@cache
def _letter_width(letter: str) -> float:
    """In units of the size of the letters."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    return float(stringWidth(letter, "Helvetica", 1.0)) if letter < "\u0100" else 1.0


def n_lines(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """Lines that a text takes in a column, at least one.

    Args:
        text: without line ends.
        width: of the column [points].
        size: of the letters [points].
        bold: as bold letters.
    """
    lines, used = 1, 0.0
    for word in _WORD.findall(text):
        wide = text_width(word, size, bold=bold)
        if used and used + text_width(word.rstrip(), size, bold=bold) > width:
            lines, used = lines + 1, 0.0
        lines += max(0, -int(-wide // width) - 1)
        used += wide
    return lines


def height(texts: Iterable[tuple[str, float, bool]], width: float) -> float:
    """Height of paragraphs below each other [points].

    Args:
        texts: text, size of its letters [points] and whether it is bold.
        width: of the column [points].
    """
    return sum(n_lines(text, width, size, bold=bold) * size * LEADING for text, size, bold in texts)


def fitting_scale(texts: Sequence[tuple[str, float, bool]], width: float, room: float) -> float:
    """By how much letters are made smaller, at most 1, so that paragraphs take no more than the room [points]."""
    scale = 1.0
    while scale > SMALLEST and height(((text, size * scale, bold) for text, size, bold in texts), width) > room:
        scale *= STEP
    return scale


def row_heights(rows: Sequence[Sequence[str]], widths: Sequence[float], size: float, *, padding: float) -> list[float]:
    """Height of each row of a table [points].

    Args:
        rows: cells; the first row is the head, in bold letters.
        widths: of the columns, without the padding [points].
        size: of the letters [points].
        padding: above and below a row, together [points].
    """
    return [
        padding
        + size * LEADING * max(n_lines(cell, width, size, bold=True) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def fitting_size(
    rows: Sequence[Sequence[str]], widths: Sequence[float], room: float, size: float, *, padding: float
) -> float:
    """The size of a table's letters, at most the one given, so that its rows take no more than the room [points]."""
    least = SMALLEST * size
    while size > least and sum(row_heights(rows, widths, size, padding=padding)) > room:
        size *= STEP
    return size
