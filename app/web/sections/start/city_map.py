"""The city as it is: its villages on the map by need, in one line, and how far its data are real."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import streamlit as st

from app.charts.village_map import VillageMap
from app.diagnosis.need_map import need_map
from app.diagnosis.need_words import headline
from app.files.names import plain
from app.web.sections.scenario_villages import village_labels
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_need import cached_need
from app.web.shell.page_frame import apart, visit_key
from app.web.shell.session import language, say
from app.words.city_name import city_name
from app.words.console import value_text
from data.city import City
from data.scenario_files import load_scenario
from envs.diagnosis.graded_need import GradedNeed

SETTING_OF = "balanced"
"""Preset by which the city is resolved; need is the same by all of them."""
MAP_PX = 430


@lru_cache(maxsize=8)
def _need_map(told: GradedNeed, lang: str) -> VillageMap:
    """The map, made once for each diagnosis."""
    return need_map(told, lang)


def show_badges(city: City) -> None:
    """Whether villages or other data are synthetic, and whether an import filled anything in."""
    if "villages" in city.synthetic:
        st.badge(say("start_badge_villages"), color="orange", help=say("start_badge_help"))
    elif city.synthetic:
        st.badge(say("start_badge_some", n=len(city.synthetic)), color="orange", help=say("start_badge_help"))
    if city.fills:
        st.badge(say("start_badge_filled", n=sum(fill.n_filled for fill in city.fills)), color="orange")


def show_city(city: City) -> None:
    """Map of need, and the village chosen on it."""
    villages = city.villages
    persons = float(villages.registered_residents.sum() + villages.tenants.sum())
    st.markdown(
        say(
            "start_city",
            city=plain(city_name(city.name, language())),
            n=city.n_villages,
            persons=value_text(persons, "persons", language()),
            tenants=value_text(float(villages.tenants.sum()), "persons", language()),
        )
    )
    if not city.n_villages:
        st.info(say("diagnosis_no_villages"))
        return
    told = cached_need(city, load_scenario(SETTING_OF))
    apart(lambda: _show_need(told))
    st.page_link("views/diagnosis.py", label=say("start_to_diagnosis"))


def _show_need(told: GradedNeed) -> None:
    """The map, and what is said of the village chosen on it."""
    shown, villages = _need_map(told, language()), told.city.villages
    alt = say("alt_map", title=shown.title)
    village = show_village_map(shown, key=visit_key("start_map"), alt=alt, height=MAP_PX)
    if village:
        position = int(np.flatnonzero(villages.village_id == village)[0])
        st.markdown(f"**{plain(village_labels(told.city)[village])}** · {headline(told, position, language())}")
    else:
        st.caption(say("diagnosis_choose"))
