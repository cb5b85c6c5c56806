"""The reader of plans made elsewhere: whatever table or layer says which village begins when, how densely, with what.

It reads what a plan asks for; what a model can do of it is decided where the legal options are known
(app.plans.mapped_plan). All that is wrong is told at once, and whatever is taken otherwise than it is written is
counted.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import Message, message
from data.city import City
from data.errors import InputError, refuse
from data.importing.plans.asked_plan import UNSAID, Approximation, AskedPlan, nothing_asked
from data.importing.plans.cells import numbers_of, shares_of, start_years, words_of
from data.importing.plans.mixes import PARTS, adds_up, nearest_use
from data.importing.plans.rows import PlanRows, read_plan_rows
from data.importing.plans.villages import NO_VILLAGE, matched_villages
from data.parameter_book import Book
from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE, Intensity

GIVEN = ("compensation_multiplier", "delay_yr")


def read_asked_plan(
    path: Path,
    city: City,
    plan_years: int,
    book: Book,
    *,
    first_year: int | None = None,
    leave_out_unknown: bool = False,
) -> AskedPlan:
    """Read a plan; villages not listed are kept.

    Args:
        path: CSV, workbook, or layer with geometry (GeoPackage, GeoJSON, Shapefile ...).
        city: its villages.
        plan_years: last start year.
        book: with the composition of land uses.
        first_year: year of the calendar that is the programme's first; None = the earliest in the plan.
        leave_out_unknown: count rows of other villages instead of refusing them.

    Raises:
        InputError: all that is wrong, with file, column and rows.
    """
    rows = read_plan_rows(path)
    errors: list[InputError] = []
    village, notes = np.full(rows.n_rows, NO_VILLAGE, dtype=np.int64), [*rows.notes]
    try:
        village, matched = matched_villages(rows, city, leave_out_unknown=leave_out_unknown)
        notes += matched
    except InputError as error:
        errors.append(error)
        with suppress(InputError):  # those that are known may still stand twice
            village, _ = matched_villages(rows, city, leave_out_unknown=True)
    year, said, wrong = start_years(rows, plan_years, first_year)
    notes, errors, renewed = notes + said, errors + wrong, year > 0
    intensity, wrong_intensity = words_of(rows, "intensity", tuple(map(str, INTENSITIES)), renewed)
    use, wrong_use = words_of(rows, "land_use", tuple(map(str, LAND_USES)), renewed)
    far, wrong_far = numbers_of(rows, "floor_area_ratio", renewed)
    shares, told, wrong_shares = shares_of(rows, renewed)
    given = {name: numbers_of(rows, name, renewed) for name in GIVEN if name in rows.cells}
    errors += [
        *wrong_intensity,
        *wrong_use,
        *wrong_far,
        *wrong_shares,
        *(e for _, each in given.values() for e in each),
    ]
    mix = np.stack([shares.get(name, np.full(rows.n_rows, np.nan)) for name in PARTS], axis=1)
    facility = shares.get("facility_ratio", np.full(rows.n_rows, np.nan))
    if not errors:
        errors += _refused_mixes(rows, mix, facility)
    errors += _refused_twins(rows, village, year, np.column_stack([intensity, use, far, facility, mix]))
    if errors:
        raise InputError(*(refusal for error in errors for refusal in error.refusals))
    columns = {name: values for name, (values, _) in given.items()}
    if "onsite_share" in shares:
        columns["onsite_share"] = shares["onsite_share"]
    nearest, differs = nearest_use(mix, facility, book)
    rows_kept, _ = np.unique(village[village >= 0], return_index=True)
    approximations = _mix_approximations(rows, city, village, mix, nearest, differs & (use == UNSAID))
    decided = (year, _intensity(intensity, far, nearest, use, renewed), np.where(use == UNSAID, nearest, use))
    notes = [*notes, *told]
    if rows_kept.size < int((village >= 0).sum()):
        notes.append(message("asked_plan_same_twice", n=int((village >= 0).sum()) - rows_kept.size))
    return _of_city(city, village, decided, (far, facility), columns, tuple(approximations), tuple(notes))


def _intensity(stated: IntArray, far: FloatArray, nearest: IntArray, use: IntArray, renewed: BoolArray) -> IntArray:
    """What a density or a mix of new floor says of the intensity, where it is not stated."""
    builds = renewed & (np.nan_to_num(far) > 0.0) | (nearest != UNSAID) | (use != UNSAID)
    rebuilt = INTENSITIES.index(Intensity.REBUILD)
    return np.where((stated == UNSAID) & builds, rebuilt, stated)


def _refused_mixes(rows: PlanRows, mix: FloatArray, facility: FloatArray) -> list[InputError]:
    """Mixes that say all their parts and do not add up to the whole."""
    total = np.nansum(mix, axis=1)
    wrong = np.flatnonzero((np.isfinite(mix).sum(axis=1) > 1) & ~adds_up(mix, facility))
    if wrong.size == 0:
        return []
    names = [rows.headings[name] for name in (*PARTS, "facility_ratio") if name in rows.headings]
    found = f"{total[wrong[0]] + np.nan_to_num(facility[wrong[0]]):g}"
    return [refuse("asked_plan_mix", file=rows.file, layer=", ".join(names), rows=rows.row_names(wrong), found=found)]


def _refused_twins(rows: PlanRows, village: IntArray, year: IntArray, rest: FloatArray) -> list[InputError]:
    """Villages that two rows decide differently."""
    table = np.nan_to_num(np.column_stack([year, rest]), nan=-9.0)
    wrong = []
    for one in np.unique(village[village >= 0]):
        same = np.flatnonzero(village == one)
        if same.size > 1 and (table[same] != table[same[0]]).any():
            wrong += same.tolist()
    return [refuse("asked_plan_twice", file=rows.file, rows=rows.row_names(np.array(wrong)))] if wrong else []


def _mix_approximations(
    rows: PlanRows, city: City, village: IntArray, mix: FloatArray, nearest: IntArray, chosen: BoolArray
) -> list[Approximation]:
    """Mixes that no land use has, and the land use that stands for each."""
    names = [rows.headings.get(name, name) for name in PARTS]
    found = []
    for row in np.flatnonzero(chosen & (village >= 0)):
        parts = ", ".join(f"{name} {part:g}" for name, part in zip(names, mix[row], strict=True) if np.isfinite(part))
        ids = str(city.villages.village_id[village[row]])
        found.append(Approximation(ids, "land_use", parts, str(LAND_USES[nearest[row]])))
    return found


def _of_city(
    city: City,
    village: IntArray,
    decided: tuple[IntArray, IntArray, IntArray],
    ratios: tuple[FloatArray, FloatArray],
    given: dict[str, FloatArray],
    approximations: tuple[Approximation, ...],
    notes: tuple[Message, ...],
) -> AskedPlan:
    """The rows at the places of their villages, the others kept; rows of a rehabilitated village build nothing new."""
    n, renewed = city.n_villages, (village >= 0) & (decided[0] > 0)
    kept, place, row = nothing_asked(n), village[renewed], np.flatnonzero(renewed)
    start, intensity, use = (np.array(column) for column in (kept.start_year, kept.intensity, kept.land_use))
    far, facility = np.array(kept.floor_area_ratio), np.array(kept.facility_ratio)
    start[place], intensity[place], use[place] = (column[row] for column in decided)
    far[place], facility[place] = (column[row] for column in ratios)
    nothing_new = (start > 0) & (intensity >= 0) & (np.array(REBUILT_SHARE)[np.maximum(intensity, 0)] == 0.0)
    far[nothing_new], use[nothing_new] = 0.0, kept.land_use[nothing_new]
    columns = {name: np.full(n, np.nan) for name in given}
    for name, values in given.items():
        columns[name][place] = values[row]
    return AskedPlan(start, intensity, use, far, facility, columns, approximations, notes)
