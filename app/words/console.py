"""What the command line prints: languages, numbers with units, plain tables."""

from __future__ import annotations

import math
import os
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum

from app.words.units import UNITS_ZH

SCREENING = {
    "en": "This is screening, not appraisal: it ranks options, it does not value a project.",
    "zh": "本结果用于方案筛选，不是项目评估：可比较方案优劣，不能作为项目估值。",
}
COLUMNS = 120
"""Width that texts are wrapped to [terminal columns]."""
_SYNTHETIC = {"en": "Synthetic data", "zh": "合成数据"}
_LAYERS_ZH = {"zones": "分区", "villages": "城中村", "facilities": "设施", "stations": "轨道站点", "skim": "出行时间"}
_COUNTED = ("persons", "jobs")


class Language(StrEnum):
    """Languages of tables and exports."""

    EN = "en"
    ZH = "zh"


def default_language() -> Language:
    """Language of the environment (LC_ALL, LC_MESSAGES, LANG): Chinese if it says so, else English."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return Language.ZH if named.lower().startswith("zh") else Language.EN


def text_width(text: str) -> int:
    """Terminal columns that a text takes; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` terminal columns: English between words, Chinese into lines of about one length."""
    if text_width(text) == len(text):
        return textwrap.wrap(text, width) or [""]
    n_lines = -(-text_width(text) // (width - 1))
    step = -(-len(text) // n_lines)
    return [text[k : k + step] for k in range(0, len(text), step)]


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
    return ("、" if language == "zh" else ", ").join(items)


def unit_text(unit: str, language: str = "en") -> str:
    """A unit in words of the language."""
    return UNITS_ZH.get(unit, unit) if language == "zh" else unit


def money_scale(unit: str, language: str = "en") -> tuple[float, str]:
    """What an amount of money is divided by to read well, and the unit that it then has."""
    per = unit.removeprefix("CNY")
    return (1e8, f"亿元{per.replace('/yr', '/年')}") if language == "zh" else (1e9, f"bn {unit}")


def shown_scale(unit: str, language: str = "en") -> tuple[float, str]:
    """What a number of this unit is divided by to read well, and the unit that it then has, in words."""
    return money_scale(unit, language) if unit in ("CNY", "CNY/yr") else (1.0, unit_text(unit, language))


def value_text(value: float | None, unit: str, language: str = "en", *, signed: bool = False) -> str:
    """A number with its unit, in a size that reads well; an absent value is a dash."""
    if value is None or math.isnan(value):
        return "-"
    sign = "+" if signed else ""
    if unit in ("CNY", "CNY/yr"):
        scale, word = money_scale(unit, language)
        return f"{value / scale:{sign},.2f} {word}"
    if unit == "1/yr":
        return f"{value:{sign}.4f} {unit_text(unit, language)}"
    if unit in ("share", "0..1"):
        return f"{value:{sign}.4f}"
    if unit == "year":
        return f"第{value:g}年" if language == "zh" else f"year {value:g}"
    whole = (10 if unit in _COUNTED else 1000) <= abs(value) < 1e12 or value == round(value)
    digits = ".0f" if whole else ".2f" if abs(value) >= 10 else ".4g" if abs(value) >= 1e-4 else ".6f"
    return f"{value:{sign},{digits}} {unit_text(unit, language)}".removesuffix(" -")


def synthetic_text(synthetic: dict[str, str], language: str = "en") -> str:
    """Which data are synthetic, a paragraph each; empty if none is."""
    word, colon = _SYNTHETIC[language], "：" if language == "zh" else ": "
    paragraphs = (f"{word}{colon}{_layer(layer, language)}{colon}{note}" for layer, note in sorted(synthetic.items()))
    return "\n".join(_indented(text) for text in paragraphs)


def _layer(name: str, language: str) -> str:
    """A layer's name; of a column, with the column's."""
    layer, dot, column = name.partition(".")
    return (_LAYERS_ZH.get(layer, layer) if language == "zh" else layer) + dot + column


def _indented(text: str) -> str:
    """Wrapped, every line but the first indented; what wide characters add is allowed for."""
    width = COLUMNS - (text_width(text) - len(text))
    return textwrap.fill(text, max(width, COLUMNS // 2), subsequent_indent="  ", break_long_words=False)
