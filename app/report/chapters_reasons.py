"""Chapter on the reasons of the plan: the largest shares of each objective, sums, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Iterator

from app.people.portrait_tables import TextTable
from app.reasons.attribution_map import attribution_map
from app.reasons.attribution_tables import parts_table, trust_table
from app.reasons.attribution_words import (
    completeness_sentence,
    label,
    largest,
    not_shared_sentences,
    shapley_sentences,
    trust_sentences,
    village_sentence,
)
from app.reasons.explained import Explained
from app.report.chapters_plan import map_keys, map_picture
from app.report.document import Block, Bullets, Gallery, Heading, PageBreak, Paragraph, Table, name_text
from app.report.subject import Subject

N_TOLD = 5
"""Villages of each objective that are told in a sentence."""
DIVISIONS = ("district", "term")
FIRST_WIDTH, NUMBER_WIDTH = 3.0, 1.4


def reasons(subject: Subject) -> Iterator[Block]:
    """What villages contribute to each objective, on a map and in sentences."""
    tables, language = subject.tables, subject.language
    if not len(tables.renewed_idx):
        return
    explained = Explained(tables.resolved, tables.plan, subject.plan_id)
    yield PageBreak()
    yield Heading(subject.say("report_reasons"))
    yield Paragraph(subject.say("explain_note"), "warning")
    for name in explained.objective_shares:
        yield Heading(label(name, language), 2)
        shown = attribution_map(explained, name, language)
        yield Gallery((map_picture(shown, name_text(shown.title)),), 1, tuple(map_keys(shown)))
        sentences = (
            village_sentence(explained, name, village, language) for village in largest(explained, name, N_TOLD)
        )
        yield Bullets(tuple(sentences))
        for division in DIVISIONS:
            yield _table(parts_table(explained, name, division, language))
    yield Heading(subject.say("reasons_trust_title"), 2)
    yield _table(trust_table(explained, language))
    yield Bullets(
        (
            *trust_sentences(explained, language),
            *shapley_sentences(explained, language),
            completeness_sentence(explained, language),
            *not_shared_sentences(explained, language),
        )
    )
    yield Paragraph(subject.say("reasons_trust_note"), "note")


def _table(table: TextTable) -> Table:
    n_numbers = len(table.header) - 1
    rows = tuple((name_text(row[0]), *row[1:]) for row in table.rows)
    widths = (FIRST_WIDTH, *[NUMBER_WIDTH] * n_numbers)
    return Table(table.header, rows, "l" + "r" * n_numbers, widths, table.title, small=True)
