"""Chapter on who gains and who loses by the plan: efficiency, equity and care, parts of the people, rents, movers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from app.charts.colors import FLOW_COLOR
from app.people.effects_hidden import hidden_losses
from app.people.effects_map import district_movers, flows_map, movers_of
from app.people.effects_of_plan import PlanEffects, plan_effects
from app.people.effects_text import effects_letters, effects_tables, three_sides, types_text, worst_off_text
from app.people.portrait_tables import SEED, TextTable
from app.report.chapters_plan import map_keys, map_picture
from app.report.document import Block, Bullets, Gallery, Heading, Key, PageBreak, Paragraph, Table, name_text
from app.report.subject import Subject

MOST_MAPS = 2
FIRST_WIDTH, NUMBER_WIDTH = 3.0, 1.4


def gains(subject: Subject) -> Iterator[Block]:
    """In the last year of the plan, counted on drawn residents."""
    tables = subject.tables
    villages = tables.resolved.city.villages
    if not len(tables.renewed_idx) or not (villages.registered_residents + villages.tenants).any():
        return
    shown = plan_effects(tables.resolved, tables.plan, subject.plan_id, seed=SEED)
    effects, city, language = shown.effects, shown.model.city, subject.language
    yield PageBreak()
    yield Heading(subject.say("report_gains"))
    yield Paragraph(f"{subject.say('effects_note')} {effects_letters(shown.model.book, language)}", "warning")
    yield Bullets(three_sides(effects, language))
    for sentence in hidden_losses(effects, city, language):
        yield Paragraph(sentence, "warning")
    told = effects_tables(effects, city, language)
    flows = told.pop("flows", None)
    for table in told.values():
        yield _table(table, 1)
    yield Paragraph(worst_off_text(effects, language))
    yield from _movers(shown, subject)
    if flows is not None:
        yield _table(flows, 2)
    plan_id, n = name_text(shown.plan_id), effects.n_households
    yield Paragraph(types_text(effects, language), "note")
    yield Paragraph(subject.say("effects_headline", plan=plan_id, year=effects.year, n=n, seed=SEED), "note")


def _movers(shown: PlanEffects, subject: Subject) -> Iterator[Block]:
    """Maps of the districts out of which most moved."""
    flows, city = shown.effects.flows, shown.model.city
    persons = district_movers(flows, city)
    most = [k for k in np.argsort(-persons, kind="stable")[:MOST_MAPS].tolist() if persons[k] > 0.0]
    if not most:
        return
    darkest = max(float(movers_of(flows, city, k).persons.max()) for k in most)
    maps = [flows_map(flows, city, k, subject.language, darkest=darkest) for k in most]
    yield Paragraph(subject.say("effects_movers"))
    lines = Key("─", FLOW_COLOR, subject.say("effects_map_lines"))
    yield Gallery(tuple(map_picture(each, name_text(each.title)) for each in maps), 2, (*map_keys(maps[0]), lines))
    for each in maps:
        yield Paragraph(each.note, "note")


def _table(table: TextTable, n_names: int) -> Table:
    n_numbers = len(table.header) - n_names
    rows = tuple((*(name_text(cell) for cell in row[:n_names]), *row[n_names:]) for row in table.rows)
    widths = (*[FIRST_WIDTH] * n_names, *[NUMBER_WIDTH] * n_numbers)
    return Table(table.header, rows, "l" * n_names + "r" * n_numbers, widths, table.title, small=True)
