"""What the command line prints: languages, numbers with units, plain tables."""

from __future__ import annotations

import math
import os
import unicodedata
from collections.abc import Sequence
from enum import StrEnum

SCREENING = {
    "en": "This is screening, not appraisal: it ranks options, it does not value a project.",
    "zh": "本结果用于方案筛选，不是项目评估：可比较方案优劣，不能作为项目估值。",
}
_SYNTHETIC = {"en": "Synthetic data", "zh": "合成数据"}


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


def table_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table: the first column to the left, the others to the right."""
    cells = [list(header), *(list(row) for row in rows)]
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


def value_text(value: float | None, unit: str, language: str = "en", *, signed: bool = False) -> str:
    """A number with its unit, in a size that reads well; an absent value is a dash."""
    if value is None or math.isnan(value):
        return "-"
    sign = "+" if signed else ""
    if unit.startswith("CNY") and unit in ("CNY", "CNY/yr"):
        scale, word = (1e8, f"亿元{unit[3:]}") if language == "zh" else (1e9, f"bn {unit}")
        return f"{value / scale:{sign},.2f} {word}"
    if unit in ("share", "0..1"):
        return f"{value:{sign}.4f}"
    digits = ".0f" if abs(value) >= 1000 else ".4g"
    if abs(value) >= 1e6:
        digits = ".4g"
    return f"{value:{sign},{digits}} {unit}".removesuffix(" -")


def synthetic_text(synthetic: dict[str, str], language: str = "en") -> str:
    """Which data are synthetic, one line each; empty if none is."""
    return "\n".join(f"{_SYNTHETIC[language]}: {layer}: {note}" for layer, note in sorted(synthetic.items()))
