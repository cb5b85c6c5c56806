"""Chapter on need: what the diagnosis says of the villages, and which of those most in need the plan leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from app.diagnosis.card import left_out_table, most_in_need_table
from app.diagnosis.diagnosis_text import plan_lines, summary_lines
from app.people.portrait_tables import TextTable
from app.report.document import Block, Bullets, Heading, Paragraph, Table, name_text
from app.report.subject import Subject
from envs.diagnosis.answers import plan_answers
from envs.diagnosis.diagnosis import diagnose

MOST_VILLAGES = 15


def need(subject: Subject) -> Iterator[Block]:
    """By equal weights, as the page Diagnosis begins."""
    resolved, language = subject.tables.resolved, subject.language
    if not resolved.city.n_villages:
        return
    told = diagnose(resolved)
    answers = plan_answers(subject.tables.plan, told.weak, told.in_need)
    yield Heading(subject.say("report_need"))
    yield Bullets((*summary_lines(told, language), *plan_lines(told, answers, language)))
    left = left_out_table(told, answers, language)
    yield _table(left if left.rows else most_in_need_table(told, MOST_VILLAGES, language))
    if len(left.rows) > MOST_VILLAGES:
        yield Paragraph(subject.say("report_need_more", n=len(left.rows) - MOST_VILLAGES), "note")
    yield Paragraph(f"{subject.say('diagnosis_infrastructure')} {subject.say('diagnosis_note')}", "note")


def _table(table: TextTable) -> Table:
    rows = tuple((name_text(village), points, weak) for village, points, weak in table.rows[:MOST_VILLAGES])
    return Table(table.header, rows, "lrl", (3.0, 1.2, 6.0), table.title, small=True)
