"""A plan that somebody brings, whoever wrote it: PLAN.csv exactly as it stands, anything else in its maker's words."""

from __future__ import annotations

import csv
from pathlib import Path

from app.plans.mapped_plan import MappedPlan, mapped_plan
from app.runs.plan_files import PLAN_COLUMNS, read_plan
from data.headings.synonyms import PLAN, read_heading
from data.importing.plans.asked_plan import AskedPlan
from data.importing.plans.reader import read_asked_plan
from data.importing.plans.rows import KNOWN_SUFFIXES
from envs.choices.options import OptionSpace, option_space
from envs.kernel import Plans, ResolvedScenario

HEAD_BYTES = 64_000


def read_brought_plan(
    path: Path,
    resolved: ResolvedScenario,
    *,
    space: OptionSpace | None = None,
    first_year: int | None = None,
    leave_out_unknown: bool = False,
) -> MappedPlan:
    """Read a plan, and what the options of the scenario make of it.

    Args:
        path: PLAN.csv, or any table or layer that data.importing.plans reads.
        resolved: scenario resolved against the city.
        space: legal options, if they are known already.
        first_year: year of the calendar that is the programme's first; None = the earliest in the plan.
        leave_out_unknown: count rows of villages that the city does not have instead of refusing them.

    Raises:
        InputError: all that is wrong with the file.
    """
    space = option_space(resolved) if space is None else space
    years = resolved.scenario.plan_years
    if is_plan_table(path):
        plan = read_plan(path, resolved.city, years, longest_delay_yr=resolved.clock.longest_delay_yr)
        return mapped_plan(asked_by(plan), space, resolved.city)
    asked = read_asked_plan(
        path, resolved.city, years, resolved.book, first_year=first_year, leave_out_unknown=leave_out_unknown
    )
    return mapped_plan(asked, space, resolved.city)


def asked_by(plan: Plans) -> AskedPlan:
    """A batch of one plan as what it asks for."""
    start_year, intensity, land_use, floor_area_ratio, facility_ratio = (column[0] for column in plan.columns)
    given = {name: column[0] for name, column in plan.given.items()}
    return AskedPlan(start_year, intensity, land_use, floor_area_ratio, facility_ratio, given)


def is_plan_table(path: Path) -> bool:
    """Whether a file is, or is meant to be, a PLAN.csv: it has its columns, or none in other words."""
    if path.suffix.lower() in KNOWN_SUFFIXES and path.suffix.lower() != ".csv":
        return False
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES).lstrip().partition(b"\n")[0]
    except OSError:
        return True
    lines = _decoded(head).splitlines()
    names = [cell.strip() for cell in next(csv.reader(lines[:1]), [])]
    meant = {name: heading.column for name in names if (heading := read_heading(name, PLAN)) is not None}
    in_other_words = not set(meant) <= set(PLAN_COLUMNS)
    when_and_where = "start_year" in meant.values() and not {"village_id", "name"}.isdisjoint(meant.values())
    return set(PLAN_COLUMNS) <= set(names) or not (in_other_words or when_and_where)


def _decoded(line: bytes) -> str:
    """A heading in one of the encodings that spreadsheets write; what is in none of them is no heading of ours."""
    for coding in ("utf-8-sig", "gb18030"):
        try:
            return line.decode(coding)
        except UnicodeDecodeError:
            continue
    return ""
