"""Numbers with units and plain tables, as a terminal and a page show them."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Self

from data.catalogue import catalogue, shown, text

COLUMNS = 120
"""Width that texts are wrapped to [terminal columns]."""
_COUNTED = ("persons", "jobs")
LEAST_SHOWN = 5e-7
"""What is less is shown as 0: the sixth decimal is the last, and nobody reads rounding."""
LEAST_PART = 0.01
"""Of a larger number beside it; a smaller part of it is said in a size of its own."""
LEAST_DECIMALS = 4
"""Decimals of what a column's own decimals would round to nothing."""
_LARGE = {
    "en": ((1e9, "number_largest"), (1e6, "number_large")),
    "zh": ((1e8, "number_largest"), (1e4, "number_large")),
}
"""From which size on a number is said in bn or million, 亿 or 万: what it is divided by, and the word."""
_MONEY = ("CNY", "CNY/yr", "CNY/km2/yr")
_SCALED = (*_MONEY, *_COUNTED, "m2", "m3/yr", "kWh/yr", "tCO2e", "tCO2e/yr")
"""Units whose numbers are said so; others keep their digits."""
_LAND, _M2_PER_HA = "m2 land", 1e4
RATE = "1/yr"
_WORD = re.compile(r"[!-\u2e7f]+|[^\S\n]|.[，。；：、）」！？”]*")
"""What a line is not broken inside: a Latin word, a space, a Chinese letter with the stop after it."""


def text_width(text: str) -> int:
    """Terminal columns that a text takes; Chinese characters take two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` terminal columns: English between words, Chinese into lines of about one length."""
    if text_width(text) == len(text):
        return textwrap.wrap(text, width) or [""]
    n_lines = -(-text_width(text) // (width - 1))
    step = -(-len(text) // n_lines)
    return [text[k : k + step] for k in range(0, len(text), step)]


def filled(text: str, width: int) -> list[str]:
    """Lines of at most `width` terminal columns, Chinese and English mixed, each as full as it can be."""
    lines, line, taken = [], "", 0
    for word in _WORD.findall(text):
        if line and taken + text_width(word.rstrip()) > width:
            lines.append(line.rstrip())
            line, taken = "", 0
        added = word if line else word.lstrip()
        line, taken = line + added, taken + text_width(added)
    return [*lines, line.rstrip()] if line.strip() else lines


def table_text(header: Sequence[str], rows: Sequence[Sequence[str]], *, header_width: int = COLUMNS) -> str:
    """A plain table: the first column to the left, the others to the right.

    Args:
        header: names of the columns.
        rows: cells.
        header_width: names longer than this take several lines [terminal columns].
    """
    names = [wrapped(name, header_width) for name in header]
    depth = max(len(lines) for lines in names)
    stacked = [[""] * (depth - len(lines)) + lines for lines in names]
    cells = [*([lines[k] for lines in stacked] for k in range(depth)), *(list(row) for row in rows)]
    widths = [max(text_width(row[k]) for row in cells) for k in range(len(header))]
    return "\n".join(
        "  ".join(_padded(cell, widths[k], left=k == 0) for k, cell in enumerate(row)).rstrip() for row in cells
    )


def _padded(text: str, width: int, *, left: bool) -> str:
    space = " " * (width - text_width(text))
    return text + space if left else space + text


def list_text(rows: Sequence[Sequence[str]]) -> str:
    """Lines of left-aligned columns."""
    widths = [max((text_width(row[k]) for row in rows), default=0) for k in range(len(rows[0]))] if rows else []
    return "\n".join(
        "  ".join(_padded(cell, widths[k], left=True) for k, cell in enumerate(row)).rstrip() for row in rows
    )


def listed(items: Iterable[str], language: str = "en") -> str:
    """Items in a row."""
    return str(shown(list(items), language))


def inside(label: str, language: str) -> str:
    """A label inside a sentence: an English one begins small, unless it begins with an abbreviation.

    Example:
        >>> inside("Net present value", "en"), inside("GDP", "en"), inside("项目净现值", "zh")
        ('net present value', 'GDP', '项目净现值')
    """
    return label[:1].lower() + label[1:] if language == "en" and label[1:2].islower() else label


def said_of(name: str, value: object, language: str) -> str:
    """A value behind what it is of."""
    return text("named_value", language, name=name, value=value)


def with_remark(what: str, remark: object, language: str) -> str:
    """Something with a remark in brackets."""
    return text("in_brackets", language, what=what, beside=remark)


class OwnUnit(str):
    """A unit of somebody's own model, with its word in each language; as a text it is the English one."""

    __slots__ = ("words",)
    words: Mapping[str, str]

    def __new__(cls, words: Mapping[str, str]) -> Self:
        """Of words by language; the English one stands for languages that have none."""
        unit = super().__new__(cls, words["en"])
        unit.words = words
        return unit


def unit_text(unit: str, language: str = "en") -> str:
    """A unit in words of the language; one that nobody has named stays as it is."""
    return unit.words.get(language, str(unit)) if isinstance(unit, OwnUnit) else _known_unit(unit, language)


@cache
def _known_unit(unit: str, language: str) -> str:
    return text(f"unit {unit}", language) if f"unit {unit}" in catalogue() else unit


def money_scale(unit: str, language: str = "en") -> tuple[float, str]:
    """What amounts of money are divided by in a column or along an axis, and the unit that they then have."""
    factor, word = _LARGE[language][0]
    return factor, text(word, language, unit=unit_text(unit, language))


def area_scale(unit: str, language: str = "en") -> tuple[float, str]:
    """The same of floor areas: 万平方米, or million m2."""
    factor, word = _LARGE[language][1]
    return factor, text(word, language, unit=unit_text(unit, language))


def shown_scale(unit: str, language: str = "en") -> tuple[float, str]:
    """What numbers of this unit are divided by along an axis, and the unit that they then have, in words."""
    if unit == _LAND:
        return _M2_PER_HA, unit_text("ha", language)
    return money_scale(unit, language) if unit in ("CNY", "CNY/yr") else (1.0, unit_text(unit, language))


def axis_scale(unit: str, language: str, largest: float) -> tuple[float, str]:
    """What numbers along an axis are divided by, and their unit, by the largest: 万人, 万平方米; shares in percent.

    Example:
        >>> axis_scale("persons", "zh", 2.5e5), axis_scale("m2", "en", 3e6), axis_scale("share", "zh", 0.3)
        ((10000.0, '万人'), (1000000.0, 'million m2'), (0.01, '%'))
    """
    if unit in ("share", RATE) and largest > 0.0:
        return 0.01, "%" if unit == "share" else text("rate_a_year", language, percent="%")
    is_fixed = unit in (_LAND, "CNY", "CNY/yr") or not math.isfinite(largest)
    return shown_scale(unit, language) if is_fixed else number_scale(largest, unit, language)


def number_scale(value: float, unit: str, language: str = "en") -> tuple[float, str]:
    """What one number is divided by to be said as people say it, and the unit that it then has.

    144.4 万人, 2,422 亿元, 6.2 公顷; 1.444 million persons, 242.2 bn CNY, 6.2 ha.
    """
    if unit == _LAND:
        return shown_scale(unit, language)
    named = unit_text(unit, language)
    for factor, word in _LARGE[language] if unit in _SCALED else ():
        if abs(value) >= factor:
            return factor, text(word, language, unit=named)
    return 1.0, named


def value_text(
    value: float | None, unit: str, language: str = "en", *, signed: bool = False, beside: float = 0.0
) -> str:
    """A number with its unit, in a size that reads well; an absent value is a dash.

    Args:
        value: the number.
        unit: of it.
        language: of the reader.
        signed: a plus stands before what is above 0.
        beside: the largest of the numbers it is read with, whose size it has unless little of it would be left.

    Example:
        >>> value_text(729_103, "persons"), value_text(729_103, "persons", beside=1.17e6)
        ('729,103 persons', '0.729 million persons')
    """
    if value is None or math.isnan(value):
        return "-"
    value = 0.0 if abs(value) < LEAST_SHOWN else value
    sign = "+" if signed and value else ""
    if unit == "0..1":
        return f"{value:{sign}.4f}"
    if unit == RATE:
        said = _change_of_share(value, language) if signed else percent_text(value, digits=2)
        return text("rate_a_year", language, percent=said)
    if unit == "share":
        return _change_of_share(value, language) if signed else percent_text(value)
    if unit == "year":
        return f"{value:+g} {unit_text('yr', language)}" if signed else text("year_n", language, year=value)
    sized_as = beside if LEAST_PART * abs(beside) < abs(value) < abs(beside) else value
    factor, word = number_scale(sized_as, unit, language)
    scaled = value / factor
    return f"{scaled:{sign},{_digits(scaled, unit, whole=factor == 1.0)}} {word}".removesuffix(" -")


def _digits(value: float, unit: str, *, whole: bool) -> str:
    """How a number is written: four digits where it was divided, whole where it is large or counts things."""
    size = abs(value)
    if unit in _MONEY and whole:
        return ".0f" if round(value) or not value else ".2f"
    if not whole:
        return f".{0 if size >= 999.95 else 1 if size >= 99.995 else 2 if size >= 9.9995 else 3}f"
    if (10 if unit in _COUNTED else 1000) <= size < 1e12 or value == round(value):
        return ".0f"
    return ".2f" if size >= 10 else ".4g" if size >= 1e-4 else ".6f"


def percent_text(share: float, *, digits: int = 1, signed: bool = False) -> str:
    """A share in percent, with so many decimals; what rounds to zero has no sign.

    Example:
        >>> percent_text(0.339), percent_text(-0.0001), percent_text(0.25, digits=0, signed=True)
        ('33.9 %', '0.0 %', '+25 %')
    """
    percent = round(100.0 * share, digits) + 0.0
    return f"{percent:{'+' if signed and percent else ''},.{digits}f} %"


def cell_text(value: float, digits: int, *, signed: bool = False) -> str:
    """A number of a column whose head names the unit; what so many decimals round to nothing has more, nothing no sign.

    Example:
        >>> cell_text(-0.0012, 2), cell_text(1234.567, 2), cell_text(-1e-9, 2), cell_text(0.5, 1, signed=True)
        ('-0.0012', '1,234.57', '0.00', '+0.5')
    """
    sign = "+" if signed else ""
    if round(value, digits):
        return f"{value:{sign},.{digits}f}"
    small = round(value, LEAST_DECIMALS)
    return f"{small:{sign}.{LEAST_DECIMALS}f}".rstrip("0") if small else f"{0.0:.{digits}f}"


def _change_of_share(change: float, language: str) -> str:
    """Percentage points, with two digits however few they are."""
    points = 100.0 * change
    number = "0" if not points else f"{points:+,.1f}" if abs(points) >= 1.0 else f"{points:+.2g}"
    return text("points", language, points=number)


def synthetic_text(synthetic: dict[str, str], language: str = "en") -> str:
    """Which data are synthetic, a paragraph each; empty if none is."""
    paragraphs = (
        text("synthetic_layer", language, layer=layer_text(layer, language), note=city_note(note, language))
        for layer, note in sorted(synthetic.items())
    )
    return "\n".join("\n  ".join(filled(paragraph, COLUMNS - 2)) for paragraph in paragraphs)


def city_note(note: str, language: str) -> str:
    """A note on a city's data in the language, where it is one of the program's own; others stay as recorded."""
    name = _city_notes().get(note)
    return note if name is None else text(f"city_note_{name}", language)


@cache
def _city_notes() -> dict[str, str]:
    """Note in English -> name of its text."""
    begin = "city_note_"
    return {said["en"]: key.removeprefix(begin) for key, said in catalogue().items() if key.startswith(begin)}


def synthetic_layer_names(synthetic: Iterable[str], language: str) -> str:
    """Layers that are synthetic as a whole or in a column, in a row; empty if none is."""
    layers = sorted({name.partition(".")[0] for name in synthetic})
    return listed([layer_text(layer, language) for layer in layers], language) if layers else ""


def layer_text(name: str, language: str) -> str:
    """A layer's name; of a column, with the column's label.

    Example:
        >>> layer_text("zones.jobs", "zh"), layer_text("zones.jobs", "en"), layer_text("zones", "zh")
        ('分区的就业岗位', 'zones (jobs)', '分区')
    """
    from data.dictionary import LAYERS, import_columns

    layer, _, column = name.partition(".")
    said = text(f"data_layer_{layer}", language) if f"data_layer_{layer}" in catalogue() else layer
    if not column:
        return said
    known = import_columns(layer) if layer in LAYERS else {}
    label = dict(known[column].label)["zh" if language == "zh" else "en"] if column in known else column
    return text("layer_column", language, layer=said, column=label if language == "zh" else label.lower())
