"""The reader of actuals: which village was started or completed in which year, what it cost, how many moved out.

A row tells one village and one programme year. All that is wrong is told at once; nothing is guessed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import Message
from data.city import City
from data.errors import InputError, refuse
from data.headings.synonyms import ACTUALS, our_word
from data.headings.units import factor_to
from data.importing.plans.cells import (
    FIRST_CALENDAR_YEAR,
    LAST_CALENDAR_YEAR,
    MOST_FLOOR_AREA_RATIO,
    numbers_of,
    row_refusal,
    shares_of,
    start_years,
    words_of,
)
from data.importing.plans.rows import PlanRows, read_plan_rows
from data.importing.plans.villages import NO_VILLAGE, matched_villages
from data.scenario import INTENSITIES, LAND_USES

AMOUNTS = {"cost_cny": ("CNY", 1e13), "moved_persons": ("persons", 1e8)}
"""Column -> its unit, and the largest amount of a row; what is beyond is a slip of the pen."""
OPTION_COLUMNS = ("intensity", "land_use", "floor_area_ratio", "facility_ratio")
"""What a village was started with; where a row does not say, it was what the plan says."""


@dataclass(frozen=True, eq=False)
class Actuals:
    """What came of a plan; a row for a village and a year, in the order of years, then villages.

    Attributes:
        village_idx: position of the village, shape (n_rows,), as all that follows.
        year: of the programme, from 1.
        started: whether its renewal began in that year.
        completed: whether its works ended in that year.
        cost_cny: spent in that year [CNY]; NaN = not said.
        moved_persons: who moved out in that year; NaN = not said.
        intensity: index into INTENSITIES; UNSAID = as planned.
        land_use: index into LAND_USES; UNSAID = as planned.
        floor_area_ratio: NaN = as planned.
        facility_ratio: NaN = as planned.
        notes: how the file was read.
    """

    village_idx: IntArray
    year: IntArray
    started: BoolArray
    completed: BoolArray
    cost_cny: FloatArray
    moved_persons: FloatArray
    intensity: IntArray
    land_use: IntArray
    floor_area_ratio: FloatArray
    facility_ratio: FloatArray
    notes: tuple[Message, ...] = ()

    @property
    def n_rows(self) -> int:
        """How many."""
        return int(self.year.size)


def read_actuals(path: Path, city: City, plan_years: int, *, first_year: int | None = None) -> Actuals:
    """Read what came of a plan.

    Args:
        path: CSV or workbook, with headings in Chinese or English (data/headings/synonyms.yaml).
        city: its villages.
        plan_years: last year of the programme.
        first_year: year of the calendar that is the programme's first; needed where the file has such years.

    Raises:
        InputError: all that is wrong, with file, column and rows.
    """
    rows = read_plan_rows(path, layer=ACTUALS, year="year")
    errors: list[InputError] = []
    village, notes = np.full(rows.n_rows, NO_VILLAGE, dtype=np.int64), [*rows.notes]
    try:
        village, matched = matched_villages(rows, city)
        notes += matched
    except InputError as error:
        errors.append(error)
        with suppress(InputError):  # those that are known may be wrong in other ways
            village, _ = matched_villages(rows, city, leave_out_unknown=True)
    year, told, wrong = _years(rows, plan_years, first_year)
    started, wrong_started = _flags(rows, "started")
    completed, wrong_completed = _flags(rows, "completed")
    amounts = {column: _amounts(rows, column) for column in AMOUNTS}
    intensity, wrong_intensity = words_of(rows, "intensity", tuple(map(str, INTENSITIES)), started)
    land_use, wrong_use = words_of(rows, "land_use", tuple(map(str, LAND_USES)), started)
    far, wrong_far = numbers_of(rows, "floor_area_ratio", started, high=MOST_FLOOR_AREA_RATIO)
    shares, noted, wrong_shares = shares_of(rows, started)
    errors += [*wrong, *wrong_started, *wrong_completed, *wrong_intensity, *wrong_use, *wrong_far, *wrong_shares]
    errors += [error for _, each in amounts.values() for error in each]
    errors += _options_without_start(rows, started)
    errors += _contradictions(rows, village, year, started, completed)
    if errors:
        raise InputError(*(refusal for error in errors for refusal in error.refusals))
    order = np.lexsort((village, year))
    return Actuals(
        village_idx=village[order],
        year=year[order],
        started=started[order],
        completed=completed[order],
        cost_cny=amounts["cost_cny"][0][order],
        moved_persons=amounts["moved_persons"][0][order],
        intensity=intensity[order],
        land_use=land_use[order],
        floor_area_ratio=far[order],
        facility_ratio=shares.get("facility_ratio", np.full(rows.n_rows, np.nan))[order],
        notes=(*notes, *told, *noted),
    )


def _years(rows: PlanRows, plan_years: int, first_year: int | None) -> tuple[IntArray, list[Message], list[InputError]]:
    """Programme year of each row; a year of the calendar is not placed by guess."""
    year, notes, wrong = start_years(rows, plan_years, first_year, column="year")
    if notes and first_year is None:
        cells = rows.cells["year"]
        dated = np.array([_is_calendar(str(cell or "")) for cell in cells])
        return year, [], [row_refusal(rows, "actuals_first_year_needed", "year", dated)]
    missing = (year < 1) & ~np.array([bool(wrong)] * rows.n_rows)
    if missing.any():
        wrong = [*wrong, row_refusal(rows, "actuals_year_missing", "year", missing, last=plan_years)]
    return year, notes, wrong


def _is_calendar(cell: str) -> bool:
    digits = "".join(letter for letter in cell[:5] if letter.isdigit())
    return bool(digits) and FIRST_CALENDAR_YEAR <= int(digits) <= LAST_CALENDAR_YEAR


def _flags(rows: PlanRows, column: str) -> tuple[BoolArray, list[InputError]]:
    """Yes or no; a blank cell says no."""
    found, unknown = np.zeros(rows.n_rows, dtype=bool), np.zeros(rows.n_rows, dtype=bool)
    for row, cell in enumerate(rows.cells.get(column, ())):
        if cell is None:
            continue
        word = _YES_NO.get(str(cell).lower()) or our_word("flag", str(cell))
        found[row], unknown[row] = word == "true", word is None
    return found, [row_refusal(rows, "actuals_flag", column, unknown)] if unknown.any() else []


_YES_NO = {"1": "true", "yes": "true", "0": "false", "no": "false", "-": "false"}


def _amounts(rows: PlanRows, column: str) -> tuple[FloatArray, list[InputError]]:
    """Amounts in our unit, NaN where nothing is said."""
    unit, most = AMOUNTS[column]
    values, wrong = numbers_of(rows, column, np.ones(rows.n_rows, dtype=bool), high=np.inf)
    stated = rows.units.get(column)
    factor = 1.0 if stated is None else factor_to(stated, unit)
    if factor is None:
        return values, [refuse("actuals_unit", file=rows.file, layer=rows.headings[column], unit=stated, ours=unit)]
    values = values * factor
    beyond = values > most
    if beyond.any():
        wrong = [*wrong, row_refusal(rows, "actuals_amount", column, beyond, most=most, unit=unit)]
    return values, wrong


def _options_without_start(rows: PlanRows, started: BoolArray) -> list[InputError]:
    """What a village is started with belongs into the row that says that it was."""
    errors = []
    for column in OPTION_COLUMNS:
        said = np.array([cell is not None for cell in rows.cells.get(column, np.full(rows.n_rows, None))])
        if (said & ~started).any():
            errors.append(row_refusal(rows, "actuals_option_without_start", column, said & ~started))
    return errors


def _contradictions(
    rows: PlanRows, village: IntArray, year: IntArray, started: BoolArray, completed: BoolArray
) -> list[InputError]:
    """Two rows for one village and year, two starts, an end without a start or before it."""
    known = village != NO_VILLAGE
    first = np.full(village.max(initial=0) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, village[known & started], year[known & started])
    early = known & completed & (year < first[np.maximum(village, 0)])
    kinds = {
        "actuals_row_twice": _again(np.stack([village, year], axis=1), known),
        "actuals_started_twice": _again(village[:, None], known & started),
        "actuals_completed_twice": _again(village[:, None], known & completed),
        "actuals_completed_unstarted": early,
    }
    return [
        refuse(key, file=rows.file, rows=rows.row_names(np.flatnonzero(mask)))
        for key, mask in kinds.items()
        if mask.any()
    ]


def _again(keys: IntArray, counted: BoolArray) -> BoolArray:
    """True where a counted row says what a counted row before it says."""
    chosen = np.flatnonzero(counted)
    _, first = np.unique(keys[chosen], axis=0, return_index=True)
    again = np.zeros(counted.size, dtype=bool)
    again[np.delete(chosen, first)] = True
    return again
