"""One plan of an older model's run handed on as it was stored: a table, a spreadsheet or a short report."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from openpyxl import Workbook

from app.exports.workbook import write_sheet
from app.files.atomic import new_file
from app.files.names import without_formulas
from app.report.compose import renderer
from app.report.document import Block, Document, Heading, Paragraph, Table, name_text
from app.runs.stored_run import StoredRun
from app.runs.title import run_title
from app.words.city_name import city_name
from app.words.console import value_text
from data.catalogue import LANGUAGES, text
from data.errors import refuse
from envs.kernel.indicators.registry import INDICATORS

REPORTS = (".docx", ".pdf")
STORED_SUFFIXES = (".csv", ".xlsx", *REPORTS)


def export_stored(run: StoredRun, plan_id: str, to: Path, *, language: str = "en") -> None:
    """Write what a run stored of one plan, with the model that computed it.

    Args:
        run: of an older model.
        plan_id: one of its plans.
        to: file; its suffix decides the format. An existing file is replaced.
        language: of a report.

    Raises:
        InputError: a suffix whose content would be computed anew, no such plan, or the file cannot be written.
    """
    suffix = to.suffix.lower()
    if suffix not in STORED_SUFFIXES:
        version = run.record.model_version
        raise refuse(
            "suffix_of_stored_run", file=to, layer="--to", suffix=suffix, version=version, suffixes=STORED_SUFFIXES
        )
    values = run.values(plan_id)
    with new_file(to) as draft:
        if suffix == ".csv":
            without_formulas(run.schedule(plan_id)).to_csv(draft, index=False, encoding="utf-8-sig")
        elif suffix == ".xlsx":
            _write_workbook(draft, run, plan_id)
        else:
            draft.write_bytes(renderer(suffix)(_document(run, plan_id, values, language)))


def _write_workbook(path: Path, run: StoredRun, plan_id: str) -> None:
    book = Workbook(write_only=True)
    notes = [("model", run.note(language)) for language in LANGUAGES]
    notes += [("use", text("screening", language)) for language in LANGUAGES]
    notes += [("run", run.folder.name), ("plan", plan_id)]
    for name, frame in (
        ("notes", pd.DataFrame(notes, columns=["topic", "note"])),
        ("front", run.front),
        ("schedule", run.schedule(plan_id)),
    ):
        write_sheet(book.create_sheet(name), frame, dict.fromkeys(map(str, frame.columns), ""))
    book.save(path)


def _document(run: StoredRun, plan_id: str, values: dict[str, float], language: str) -> Document:
    record = run.record
    plan, city = name_text(plan_id), name_text(city_name(record.city.name, language))
    return Document(
        title=text("stored_title", language, plan=plan),
        subtitle=text(
            "report_subtitle", language, city=city, scenario=name_text(record.scenario),
            run=name_text(run_title(run.folder, language)), created=name_text(record.created[:10]),
        ),
        language=language,
        footer=text("report_footer", language, plan=plan, city=city),
        blocks=tuple(_blocks(run, plan_id, values, language)),
    )  # fmt: skip


def _blocks(run: StoredRun, plan_id: str, values: dict[str, float], language: str) -> Iterator[Block]:
    yield Paragraph(run.note(language), "warning")
    yield Paragraph(text("screening", language), "note")
    rows = tuple(
        (INDICATORS[name].label[language], value_text(value, INDICATORS[name].unit, language))
        for name, value in values.items()
        if math.isfinite(value)
    )
    header = (text("report_column_indicator", language), text("report_column_plan", language))
    yield Table(header, rows, "lr", (5, 3))
    yield Heading(text("stored_decisions", language))
    schedule = run.readable_schedule(plan_id, language)
    cells = tuple(
        tuple(name_text(f"{cell:g}" if isinstance(cell, float) else str(cell)) for cell in row)
        for row in schedule.itertuples(index=False, name=None)
    )
    names = tuple(map(str, schedule.columns))
    yield Table(names, cells, "l" * len(names), (1.0,) * len(names), small=True)
