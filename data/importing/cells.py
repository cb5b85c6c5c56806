"""Cells as people type them: 1,234 and 35 %, 1.2万 as numbers, 学校 as education, 是 as true, a dash as not known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.dictionary import Column
from data.headings.synonyms import our_word
from data.headings.units import factor_to
from data.table_cells import FLAGS, is_missing, object_array

_NUMBER = re.compile(r"([-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)\s*([^\d.,].*)?")
_NOTHING = frozenset(
    ["", "-", "--", "—", "——", "/", "na", "n/a", "nan", "null", "none", "无", "暂无", "不详", "未知", "缺"]
)
"""Cells of a number that say that it is not known."""


def is_blank(cell: object) -> bool:
    """Whether a cell is empty, or holds nothing but space."""
    return is_missing(cell) or (isinstance(cell, str) and not cell.strip())


def read_cells(content: NDArray[Any], name: str, column: Column, times: float = 1.0) -> tuple[NDArray[Any], int]:
    """Cells with what people type made plain; what is not understood stays as it is, to be refused with its row.

    Args:
        content: of a column of ours, shape (n_rows,).
        name: of the column.
        column: its entry of the dictionary.
        times: what the column's numbers are multiplied by afterwards; a cell with a unit of its own is not to be.

    Returns:
        The cells, and how many were read in other words than they were written.
    """
    readers: dict[str, Callable[[object], object]] = {
        "number": lambda cell: _number(cell, column.unit, times),
        "flag": _flag,
        "text": lambda cell: _word(cell, name, column),
    }
    read = object_array([readers[column.type](cell) for cell in content.tolist()])
    changed = [new is not old and not is_blank(old) for new, old in zip(read, content.tolist(), strict=True)]
    return read, int(np.sum(changed))


def _number(cell: object, ours: str, times: float) -> object:
    """A text as a number of the column's, a unit behind it taken into account."""
    if not isinstance(cell, str):
        return cell
    plain = unicodedata.normalize("NFKC", cell).strip()
    if plain.lower() in _NOTHING:
        return None
    found = _NUMBER.fullmatch(plain)
    if found is None or plain == cell == found[1].replace(",", ""):
        return cell
    number = float(found[1].replace(",", ""))
    if not found[2]:
        return number
    factor = factor_to(found[2], ours)
    return cell if factor is None else number * factor / times


def _flag(cell: object) -> object:
    if not isinstance(cell, str) or cell.strip().lower() in FLAGS:
        return cell
    return our_word("flag", cell) or cell


def _word(cell: object, name: str, column: Column) -> object:
    if not isinstance(cell, str) or cell in column.choices or not column.choices:
        return cell
    return our_word(name, cell) or cell
