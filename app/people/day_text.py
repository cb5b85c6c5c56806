"""What `renewal people day` says."""

from __future__ import annotations

from pathlib import Path

from app.people.day_of_plan import PlanDay
from app.people.day_tables import day_tables, letters_text
from app.words.console import COLUMNS, filled, table_text
from data.catalogue import text


def day_text(shown: PlanDay, out: Path, language: str) -> str:
    """The whole answer: a table for each way of looking at it, and how sure it is."""
    tables = [
        f"{table.title}\n{table_text(table.header, table.rows, header_width=16)}"
        for table in day_tables(shown, language)
    ]
    notes = (text("day_note", language), letters_text(shown.resolved.book, language))
    return "\n\n".join([str(out), *tables, *("\n".join(filled(note, COLUMNS)) for note in notes)])
