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
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.compliance.matrix import Compliance
from app.compliance.tables import compliance_frame, exceptions_frame
from app.files.names import FORMULA_STARTS
from app.plans.tables import PlanTables, assumptions_frame
from app.report.provenance import notes_frame
from app.runs.run_folder import Run
from app.words.console import unit_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS, YEARLY, Indicator
from envs.kernel.project_account import ITEMS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LARGEST_TEXT = 32_767  # characters a cell holds
MONEY = frozenset((*(item.name for item in ITEMS), "net_cash_flow_cny", "cumulative_cny", "net_present_value_cny"))
SHEETS = (
    "notes",
    "front",
    "schedule",
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
        for key, frame in _frames(run, plan_id, tables, found):
            named = YEARLY if key == "yearly" else INDICATORS
            labels = {name: _label(name, named, language) for name in map(str, frame.columns)}
            write_sheet(book.create_sheet(text(f"sheet_{key}", language)), frame, labels)
        book.save(path)
    except SerialisationError as error:  # as lxml tells of a disk that takes no more
        raise OSError(f"the disk refuses ({error})") from error


def _frames(run: Run, plan_id: str, tables: PlanTables, found: Compliance) -> Iterator[tuple[str, pd.DataFrame]]:
    yield "notes", notes_frame(run, plan_id)
    yield "front", run.front
    yield "schedule", tables.schedule()
    yield "cash_flow_by_year", tables.cash_flow_by_year()
    yield "cash_flow_by_village", tables.cash_flow_by_village()
    yield "indicators", tables.indicators()
    yield "indicators_by_district", tables.by_district()
    yield "yearly", tables.yearly()
    yield "assumptions", assumptions_frame(run.resolved)
    yield "compliance", compliance_frame(found)
    yield "exceptions", exceptions_frame(found)


def write_sheet(sheet: Worksheet, frame: pd.DataFrame, labels: Mapping[str, str]) -> None:
    """Column names, then label and unit of those that have one, then the rows."""
    sheet.freeze_panes = "B3"
    for k, name in enumerate(frame.columns, start=1):
        longest = max((len(str(cell)) for cell in frame[name].head(200)), default=0)
        sheet.column_dimensions[get_column_letter(k)].width = min(60, max(12, len(str(name)), longest))
    sheet.append([_cell(sheet, name, bold=True) for name in frame.columns])
    sheet.append([_cell(sheet, labels[str(name)]) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([_cell(sheet, value) for value in row])


def _label(name: str, named: Mapping[str, Indicator], language: str) -> str:
    """Label and unit of a column that is an indicator, its yearly series or an item of the account."""
    if name in named:
        item = named[name]
        label = item.yearly_label if named is YEARLY else item.label
        return f"{label[language]} [{unit_text(item.unit, language)}]"
    return f"[{unit_text('CNY', language)}]" if name in MONEY else ""


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
