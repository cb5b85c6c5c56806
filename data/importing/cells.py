"""Cells as people type them: 1,234 and 35 %, 1.2万 as numbers, 学校 as education, 是 as true, a dash as not known."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.dictionary import Column
from data.headings.synonyms import our_word
from data.headings.units import factor_to
from data.table_cells import FLAGS, is_missing, object_array

_NUMBER = re.compile(r"([-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)\s*(\D*)")
_NOTHING = frozenset(
    ["", "-", "--", "—", "——", "/", "na", "n/a", "nan", "null", "none", "无", "暂无", "不详", "未知", "缺"]
)
"""Cells of a number that say that it is not known."""


def is_blank(cell: object) -> bool:
    """Whether a cell is empty, or holds nothing but space."""
    return is_missing(cell) or (isinstance(cell, str) and not cell.strip())


def read_cells(content: NDArray[Any], name: str, column: Column) -> tuple[NDArray[Any], int]:
    """Cells with what people type made plain; what is not understood stays as it is, to be refused with its row.

    Args:
        content: of a column of ours, shape (n_rows,).
        name: of the column.
        column: its entry of the dictionary.

    Returns:
        The cells, and how many were read in other words than they were written.
    """
    readers = {"number": _number, "flag": _flag, "text": _word}
    read = object_array([readers[column.type](cell, name, column) for cell in content.tolist()])
    changed = [new is not old and not is_blank(old) for new, old in zip(read, content.tolist(), strict=True)]
    return read, int(np.sum(changed))


def _number(cell: object, _: str, column: Column) -> object:
    """A text as a number in the column's own unit; a unit behind the number is taken into account."""
    if not isinstance(cell, str):
        return cell
    plain = unicodedata.normalize("NFKC", cell).strip()
    if plain.lower() in _NOTHING:
        return None
    found = _NUMBER.fullmatch(plain)
    if found is None or (plain == cell and plain == found[1] and "," not in plain):
        return cell
    factor = factor_to(found[2], column.unit) if found[2] else 1.0
    return cell if factor is None else float(found[1].replace(",", "")) * factor


def _flag(cell: object, _: str, __: Column) -> object:
    if not isinstance(cell, str) or cell.strip().lower() in FLAGS:
        return cell
    return our_word("flag", cell) or cell


def _word(cell: object, name: str, column: Column) -> object:
    if not isinstance(cell, str) or cell in column.choices or not column.choices:
        return cell
    return our_word(name, cell) or cell
