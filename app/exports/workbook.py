"""The spreadsheet of one plan: every table of it, every assumption, its compliance, and what is synthetic."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from lxml.etree import SerialisationError
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from app.charts.colors import PHASE_COLORS
from app.compliance.matrix import Compliance
from app.compliance.tables import compliance_frame, exceptions_frame
from app.exports.workbook_words import said_frame
from app.files.names import FORMULA_STARTS
from app.plans.phases import phases
from app.plans.tables import PlanTables, assumptions_frame
from app.report.provenance import notes_frame
from app.runs.run_folder import Run
from app.words.console import unit_text
from data.catalogue import catalogue, text
from data.dictionary import Column, table_columns
from envs.kernel.indicators.registry import INDICATORS, YEARLY, Indicator
from envs.kernel.project_account import ITEMS
from envs.rules.targets import scorecard

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LARGEST_TEXT = 32_767  # characters a cell holds
MONEY = frozenset((*(item.name for item in ITEMS), "net_cash_flow_cny", "cumulative_cny", "net_present_value_cny"))
OWN_TIME = frozenset(("cumulative_cny", "net_present_value_cny"))
"""Of these, columns whose label says the time."""
MONEY_OF = {"cash_flow_by_year": "sheet_money_of_year", "cash_flow_by_village": "sheet_money_of_plan"}
"""Sheet -> text of the unit and the time of its money."""
RULED = {"compliance": "clauses", "exceptions": "exceptions"}
"""Sheet -> its table in the dictionary's chapter on compliance."""
SHEETS = (
    "notes",
    "front",
    "schedule",
    "gantt",
    "targets",
    "cash_flow_by_year",
    "cash_flow_by_village",
    "indicators",
    "indicators_by_district",
    "yearly",
    "assumptions",
    "compliance",
    "exceptions",
)
"""Sheets in order."""


def write_workbook(
    path: Path, run: Run, plan_id: str, tables: PlanTables, found: Compliance, *, language: str = "en"
) -> None:
    """Write the spreadsheet.

    Args:
        path: file to write.
        run: the run.
        plan_id: of the plan.
        tables: of the plan.
        found: the plan against its rules.
        language: of sheet names and of the labels below the column names.
    """
    book = Workbook(write_only=True)
    try:
        for key, frame in _frames(run, plan_id, tables, found, language):
            named = YEARLY if key == "yearly" else INDICATORS
            ruled = table_columns("compliance", RULED[key]) if key in RULED else {}
            money = text(MONEY_OF[key], language) if key in MONEY_OF else unit_text("CNY", language)
            labels = {name: _label(name, named, ruled, money, language) for name in map(str, frame.columns)}
            colors = phase_fills(language) if key == "gantt" else {}
            said = said_frame(key, frame, language)
            write_sheet(book.create_sheet(text(f"sheet_{key}", language)), said, labels, colors)
        book.save(path)
    except SerialisationError as error:  # as lxml tells of a disk that takes no more
        raise OSError(f"the disk refuses ({error})") from error


def _frames(
    run: Run, plan_id: str, tables: PlanTables, found: Compliance, language: str
) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "notes", notes_frame(run, plan_id, language)
    yield "front", run.front
    yield "schedule", tables.schedule()
    yield "gantt", gantt_frame(tables)
    yield "targets", targets_frame(tables)
    yield "cash_flow_by_year", tables.cash_flow_by_year()
    yield "cash_flow_by_village", tables.cash_flow_by_village()
    yield "indicators", tables.indicators(language)
    yield "indicators_by_district", tables.by_district()
    yield "yearly", tables.yearly()
    yield "assumptions", assumptions_frame(run.resolved)
    yield "compliance", compliance_frame(found)
    yield "exceptions", exceptions_frame(found)


def gantt_frame(tables: PlanTables) -> pd.DataFrame:
    """One row per renewed village in the order of its start, a column per year: the phase in which its works go on."""
    schedule = tables.schedule()
    spans = phases(tables.resolved.scenario.plan_years)
    begun = {year: phase.name for phase in spans for year in range(phase.first, phase.last + 1)}
    last = int(schedule["completion_year"].max()) if len(schedule) else spans[-1].last
    frame = schedule[["village_id", "name", "district", "start_year", "completion_year"]].copy()
    for year in range(1, last + 1):
        at_work = (frame["start_year"] <= year) & (year < frame["completion_year"])
        frame[str(year)] = [
            begun[first] if works else "" for first, works in zip(frame["start_year"], at_work, strict=True)
        ]
    return frame


def targets_frame(tables: PlanTables) -> pd.DataFrame:
    """One row per target of the scenario: what is asked for, what the plan gives, whether it is met."""
    rows = [
        {
            "indicator": score.target.indicator,
            "label_en": INDICATORS[score.target.indicator].label["en"],
            "label_zh": INDICATORS[score.target.indicator].label["zh"],
            "bound": "at_most" if score.target.at_least is None else "at_least",
            "limit": score.target.at_most if score.target.at_least is None else score.target.at_least,
            "year_of_target": score.target.year,
            "unit": score.unit,
            "output": score.output,
            "met": score.met,
        }
        for score in scorecard(tables.resolved, tables.plan)
    ]
    columns = ["indicator", "label_en", "label_zh", "bound", "limit", "year_of_target", "unit", "output", "met"]
    return pd.DataFrame(rows, columns=columns)


def phase_fills(language: str = "en") -> dict[str, PatternFill]:
    """Phase as its cells say it -> their color; see app.charts.colors."""
    cells = said_frame("gantt", pd.DataFrame({"1": list(PHASE_COLORS)}), language)["1"]
    fills = (PatternFill("solid", start_color=f"FF{color[1:].upper()}") for color in PHASE_COLORS.values())
    return dict(zip(cells, fills, strict=True))


def write_sheet(
    sheet: Worksheet, frame: pd.DataFrame, labels: Mapping[str, str], colors: Mapping[str, PatternFill] | None = None
) -> None:
    """Column names, then label and unit of those that have one, then the rows.

    Args:
        sheet: to write to.
        frame: the rows.
        labels: column -> what stands below its name.
        colors: content of a cell -> its ground; none by default.
    """
    sheet.freeze_panes = "B3"
    for k, name in enumerate(frame.columns, start=1):
        longest = max((len(str(cell)) for cell in frame[name].head(200)), default=0)
        sheet.column_dimensions[get_column_letter(k)].width = min(60, max(12, len(str(name)), longest))
    sheet.append([_cell(sheet, name, bold=True) for name in frame.columns])
    sheet.append([_cell(sheet, labels[str(name)]) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([_colored(sheet, value, colors or {}) for value in row])


def _colored(sheet: Worksheet, value: Any, colors: Mapping[str, PatternFill]) -> Any:  # noqa: ANN401
    """A cell, on the ground that its content has."""
    if not isinstance(value, str) or value not in colors:
        return _cell(sheet, value)
    cell = WriteOnlyCell(sheet, value=value)
    cell.fill, cell.font = colors[value], Font(color=colors[value].start_color)
    return cell


def _label(name: str, named: Mapping[str, Indicator], ruled: Mapping[str, Column], money: str, language: str) -> str:
    """What a column holds in words, with its unit; a year is said as one, what nobody named stays blank."""
    said = unit_text("CNY", language) if name in OWN_TIME else money
    unit = f" [{said}]" if name in MONEY else ""
    if name in named:
        item = named[name]
        label = item.yearly_label if named is YEARLY else item.label
        return f"{label[language]} [{unit_text(item.unit, language)}]"
    if name.isdecimal():
        return text("year_n", language, year=int(name))
    if name in ruled:
        return ruled[name].label["zh" if language == "zh" else "en"]
    key = next((key for key in (f"sheet_column_{name}", f"column_{name}") if key in catalogue()), None)
    return (text(key, language) if key else "") + unit


def _cell(sheet: Worksheet, value: Any, *, bold: bool = False) -> Any:  # noqa: ANN401 - a cell of any column
    """A cell; text stays text whatever it begins with, an absent number is blank."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("?", value)[:LARGEST_TEXT]
    if not bold and not text.startswith(FORMULA_STARTS):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    else:
        cell.quotePrefix = True
    return cell
