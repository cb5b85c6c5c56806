"""Who gains and who loses: efficiency, equity and care side by side, by part of the people; rents; movers."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.people.effects_hidden import hidden_losses
from app.people.effects_map import district_movers, flows_map
from app.people.effects_of_plan import estimates_behind
from app.people.effects_parts import DIVISIONS, named_parts, renting_parts
from app.people.effects_text import effects_letters, effects_tables, three_sides, types_text, worst_off_text
from app.people.portrait_tables import SEED
from app.plans.tables import PlanTables
from app.web.figures.charts_effects import burden_figure, shares_figure
from app.web.sections.residents.text_tables import choose_year, show_text_table
from app.web.sections.villages.village_map import show_zone_map
from app.web.shell.cached_people import cached_effects
from app.web.shell.page_frame import guarded, remember, remembered, remembered_choice, show_chart, visit_key
from app.web.shell.session import language, say, spoken
from envs.kernel.wellbeing import care_excess, values_of
from envs.people.effects.effects import Effects

AT_ONCE_PERSONS = 200_000
"""Residents of villages up to whom counting takes no longer than a page may."""
MOST_STRENGTH, STRENGTH_STEP = 3.0, 0.1
MAP_PX = 480


def show_gains(tables: PlanTables) -> None:
    """Count once, at once or when asked to; then show everything."""
    city = tables.resolved.city
    n_persons = float(city.villages.registered_residents.sum() + city.villages.tenants.sum())
    if not n_persons:
        st.info(say("effects_nobody"))
        return
    year = choose_year(tables, "gains")
    asked = f"effects:{tables.resolved.digest}"
    if n_persons > AT_ONCE_PERSONS and not remembered(asked, otherwise=False):
        st.caption(say("effects_count_note", n=n_persons))
        if not st.button(say("effects_count"), type="primary", key=visit_key("effects_count")):
            return
        remember(asked, value=True)
        st.rerun()
    with st.spinner(say("effects_counting"), show_time=True):
        counted = cached_effects(tables, year)
    effects = counted.effects
    if hidden := hidden_losses(effects, city, language()):
        said = "\n".join(f"- {plain(sentence)}" for sentence in hidden)
        st.warning(said.replace(" %", "\N{NO-BREAK SPACE}%"))
    st.fragment(guarded(lambda: _show_sides(effects, tables)))()
    _show_rents(effects, tables)
    _show_movers(effects, tables)
    _show_basis(effects, tables, counted.seconds)


def _show_sides(effects: Effects, tables: PlanTables) -> None:
    """Three numbers, what care weighs, and the same by part of the people; nothing is counted again."""
    strength = st.slider(
        say("effects_strength"), 0.0, MOST_STRENGTH, 1.0, STRENGTH_STEP, key=visit_key("effects_strength")
    )
    residents, book = effects.residents, tables.resolved.book
    values = {
        "efficiency": residents.mean_cny_per_yr,
        "equity": residents.worst_tenth_cny_per_yr,
        "care": residents.care_cny_per_yr(strength),
    }
    sentences = three_sides(effects, language(), strength)
    for column, (side, value), sentence in zip(st.columns(3), values.items(), sentences, strict=True):
        with column:
            st.metric(say(f"effects_side_{side}"), say("effects_side_value", value=float(value[0])), border=True)
            st.caption(sentence)
    elderly, low_income, disabled = (1.0 + strength * excess for excess in care_excess(book))
    st.caption(say("effects_strength_note", elderly=elderly, low_income=low_income, disabled=disabled))
    division = remembered_choice(
        "effects_division",
        say("effects_division"),
        DIVISIONS,
        spoken("effects_division_"),
        key=visit_key("effects_division"),
    )
    table = effects_tables(effects, tables.resolved.city, language(), strength)[division]
    blocks = named_parts(effects, tables.resolved.city, language())[division]
    show_text_table(table)
    show_chart(shares_figure(blocks, language()), key=visit_key("effects_shares", division), alt=table.title)
    st.caption(say("effects_threshold", threshold=values_of(book).threshold_cny_per_yr))


def _show_rents(effects: Effects, tables: PlanTables) -> None:
    told = effects_tables(effects, tables.resolved.city, language())
    blocks = renting_parts(named_parts(effects, tables.resolved.city, language()))
    st.markdown(f"**{say('effects_rents')}**")
    show_chart(burden_figure(blocks, language()), key=visit_key("effects_burden"), alt=say("effects_rents"))
    for name in ("rents", "moves"):
        if name in told:
            show_text_table(told[name])


def _show_movers(effects: Effects, tables: PlanTables) -> None:
    """The map of one district's movers, at first that of the village chosen on a map, else of most of them."""
    city = tables.resolved.city
    persons = district_movers(effects.flows, city)
    st.markdown(f"**{say('effects_movers')}**")
    left = [k for k in persons.argsort()[::-1].tolist() if persons[k] > 0.0]
    if not left:
        st.caption(say("effects_nobody_moved"))
        return
    chosen = city.villages.district_idx[city.villages.village_id == remembered("village", "")].tolist()
    start = chosen[0] if chosen and chosen[0] in left else left[0]
    named = {k: say("effects_movers_district", district=city.districts[k], n=persons[k]) for k in left}
    district = st.selectbox(
        say("effects_movers_of"),
        left,
        index=left.index(start),
        format_func=named.__getitem__,
        key=visit_key("effects_district", start),
    )
    shown = flows_map(effects.flows, city, district, language())
    alt = say("alt_map", title=shown.title)
    zone = show_zone_map(shown, key=visit_key("effects_map"), alt=alt, height=MAP_PX)
    if zone:
        position = city.zones.zone_id.tolist().index(zone)
        name = plain(f"{zone} {city.zones.name[position]}".strip())
        where = plain(city.districts[int(city.zones.district_idx[position])])
        st.markdown(say("effects_gone_to", zone=name, district=where, said=shown.lines[position]))
    show_text_table(effects_tables(effects, city, language())["flows"])


def _show_basis(effects: Effects, tables: PlanTables, seconds: float) -> None:
    """How it was counted, and how sure it is."""
    book = tables.resolved.book
    counted = say("effects_counted", year=effects.year, n=effects.n_households, seed=SEED, seconds=seconds)
    notes = (worst_off_text(effects, language()), types_text(effects, language()), counted, say("effects_note"))
    for note in (*notes, effects_letters(book, language()), say("people_synthetic")):
        st.caption(note)
    keys, _ = estimates_behind(book)
    with st.expander(say("effects_estimates", n=len(keys))):
        label = "label_zh" if language() == "zh" else "label_en"
        st.markdown("\n".join(f"- {plain(getattr(book[key], label))} ({plain(book[key].value_text)})" for key in keys))
