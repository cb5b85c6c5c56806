"""PLAN.csv: one row per village that is decided on; whatever is wrong in it is told with line, village and field."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from data.catalogue import Message, message
from data.city import City
from data.errors import InputError, printable, reason_of, refuse
from data.parameter import unknown_name
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, REBUILT_SHARE
from envs.kernel.plans import OPTIONAL_COLUMNS, Plans, canonical

PLAN_COLUMNS: tuple[str, ...] = (
    "village_id",
    "start_year",
    "intensity",
    "land_use",
    "floor_area_ratio",
    "facility_ratio",
)
MOST_GIVEN: dict[str, float] = {"compensation_multiplier": 100.0, "onsite_share": 1.0, "delay_yr": 100.0}
"""Largest number of each optional column; what is beyond is a slip of the pen."""
INFORMATION_COLUMNS: tuple[str, ...] = (
    "name",
    "town",
    "district",
    "completion_year",
    "synthetic_data",
    "estimated_parameters",
    "exceptions",
)
"""Columns that an exported schedule has besides; they are read by people, not by us."""
_HEADER = message("plan_header")
LARGEST_BYTES = 20_000_000
LARGEST_FLOOR_AREA_RATIO = 100.0


def read_plan(path: Path, city: City, plan_years: int, *, longest_delay_yr: float = MOST_GIVEN["delay_yr"]) -> Plans:
    """Read one plan; villages not listed are kept.

    Args:
        path: CSV in UTF-8, columns PLAN_COLUMNS in any order, and those of OPTIONAL_COLUMNS that are wanted. Cells may
            be blank where they mean nothing: land use and floor-area ratio of a rehabilitated village, everything of
            one with start_year 0. A blank cell of an optional column leaves it to the model.
        city: its villages.
        plan_years: last start year.
        longest_delay_yr: of a village that is rebuilt (Clock.longest_delay_yr) [yr].

    Returns:
        A canonical batch of one plan.

    Raises:
        InputError: names file, line and village, field, and the rule that is broken.
    """
    text = _text(path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise refuse(
            "csv_unreadable", file=path, layer=message("line_number", n=reader.line_num), reason=reason_of(error)
        ) from None
    if not rows:
        raise refuse("plan_empty", file=path, columns=PLAN_COLUMNS)
    header = _header(path, [cell.strip() for cell in rows[0][1]])
    return _plan(path, header, rows[1:], city, plan_years, longest_delay_yr)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise refuse("file_too_large", file=path, most=LARGEST_BYTES)
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse("plan_no_text", file=path, position=error.start) from None
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise refuse("file_unreadable", file=path, reason=reason_of(error)) from None
    if "\0" in text:
        raise refuse("plan_with_nul", file=path)
    return text


def _header(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Column name -> position."""
    for name in header:
        if name not in (*PLAN_COLUMNS, *OPTIONAL_COLUMNS, *INFORMATION_COLUMNS):
            known = (*PLAN_COLUMNS, *OPTIONAL_COLUMNS)
            problem = unknown_name(name, known)
            key = "column_unknown_of_plans" if problem.key == "name_unknown" else "column_unknown"
            raise refuse(key, file=path, layer=_HEADER, problem=problem, known=known)
        if header.count(name) > 1:
            raise refuse("column_twice", file=path, layer=_HEADER, name=name)
    missing = [name for name in PLAN_COLUMNS if name not in header]
    if missing:
        raise refuse("columns_missing", file=path, layer=_HEADER, names=missing)
    return {name: position for position, name in enumerate(header)}


def _plan(
    path: Path,
    header: Mapping[str, int],
    rows: Sequence[tuple[int, list[str]]],
    city: City,
    plan_years: int,
    longest_delay_yr: float,
) -> Plans:
    position = {text: idx for idx, text in enumerate(city.villages.village_id.tolist())}
    whole = np.zeros((3, 1, city.n_villages), dtype=np.int64)
    ratio = np.zeros((2, 1, city.n_villages))
    given = {name: np.full((1, city.n_villages), np.nan) for name in OPTIONAL_COLUMNS if name in header}
    seen: dict[str, int] = {}
    for line, cells in rows:
        row = _Row(path, line, header, cells)
        village = row.village(position, city.name)
        if village in seen:
            raise row.refused("village_id", message("plan_village_twice", line=seen[village]))
        seen[village] = line
        idx = position[village]
        whole[:, 0, idx], ratio[:, 0, idx] = row.decision(plan_years)
        most = MOST_GIVEN | {"delay_yr": longest_delay_yr} if whole[1, 0, idx] else MOST_GIVEN
        for name, column in given.items():
            column[0, idx] = row.optional(name, most[name])
    return canonical(Plans(whole[0], whole[1], whole[2], ratio[0], ratio[1], **given))


class _Row:
    """One line of the file."""

    def __init__(self, path: Path, line: int, header: Mapping[str, int], cells: Sequence[str]) -> None:
        self.path, self.line, self.village_id = path, line, ""
        if len(cells) != len(header):
            raise self.refused("", message("plan_cells_wrong", n=len(cells), expected=len(header)))
        self.cells = {name: cells[position].strip() for name, position in header.items()}

    def refused(self, field: str, problem: Message) -> InputError:
        """What is wrong, with file, line and village, and field."""
        line = message("line_number", n=self.line)
        where = message("plan_line_of", line=line, village=printable(self.village_id)) if self.village_id else line
        return refuse(problem, layer=field).within(file=self.path, layer=where)

    def village(self, position: Mapping[str, int], city: str) -> str:
        """Id of the village; an apostrophe that an export put before it is taken off."""
        text = self.cells["village_id"]
        self.village_id = text[:40]
        if text not in position and text.startswith("'") and text[1:] in position:
            text = text[1:]
        if text not in position:
            problem = unknown_name(text, position)
            raise self.refused("village_id", message("plan_village_unknown", city=printable(city), problem=problem))
        return text

    def decision(self, plan_years: int) -> tuple[tuple[int, int, int], tuple[float, float]]:
        """Start year, intensity and land use as positions; floor-area and facility ratio."""
        start_year = self._start_year(plan_years)
        kept = start_year == 0
        intensity = self._word("intensity", INTENSITIES, blank=0 if kept else None)
        unused = kept or REBUILT_SHARE[intensity] == 0.0
        land_use = self._word("land_use", LAND_USES, blank=LAND_USES.index(CANONICAL_LAND_USE) if unused else None)
        floor = self._number("floor_area_ratio", LARGEST_FLOOR_AREA_RATIO, blank=0.0 if unused else None)
        facility = self._number("facility_ratio", 1.0, blank=0.0 if kept else None)
        return (start_year, intensity, land_use), (floor, facility)

    def optional(self, field: str, high: float) -> float:
        """A number of an optional column; NaN where the cell is blank."""
        value = self._number(field, high, blank=math.nan)
        if field == "compensation_multiplier" and value == 0.0:
            raise self.refused(field, message("plan_multiplier_positive"))
        return value

    def _start_year(self, plan_years: int) -> int:
        value = self._number("start_year", math.inf, blank=None)
        if value != round(value) or value > plan_years:
            raise self.refused("start_year", message("plan_start_year", last=plan_years, found=value))
        return int(value)

    def _word(self, field: str, allowed: Sequence[str], *, blank: int | None) -> int:
        text = self.cells[field]
        if not text and blank is not None:
            return blank
        if text not in [str(word) for word in allowed]:
            raise self.refused(
                field, message("word_not_among", choices=tuple(map(str, allowed)), found=printable(text, 40))
            )
        return [str(word) for word in allowed].index(text)

    def _number(self, field: str, high: float, *, blank: float | None) -> float:
        text = self.cells[field]
        if not text and blank is not None:
            return blank
        value = _parsed(text)
        if value is None or not math.isfinite(value) or not 0.0 <= value <= high:
            raise self.refused(field, _number_wanted(printable(text, 40), high))
        return value


def _number_wanted(cell: str, high: float) -> Message:
    if math.isfinite(high):
        return message("plan_number_within", high=high, found=cell)
    return message("plan_number_not_negative", found=cell)


def _parsed(text: str) -> float | None:
    """The number, or None; digits only, so that neither "1_0" nor a full-width digit passes."""
    if not text.isascii() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None
