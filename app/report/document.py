"""What a report is made of: headings, paragraphs, tables and pictures, without any format.

Texts are plain: whatever markup, formula or direction mark a name out of data holds is shown and never obeyed.
Pictures hold no words, so they look the same with every set of fonts; titles, axes and legends are text beside them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

LONGEST_CELL = 600
"""Characters of a table's cell; what is longer ends with an ellipsis, so that every row fits a page."""
LONGEST_NAME = 60


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 begins a chapter."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True)
class Paragraph:
    """Running text; a note is small, a warning is framed."""

    text: str
    kind: Literal["body", "note", "warning", "command"] = "body"


@dataclass(frozen=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        header: names of the columns.
        rows: cells; as many as columns.
        align: l or r by column.
        widths: of the columns, relative.
        caption: above it; may be empty.
        small: in small print, for long annexes.
        strong: positions of rows to set off.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str
    widths: tuple[float, ...]
    caption: str = ""
    small: bool = False
    strong: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        """Refuse cells that do not fit the columns."""
        lengths = {len(self.header), len(self.align), len(self.widths), *(len(row) for row in self.rows)}
        if len(lengths) > 1:
            msg = f"table {self.caption!r}: columns of unequal number {sorted(lengths)}"
            raise ValueError(msg)


@dataclass(frozen=True)
class Key:
    """One entry of a legend: a mark and what it stands for."""

    mark: str
    color: str
    text: str


@dataclass(frozen=True)
class Picture:
    """A picture without words.

    Attributes:
        png: the file.
        aspect: height / width.
        title: above it.
        vertical: what its vertical axis shows; may be empty.
        horizontal: what its horizontal axis shows; may be empty.
        legend: what its marks stand for.
        alt: what it shows, for those who cannot see it.
    """

    png: bytes
    aspect: float
    title: str
    vertical: str = ""
    horizontal: str = ""
    legend: tuple[Key, ...] = ()
    alt: str = ""


@dataclass(frozen=True)
class Gallery:
    """Pictures beside each other, in rows of as many columns, with one legend for all."""

    pictures: tuple[Picture, ...]
    columns: int
    legend: tuple[Key, ...] = ()


@dataclass(frozen=True)
class PageBreak:
    """What follows begins a page."""


Block = Heading | Paragraph | Bullets | Table | Picture | Gallery | PageBreak


@dataclass(frozen=True)
class Document:
    """A report.

    Attributes:
        title: of the report.
        subtitle: below it.
        language: en or zh.
        footer: on every page.
        blocks: in order.
    """

    title: str
    subtitle: str
    language: str
    footer: str
    blocks: tuple[Block, ...]


def shown(text: str, longest: int | None = None) -> str:
    """A text as it may be printed: no control or direction mark, no half of a surrogate pair, not too long.

    Args:
        text: any text.
        longest: characters to keep; None = all.
    """
    kept = "".join(" " if letter in "\t\n\r" else letter for letter in text if _is_printed(letter))
    if longest is not None and len(kept) > longest:
        return kept[: longest - 1] + "…"
    return kept


def name_text(name: object) -> str:
    """A name out of data, short enough for a title or a cell."""
    return shown(str(name), LONGEST_NAME)


def _is_printed(letter: str) -> bool:
    return letter in "\t\n\r" or (unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Cn", "Co"))
