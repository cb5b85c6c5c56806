"""Tables from outside (CSV, Excel) as frames of text and number cells under the names of their heading."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from data.catalogue import Message, message
from data.errors import InputError, reason_of, refuse
from data.files.text_encodings import decoded
from data.table_cells import is_missing, object_array

SEPARATORS = ",;\t|，"
LINES_LOOKED_AT = 20
"""Of a CSV, to tell its separator."""
MOST_COLUMNS = 1_000
TITLE_CELLS = 1
"""A line above the heading with no more filled cells is a title."""


def read_csv_table(path: Path, encoding: str | None, most_rows: int) -> tuple[pd.DataFrame, list[Message]]:
    """A CSV of any usual separator and encoding; every cell a text, "" where it is empty.

    Args:
        path: the file.
        encoding: stated by the mapping; None = as the file says, else what it can be.
        most_rows: rows that it may have.

    Returns:
        The rows, and what has to be said about how they were read.

    Raises:
        InputError: it cannot be read, or has more rows.
    """
    text, note = decoded(path.read_bytes(), encoding)
    if "\x00" in text:
        raise refuse("csv_unreadable", reason="NUL")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text), strict=True))
    except csv.Error as error:
        raise refuse("csv_unreadable", reason=reason_of(error)) from error
    frame, notes = _table([list(row) for row in rows if row != ["sep=" + separator_of(text)]], most_rows)
    return frame, [*([] if note is None else [note]), *notes]


def read_workbook_table(
    path: Path, sheet: str | None, most_rows: int, usual: str = ""
) -> tuple[pd.DataFrame, list[Message]]:
    """One sheet of an Excel workbook, with the values that its formulas had when it was saved.

    Args:
        path: a workbook whose archive is known not to be too large.
        sheet: its name; None = the one called as usual, else the only one that is not empty.
        most_rows: rows that it may have.
        usual: what a sheet of this content is called.

    Returns:
        The rows, and what has to be said about how they were read.

    Raises:
        InputError: it cannot be read, has several sheets, or more rows.
    """
    import openpyxl  # which cities that are read from no workbook can do without

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = usual if sheet is None and usual in book.sheetnames else sheet
        sheets = {name: _sheet_rows(book[name], most_rows) for name in book.sheetnames if sheet in (None, name)}
    except InputError:
        raise
    except Exception as error:
        raise refuse("workbook_unreadable", reason=reason_of(error)) from error
    filled = {name: rows for name, rows in sheets.items() if rows}
    if sheet is not None and sheet not in sheets:
        raise refuse("file_layer_unknown", name=sheet, names=tuple(book.sheetnames))
    if len(filled) > 1:
        raise refuse("sheet_unnamed", names=tuple(filled))
    return _table(next(iter(filled.values()), []), most_rows)


def _sheet_rows(sheet: Any, most_rows: int) -> list[list[Any]]:  # noqa: ANN401 - openpyxl has several kinds
    """The rows of a sheet that hold anything."""
    rows: list[list[Any]] = []
    sheet.reset_dimensions()
    for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
        if any(not _is_blank(cell) for cell in row):
            rows.append(list(row))
        if len(rows) > most_rows + LINES_LOOKED_AT:
            raise refuse("features_too_many", most=most_rows, n=len(rows))
    return rows


def separator_of(text: str) -> str:
    """The separator of a CSV: the one that gives its first lines the most columns."""
    lines = [line for line in text.splitlines()[:LINES_LOOKED_AT] if line.strip()]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == len("sep=") + 1:
        return lines[0][-1]
    counts = {mark: _columns(lines, mark) for mark in SEPARATORS}
    return max(SEPARATORS, key=lambda mark: counts[mark])


def _columns(lines: list[str], separator: str) -> int:
    """Columns that most of the lines have in common."""
    try:
        lengths = [len(row) for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        return 0
    return max(set(lengths), key=lambda n: (lengths.count(n), n)) if lengths else 0


def _table(rows: list[list[Any]], most_rows: int) -> tuple[pd.DataFrame, list[Message]]:
    """Rows below their heading as a frame; titles above the heading and empty rows are left out, titles noted."""
    rows = [row for row in rows if any(not _is_blank(cell) for cell in row)]
    n_titles = 0
    while n_titles + 1 < len(rows) and _n_filled(rows[n_titles]) <= TITLE_CELLS < _n_filled(rows[n_titles + 1]):
        n_titles += 1
    if not rows:
        return pd.DataFrame(), []
    heading, body = rows[n_titles], rows[n_titles + 1 :]
    if len(body) > most_rows:
        raise refuse("features_too_many", most=most_rows, n=len(body))
    width = max(idx + 1 for idx, cell in enumerate(heading) if not _is_blank(cell))
    _refuse_wide_rows(body, width)
    names = [
        f"column {idx + 1}" if _is_blank(cell) else " ".join(str(cell).split())
        for idx, cell in enumerate(heading[:width])
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise refuse("heading_twice", names=twice)
    cells = [[*row[:width], *[None] * (width - len(row))] for row in body]
    frame = pd.DataFrame({name: object_array([row[idx] for row in cells]) for idx, name in enumerate(names)})
    notes = [message("note_titles", n=n_titles, title=_title(rows[:n_titles]))] if n_titles else []
    return frame, notes


def _refuse_wide_rows(body: Iterable[list[Any]], width: int) -> None:
    """A row with cells beyond the heading has a separator too many, which would move its cells."""
    wide = [f"#{idx + 1}" for idx, row in enumerate(body) if any(not _is_blank(cell) for cell in row[width:])]
    if wide:
        raise refuse("row_beyond_heading", n=width, rows=wide)


def _title(rows: list[list[Any]]) -> str:
    return ", ".join(str(cell) for row in rows for cell in row if not _is_blank(cell))[:80]


def _n_filled(row: list[Any]) -> int:
    return sum(not _is_blank(cell) for cell in row)


def _is_blank(cell: object) -> bool:
    return is_missing(cell) or (isinstance(cell, str) and not cell.strip())


def listed_names(frame: pd.DataFrame) -> object:
    """The names of a table's columns, for messages."""
    return [str(name) for name in frame.columns] or message("nothing_listed")
