"""Documented renewal projects: the table of the house (`cases.csv`), and a planner's own, read strictly."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from data.catalogue import Message, message
from data.dictionary import Column, table_columns
from data.errors import refuse
from data.files.table_files import read_csv_table
from data.table_cells import is_missing

CASES_FILE = Path(__file__).with_name("cases.csv")
FEATURES = ("area_ha", "households", "residents", "floor_before_m2")
"""By which cases are compared with villages."""
REQUIRED = ("case_id", "name", "source", "confidence")
MOST_CASES, MOST_BYTES = 5_000, 5_000_000
_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?([eE][-+]?\d+)?")


@dataclass(frozen=True)
class Case:
    """One documented project; a number that the source does not give is NaN.

    Attributes:
        case_id: stable identity.
        name: of the place, by language.
        city: by language.
        year: in which it began or was told; NaN = not known.
        n_villages: villages that the numbers add up over.
        area_ha: land.
        households: native ones.
        residents: all of them, unless the note says otherwise.
        floor_before_m2: existing floor.
        floor_after_m2: planned or built floor.
        mode: rehabilitate, mixed or rebuild; "" = not known.
        money_cny: as the source gives it, not discounted.
        money_kind: investment, loan or credit; "" = not known.
        source: where it is written, by language.
        confidence: letter, as in the parameter book.
        note: by language.
        is_own: from the planner's own file.
    """

    case_id: str
    name: Mapping[str, str]
    city: Mapping[str, str]
    year: float
    n_villages: float
    area_ha: float
    households: float
    residents: float
    floor_before_m2: float
    floor_after_m2: float
    mode: str
    money_cny: float
    money_kind: str
    source: Mapping[str, str]
    confidence: str
    note: Mapping[str, str]
    is_own: bool = False

    def per_village(self, feature: str) -> float:
        """A feature divided over the villages of the project."""
        return float(getattr(self, feature)) / self.n_villages


@cache
def documented_cases() -> tuple[Case, ...]:
    """The table of the house."""
    return read_cases(CASES_FILE, is_own=False)


def read_cases(path: Path, *, is_own: bool = True) -> tuple[Case, ...]:
    """Read a table of cases; headings are our names or their labels in the dictionary, Chinese or English.

    Args:
        path: a CSV.
        is_own: it is the planner's own.

    Raises:
        InputError: it cannot be read, lacks a column, has one twice or one that is not known, or a row is wrong; the
            message names rows and rule.
    """
    frame = _frame(path)
    known = table_columns("diagnosis", "cases")
    _refuse_wrong_ids(path, frame)
    cells = {name: _read_column(path, frame, name, column) for name, column in known.items() if name != "is_own"}
    return tuple(_case({name: column[row] for name, column in cells.items()}, is_own) for row in range(len(frame)))


def _frame(path: Path) -> pd.DataFrame:
    """The rows under our names."""
    if not path.is_file():
        raise refuse("file_absent" if not path.exists() else "no_plain_file", file=path)
    if path.suffix.lower() != ".csv":
        raise refuse("suffix_wrong", file=path, suffixes=(".csv",))
    if path.stat().st_size > MOST_BYTES:
        raise refuse("file_too_large", file=path, most=MOST_BYTES)
    frame, _ = read_csv_table(path, None, MOST_CASES)
    if len(frame) == 0:
        raise refuse("cases_empty", file=path)
    words = _our_names()
    headings = [words.get(str(name).strip().lower(), "") for name in frame.columns]
    unknown = [str(name) for name, ours in zip(frame.columns, headings, strict=True) if not ours]
    if unknown:
        raise refuse("cases_columns_unknown", file=path, names=unknown, known=tuple(_columns()))
    twice = sorted({name for name in headings if headings.count(name) > 1})
    if twice:
        raise refuse("cases_columns_twice", file=path, names=twice)
    missing = [name for name in REQUIRED if name not in headings]
    if missing:
        raise refuse("columns_missing", file=path, names=missing)
    return frame.set_axis(headings, axis=1)


def _columns() -> Sequence[str]:
    return [name for name in table_columns("diagnosis", "cases") if name != "is_own"]


def _our_names() -> dict[str, str]:
    """Heading in small letters -> column."""
    words: dict[str, str] = {}
    for name in _columns():
        label = table_columns("diagnosis", "cases")[name].label
        words |= {name: name, label["en"].lower(): name, label["zh"].lower(): name}
    return words


def _refuse_wrong_ids(path: Path, frame: pd.DataFrame) -> None:
    ids = [str(cell).strip() for cell in frame["case_id"]]
    twice = sorted({name for name in ids if name and ids.count(name) > 1})
    if twice:
        raise refuse("cases_ids_twice", file=path, layer="case_id", rows=twice)


def _read_column(path: Path, frame: pd.DataFrame, name: str, column: Column) -> list[Any]:
    """Every cell of a column; all that are wrong are told at once."""
    if name not in frame:
        return [math.nan if column.type == "number" else ""] * len(frame)
    texts = ["" if is_missing(cell) else str(cell).strip() for cell in frame[name]]
    read: Callable[[str], Any] = _number if column.type == "number" else _same
    values = [read(cell) for cell in texts]
    wrong = [row for row, value in enumerate(values) if _is_wrong(value, texts[row], name, column)]
    if wrong:
        rows = [f"#{row + 1} ({frame['case_id'].iloc[row] or '-'}: {texts[row][:40] or '-'})" for row in wrong]
        raise refuse(_rule(column), file=path, layer=name, rows=rows)
    return values


def _same(cell: str) -> str:
    return cell


def _number(cell: str) -> float:
    """A number with or without separators; empty = NaN; anything else is infinite, and so refused."""
    if not cell:
        return math.nan
    return float(cell.replace(",", "")) if _NUMBER.fullmatch(cell) else math.inf


def _is_wrong(value: Any, cell: str, name: str, column: Column) -> bool:  # noqa: ANN401 - a number or a text
    if column.type == "number":
        low, high = column.bounds
        return not (math.isnan(value) or low <= value <= high)
    if column.choices and cell:
        return cell not in column.choices
    return name in REQUIRED and not cell


def _rule(column: Column) -> Message:
    """What must hold of a cell."""
    if column.type == "number":
        return message("cases_number_wrong", low=column.low, high=column.high, unit=column.unit)
    if column.choices:
        return message("cases_word_wrong", choices=column.choices)
    return message("cases_cell_empty")


def _case(row: dict[str, Any], is_own: bool) -> Case:  # noqa: FBT001 - passed on
    by_language = {
        name: {"zh": row[name], "en": row.pop(f"{name}_en") or row[name]} for name in ("name", "city", "source", "note")
    }
    row["n_villages"] = 1.0 if math.isnan(row["n_villages"]) else row["n_villages"]
    return Case(**row | by_language, is_own=is_own)
