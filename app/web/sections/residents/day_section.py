"""A day of all residents: zones by persons present hour by hour, before and after the plan, and their trips."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.people.day_map import STATES, day_map, zone_persons
from app.people.day_of_plan import PlanDay
from app.people.day_tables import day_tables, letters_text
from app.plans.tables import PlanTables
from app.web.figures.charts_people import away_figure, zone_figure
from app.web.sections.residents.text_tables import choose_year, show_text_table
from app.web.sections.villages.village_map import show_zone_map
from app.web.shell.cached_people import cached_day
from app.web.shell.page_frame import remembered_choice, show_chart, visit_key
from app.web.shell.session import language, say, spoken

MAP_PX = 440


def show_day(tables: PlanTables) -> None:
    """The map that plays the hours, a zone's own day, and tables of trips."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with right:
        year = choose_year(tables, "day")
    with left:
        state = remembered_choice(
            "day_state", say("day_state"), STATES, spoken("day_state_"), key=visit_key("day_state"), heading=True
        )
    shown = cached_day(tables, year)
    shown_map = day_map(shown, state, language())
    zone = show_zone_map(shown_map, key=visit_key("day_map"), alt=say("alt_map", title=shown_map.title), height=MAP_PX)
    left, right = st.columns(2)
    with left:
        _show_zone(shown, zone)
    with right:
        st.markdown(f"**{say('day_away')}**")
        show_chart(away_figure(shown, language()), key=visit_key("day_away", year), alt=say("day_away"))
    for table in day_tables(shown, language()):
        show_text_table(table)
    st.caption(f"{say('day_note')} {letters_text(shown.resolved.book, language())}")


def _show_zone(shown: PlanDay, zone: str) -> None:
    """The hours of the zone that is chosen on the map."""
    if not zone:
        st.caption(say("day_choose_zone"))
        return
    city = shown.resolved.city
    position = city.zones.zone_id.tolist().index(zone)
    name = f"{zone} {city.zones.name[position]}".strip()
    st.markdown(f"**{plain(name)}** · {plain(city.districts[int(city.zones.district_idx[position])])}")
    persons = {state: zone_persons(city, day.present)[position] for state, day in shown.states.items()}
    show_chart(
        zone_figure(persons, language()), key=visit_key("day_zone", zone), alt=say("day_alt_zone", zone=plain(name))
    )
