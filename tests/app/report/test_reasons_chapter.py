"""The chapter on reasons has a map, sentences and sums of every objective, and says how far they can be trusted."""

from __future__ import annotations

from app.plans.tables import PlanTables
from app.reasons.attribution_tables import parts_table, trust_table
from app.reasons.attribution_words import largest, village_sentence
from app.reasons.explained import Explained
from app.report.chapters_reasons import N_TOLD, reasons
from app.report.document import Bullets, Gallery, Table
from app.report.subject import Subject
from envs.kernel.plans import empty_plan


def test_the_chapter_tells_the_largest_shares_and_the_sums(subject: Subject) -> None:
    explained = Explained(subject.tables.resolved, subject.tables.plan, subject.plan_id)
    blocks = tuple(reasons(subject))
    said = {item for block in blocks if isinstance(block, Bullets) for item in block.items}
    for name in explained.objectives:
        for village in largest(explained, name, N_TOLD):
            assert village_sentence(explained, name, village, subject.language) in said
    tables = [(block.caption, block.rows) for block in blocks if isinstance(block, Table)]
    wanted = [
        *(
            parts_table(explained, name, division, subject.language)
            for name in explained.objectives
            for division in ("district", "term")
        ),
        trust_table(explained, subject.language),
    ]
    assert tables == [(table.title, table.rows) for table in wanted]
    assert sum(isinstance(block, Gallery) for block in blocks) == len(explained.objectives)


def test_a_plan_that_renews_nothing_has_no_such_chapter(subject: Subject) -> None:
    resolved = subject.tables.resolved
    nothing = PlanTables(resolved, empty_plan(resolved.city.n_villages))
    assert not list(reasons(Subject(subject.run, subject.plan_id, nothing, subject.language)))
