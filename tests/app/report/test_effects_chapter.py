"""The chapter on gains and losses has the tables of the command, the letter of confidence, and the movers' maps."""

from __future__ import annotations

from app.people.effects_hidden import hidden_losses
from app.people.effects_map import district_movers
from app.people.effects_of_plan import plan_effects
from app.people.effects_text import effects_tables
from app.plans.tables import PlanTables
from app.report.chapters_effects import MOST_MAPS, gains
from app.report.document import Gallery, Paragraph, Table
from app.report.subject import Subject
from envs.kernel.plans import empty_plan


def test_the_chapter_tells_what_was_counted(subject: Subject) -> None:
    resolved = subject.tables.resolved
    effects = plan_effects(resolved, subject.tables.plan, subject.plan_id).effects
    blocks = tuple(gains(subject))
    tables = [block for block in blocks if isinstance(block, Table)]
    wanted = effects_tables(effects, resolved.city, subject.language)
    assert [(table.caption, table.header, table.rows) for table in tables] == [
        (table.title, table.header, table.rows) for table in wanted.values()
    ]
    assert all("E" in table.caption for table in tables)
    said = [block.text for block in blocks if isinstance(block, Paragraph)]
    assert set(hidden_losses(effects, resolved.city, subject.language)) <= set(said)
    (gallery,) = (block for block in blocks if isinstance(block, Gallery))
    n_left = int((district_movers(effects.flows, resolved.city) > 0.0).sum())
    assert len(gallery.pictures) == min(MOST_MAPS, n_left)


def test_a_plan_that_renews_nothing_has_no_such_chapter(subject: Subject) -> None:
    resolved = subject.tables.resolved
    nothing = PlanTables(resolved, empty_plan(resolved.city.n_villages))
    assert not list(gains(Subject(subject.run, subject.plan_id, nothing, subject.language)))
