"""Chapter on a day of all residents: where the plan moves them at night and by day, and the trips they make."""

from __future__ import annotations

from collections.abc import Iterator

from app.people.day_map import FIRST_HOUR, NIGHT_HOUR, day_map
from app.people.day_of_plan import plan_day
from app.people.day_tables import day_tables, letters_text
from app.report.chapters_plan import map_keys, map_picture
from app.report.document import Block, Gallery, Heading, PageBreak, Paragraph, Table
from app.report.subject import Subject

WIDTHS = (2.2, 2.2, 1.5, 2.0, 2.0)


def day(subject: Subject) -> Iterator[Block]:
    """Today and the last year of the plan."""
    resolved = subject.tables.resolved
    shown = plan_day(resolved, subject.tables.plan)
    maps = [day_map(shown, "change", subject.language, hour=hour) for hour in (NIGHT_HOUR, FIRST_HOUR)]
    yield PageBreak()
    yield Heading(subject.say("report_day"))
    note = f"{subject.say('day_note')} {letters_text(resolved.book, subject.language)}"
    yield Paragraph(note, "warning")
    pictures = [map_picture(each, f"{hour:02d}:00") for each, hour in zip(maps, (NIGHT_HOUR, FIRST_HOUR), strict=True)]
    yield Paragraph(maps[0].title)
    yield Gallery(tuple(pictures), 2, map_keys(maps[0]))
    for table in day_tables(shown, subject.language):
        yield Table(table.header, table.rows, "lrrrr", WIDTHS, table.title, small=True)
