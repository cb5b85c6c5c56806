"""Chapter on people: who lives in the villages that the plan renews."""

from __future__ import annotations

from collections.abc import Iterator

from app.people.portrait_tables import SEED, portrait_tables, village_portrait
from app.report.document import Block, Heading, PageBreak, Paragraph, Table, name_text
from app.report.subject import Subject


def residents(subject: Subject) -> Iterator[Block]:
    """Residents of the renewed villages before anything begins, drawn one by one and counted."""
    resolved, renewed = subject.tables.resolved, subject.tables.renewed_idx.tolist()
    portrait = village_portrait(resolved, renewed) if renewed else None
    if portrait is None or not portrait.persons.any():
        return
    yield PageBreak()
    yield Heading(subject.say("report_residents"))
    yield Paragraph(subject.say("people_portrait_note", seed=SEED), "warning")
    for table in portrait_tables(portrait, resolved.city, subject.language):
        n_numbers = len(table.header) - 1
        rows = tuple((name_text(row[0]), *row[1:]) for row in table.rows)
        yield Table(table.header, rows, "l" + "r" * n_numbers, (3.0, *[1.6] * n_numbers), table.title)
