"""The portrait of a village: its residents, drawn one by one and counted."""

from __future__ import annotations

import streamlit as st

from app.people.portrait_tables import SEED, portrait_tables
from app.plans.tables import PlanTables
from app.web.documents.plan_edits import village_idx
from app.web.figures.charts_people import ages_figure
from app.web.sections.residents.text_tables import show_text_table
from app.web.sections.scenario_villages import village_labels
from app.web.shell.cached_people import cached_diaries, cached_portrait
from app.web.shell.page_frame import remember, remembered, show_chart, visit_key
from app.web.shell.session import language, say


def show_residents(tables: PlanTables) -> None:
    """Choose a village; who lives there before anything begins, and where they work."""
    city = tables.resolved.city
    labels = village_labels(city)
    village = _choose(tables, labels)
    st.caption(say("people_portrait_note", seed=SEED))
    portrait = cached_portrait(tables.resolved, village_idx(city, village))
    n_persons = int(portrait.persons.sum())
    if not n_persons:
        st.info(say("people_nobody"))
        return
    groups, *others = portrait_tables(portrait, city, language())
    show_text_table(groups)
    show_chart(
        ages_figure(portrait, language()),
        key=visit_key("residents", village),
        alt=say("alt_residents", n=f"{n_persons:,}", village=labels[village]),
    )
    left, right = st.columns(2)
    for k, table in enumerate(others):
        with (left, right)[k % 2]:
            show_text_table(table)
    _show_diaries(tables, village_idx(city, village))


def _show_diaries(tables: PlanTables, village: int) -> None:
    """A working day of some of them, trip by trip."""
    st.markdown(f"**{say('day_diaries')}**")
    st.caption(say("day_diaries_note", seed=SEED))
    columns = st.columns(2)
    for k, table in enumerate(cached_diaries(tables.resolved, village, language())):
        with columns[k % 2]:
            show_text_table(table)


def _choose(tables: PlanTables, labels: dict[str, str]) -> str:
    """A village of the city; at first the one chosen on a map, else one that the plan renews."""
    ids = list(labels)
    renewed = tables.renewed_idx.tolist()
    first = ids[renewed[0]] if renewed else ids[0]
    start = chosen if (chosen := remembered("village", "")) in labels else first
    village = st.selectbox(
        say("column_village"),
        ids,
        index=ids.index(start),
        format_func=labels.__getitem__,
        key=visit_key("residents_village", start),
    )
    remember("village", village)
    return str(village)
