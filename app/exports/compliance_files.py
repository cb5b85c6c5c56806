"""The compliance of a plan as a file: JSON and CSV for programs, a workbook, a report in PDF or Word."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from openpyxl import Workbook

from app.compliance.matrix import Compliance
from app.compliance.tables import compliance_frame, compliance_record, exceptions_frame, places_frame
from app.compliance.words import counts_line, exception_lines, verdict_line
from app.exports.workbook import write_sheet
from app.files.atomic import new_file, write_json
from app.files.names import without_formulas
from app.plans.tables import PlanTables
from app.report.compliance_report import compliance_document
from app.report.compose import renderer
from app.words.console import unit_text
from data.catalogue import text
from data.dictionary import table_columns

REPORTS = (".pdf", ".docx")
COMPLIANCE_SUFFIXES = (".json", ".csv", ".xlsx", *REPORTS)
OTHER_LANGUAGE = {"en": "_zh", "zh": "_en"}


def write_compliance(path: Path, found: Compliance, tables: PlanTables, plan: str, *, language: str) -> None:
    """Write the compliance of a plan.

    Args:
        path: file; its suffix, one of COMPLIANCE_SUFFIXES, decides the format. An existing file is replaced.
        found: the plan against its rules.
        tables: of the plan.
        plan: what the plan is called.
        language: of workbook and report.

    Raises:
        InputError: the extra that writes reports is not installed, or the disk refuses.
    """
    suffix = path.suffix.lower()
    render = renderer(suffix) if suffix in REPORTS else None
    with new_file(path) as draft:
        if render is not None:
            draft.write_bytes(render(compliance_document(found, tables, plan, language)))
        elif suffix == ".xlsx":
            _write_workbook(draft, found, tables, plan, language)
        elif suffix == ".csv":
            without_formulas(compliance_frame(found)).to_csv(draft, index=False, encoding="utf-8-sig")
        else:
            write_json(draft, compliance_record(found))


def _write_workbook(path: Path, found: Compliance, tables: PlanTables, plan: str, language: str) -> None:
    """Sheets summary, clauses, villages and exceptions: headings in the language, names of columns below them."""
    book = Workbook(write_only=True)
    summary = summary_frame(found, plan, language)
    write_sheet(
        book.create_sheet(text("compliance_sheet_summary", language)),
        summary,
        dict.fromkeys(map(str, summary.columns), ""),
    )
    for table, frame in (
        ("clauses", compliance_frame(found)),
        ("places", places_frame(found, tables)),
        ("exceptions", exceptions_frame(found)),
    ):
        shown, names = readable(table, frame, language)
        write_sheet(book.create_sheet(text(f"compliance_sheet_{table}", language)), shown, names)
    book.save(path)


def summary_frame(found: Compliance, plan: str, language: str) -> pd.DataFrame:
    """Topic and what is to be said, one row each."""
    said = {
        "plan": plan,
        "city": found.resolved.city.name,
        "scenario": found.resolved.scenario.name,
        "verdict": verdict_line(found, language),
        "counts": counts_line(found, language),
        "plan_digest": found.plan_digest,
        "scenario_digest": found.resolved.digest,
        "exceptions": "\n".join(exception_lines(found, language)) or text("compliance_no_exceptions", language),
        "note": text("screening", language),
    }
    rows = [(text(f"compliance_topic_{key}", language), words) for key, words in said.items()]
    return pd.DataFrame(rows, columns=[text("report_what", language), text("column_value", language)])


def readable(table: str, frame: pd.DataFrame, language: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """A table of the chapter in words: columns by their labels, codes and units in words, one language alone.

    Returns:
        The frame, and label -> name of the column.
    """
    columns = table_columns("compliance", table)
    kept = [name for name in frame.columns if not name.endswith(OTHER_LANGUAGE[language])]
    if language == "zh":
        kept = [name for name in kept if name != "source"]  # recorded in English
    words = {
        "scope": "mode_", "verdict": "verdict_word_", "basis": "basis_", "how": "how_", "standing": "standing_",
        "intensity": "word_", "land_use": "word_", "sense": "sense_",
    }  # fmt: skip
    shown = frame[kept].copy()
    for name in kept:
        if name in words:
            shown[name] = [text(words[name] + str(cell), language) for cell in frame[name]]
        elif columns[name].type == "flag":
            shown[name] = [text("answer_yes" if cell else "answer_no", language) for cell in frame[name]]
        elif name == "unit":
            shown[name] = [unit_text(str(cell), language) for cell in frame[name]]
    labels = {name: columns[name].label["zh" if language == "zh" else "en"] for name in kept}
    return shown.rename(columns=labels), {label: name for name, label in labels.items()}
