"""Cells of a plan made elsewhere: years of the programme or of the calendar, numbers, shares and percent, words."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import Message, message
from data.errors import InputError, printable, refuse
from data.headings.synonyms import our_word
from data.headings.units import factor_to
from data.importing.plans.asked_plan import UNSAID
from data.importing.plans.rows import PlanRows

FIRST_CALENDAR_YEAR, LAST_CALENDAR_YEAR = 1900, 2200
"""Numbers between are years of the calendar; a programme has at most 50 years."""
KEPT = frozenset(["", "0", "-", "--", "—", "/", "keep", "kept", "none", "no", "na", "n/a", "nan"]) | frozenset(
    ["保留", "不改造", "不更新", "不动", "现状保留", "维持现状", "无", "否", "不实施"]
)
"""Cells of the year that say that a village is kept."""
MOST_FLOOR_AREA_RATIO = 100.0
SHARE_COLUMNS = ("facility_ratio", "sale_share", "rental_share", "employment_share", "onsite_share")
_YEAR = re.compile(r"\D*?(\d+(?:\.\d+)?)\D*(?:[-/.年]\D*\d.*)?")
_NUMBER = re.compile(r"([-+]?(?:\d+(?:,\d{3})*|\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*(\S*)")


def start_years(
    rows: PlanRows, plan_years: int, first_year: int | None = None, *, column: str = "start_year"
) -> tuple[IntArray, list[Message], list[InputError]]:
    """Start year of each row within the programme, 0 = keep.

    Args:
        rows: of the plan.
        plan_years: last year of the programme.
        first_year: year of the calendar that is the first of the programme; None = the earliest in the plan.
        column: ours, that holds the year.

    Returns:
        shape (n_rows,), how years were read, and what is wrong.
    """
    plain = [_plain(cell) for cell in rows.cells[column]]
    found = np.array([0.0 if cell.lower() in KEPT else _year(cell) for cell in plain])
    notes, wrong = [], []
    unreadable = ~np.isfinite(found) | (found != np.round(found))
    calendar = (found >= FIRST_CALENDAR_YEAR) & (found <= LAST_CALENDAR_YEAR)
    if unreadable.any():
        wrong.append(row_refusal(rows, "asked_plan_year_unreadable", column, unreadable))
    plain_years = (found > 0) & ~calendar & ~unreadable
    if calendar.any() and plain_years.any():
        wrong.append(row_refusal(rows, "asked_plan_years_mixed", column, plain_years))
    elif calendar.any():
        first = int(found[calendar].min()) if first_year is None else first_year
        found = np.where(calendar, found - first + 1, found)
        notes.append(message("asked_plan_calendar", first=first))
        early = calendar & (found < 1)
        if early.any():
            wrong.append(row_refusal(rows, "asked_plan_year_early", column, early, first=first))
    late = ~unreadable & (found > plan_years)
    if late.any() and not (calendar.any() and plain_years.any()):
        wrong.append(row_refusal(rows, "asked_plan_year_late", column, late, last=plan_years))
    return np.where(unreadable, 0, found).astype(np.int64), notes, wrong


def numbers_of(
    rows: PlanRows, column: str, renewed: BoolArray, *, high: float = MOST_FLOOR_AREA_RATIO
) -> tuple[FloatArray, list[InputError]]:
    """Numbers of a column, NaN where nothing is said; those of kept rows are not looked at."""
    values, units_wrong = np.full(rows.n_rows, np.nan), np.zeros(rows.n_rows, dtype=bool)
    if column not in rows.cells:
        return values, []
    for row in np.flatnonzero(renewed):
        cell = rows.cells[column][row]
        if cell is not None:
            values[row] = _number(_plain(cell))
            units_wrong[row] = np.isnan(values[row])
    outside = units_wrong | (values < 0.0) | (values > high)
    if not outside.any():
        return values, []
    if np.isinf(high):
        return values, [row_refusal(rows, "asked_plan_not_negative", column, outside)]
    return values, [row_refusal(rows, "asked_plan_number", column, outside, high=high)]


def shares_of(rows: PlanRows, renewed: BoolArray) -> tuple[dict[str, FloatArray], list[Message], list[InputError]]:
    """Shares by column [0..1], NaN where nothing is said; percent are known by their unit or their size."""
    found, wrong, notes = {}, [], []
    for column in (name for name in SHARE_COLUMNS if name in rows.cells):
        values, errors = numbers_of(rows, column, renewed, high=np.inf)
        found[column] = values
        wrong += errors
    stated = {name: factor_to(rows.units[name], "1") or 1.0 for name in found if name in rows.units}
    unstated = [name for name in found if name not in stated]
    percent = [name for name in unstated if np.nanmax(found[name], initial=0.0) > 1.0]
    if percent and not wrong:
        percent = [*percent, *(name for name in unstated if name not in percent and _completes(found, percent, name))]
        notes.append(message("asked_plan_percent", names=[rows.headings[name] for name in percent]))
    for name, values in found.items():
        scale = stated.get(name, 0.01 if name in percent else 1.0)
        found[name] = np.round(values * scale, 12)
        beyond = found[name] > 1.0 + 1e-9
        if beyond.any() and not wrong:
            wrong.append(row_refusal(rows, "asked_plan_share", name, beyond))
    return found, notes, wrong


def _completes(found: dict[str, FloatArray], percent: list[str], name: str) -> bool:
    """Whether a column of small numbers is in percent as its neighbors are: with it they make up 100 no worse."""
    others = np.nansum([found[other] for other in percent], axis=0)
    with_it = others + np.nan_to_num(found[name])
    said = np.isfinite(found[name]) & (others > 0.0)
    return bool(said.any() and (np.abs(with_it - 100.0)[said] <= np.abs(others - 100.0)[said] + 1e-9).all())


def words_of(
    rows: PlanRows, column: str, words: tuple[str, ...], renewed: BoolArray
) -> tuple[IntArray, list[InputError]]:
    """Position of each row's word among ours, UNSAID where it says nothing."""
    found, unknown = np.full(rows.n_rows, UNSAID, dtype=np.int64), np.zeros(rows.n_rows, dtype=bool)
    for row in np.flatnonzero(renewed):
        cell = rows.cells[column][row] if column in rows.cells else None
        if cell is None:
            continue
        meant = cell if cell in words else our_word(column, cell)
        unknown[row] = meant not in words
        found[row] = UNSAID if meant is None or meant not in words else words.index(meant)
    wrong = row_refusal(rows, "asked_plan_word", column, unknown, choices=words) if unknown.any() else None
    return found, [] if wrong is None else [wrong]


def row_refusal(rows: PlanRows, key: str, column: str, mask: BoolArray, **values: object) -> InputError:
    """What is wrong in some rows of a column, with the first cell that shows it.

    Args:
        rows: of the file.
        key: of the catalogue; `found` fills the cell in.
        column: ours.
        mask: the rows, shape (n_rows,).
        **values: what else fills the places of the text.
    """
    chosen = np.flatnonzero(mask)
    found = rows.cells[column][chosen[0]]
    what = message(key, found=printable(str(found or ""), 40), **values)
    return refuse(what, file=rows.file, layer=rows.headings[column], rows=rows.row_names(chosen))


def _plain(cell: object) -> str:
    return "" if cell is None else unicodedata.normalize("NFKC", str(cell)).strip()


def _year(text: str) -> float:
    found = _YEAR.fullmatch(text)
    return float(found[1]) if found else float("nan")


def _number(text: str) -> float:
    """A number, in the unit behind it where one is; NaN where it is none."""
    found = _NUMBER.fullmatch(text)
    if found is None or not any(letter.isdigit() for letter in found[1]):
        return float("nan")
    factor = factor_to(found[2], "1") if found[2] else 1.0
    return float("nan") if factor is None else float(found[1].replace(",", "")) * factor
