"""The map of need, one condition or the density of points; below it the card of the village that is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from app.charts.village_map import VillageMap
from app.diagnosis.asked import POINT_LAYERS, AskedDensity, city_points, density_at_places, points_label
from app.diagnosis.card import answers_table, card_table, cases_table
from app.diagnosis.need_map import condition_map, density_map, need_map
from app.diagnosis.need_words import headline
from app.files.names import plain
from app.web.documents.diagnosis_uploads import uploaded_points
from app.web.sections.residents.text_tables import show_text_table
from app.web.sections.scenario_villages import village_labels
from app.web.sections.villages.village_map import show_drawing_map
from app.web.shell.cached_diagnosis import cached_likeness
from app.web.shell.page_frame import remember, remembered, show_refusal, visit_key
from app.web.shell.session import language, say, spoken
from data.arrays import FloatArray
from data.diagnosis.cases import Case
from data.errors import InputError
from data.files.vector_files import READABLE_SUFFIXES
from envs.diagnosis.areas import Areas
from envs.diagnosis.condition import NAMES
from envs.diagnosis.diagnosis import Diagnosis
from envs.diagnosis.kernel_density import KERNELS

NEED, DENSITY, OWN_POINTS = "need", "density", "own"
MAP_KEY = "diagnosis_map"
LEAST_BANDWIDTH_M, MOST_BANDWIDTH_M = 100, 20_000


def show_need_map(told: Diagnosis, areas: Areas | None) -> tuple[str, FloatArray | None]:
    """The map; the village chosen on it, and the corners of an area drawn on it."""
    coloring = _coloring()
    shown = _density_map(told) if coloring == DENSITY else _village_map(told, coloring, areas)
    return show_drawing_map(shown, key=MAP_KEY, alt=say("alt_map", title=shown.title))


def _coloring() -> str:
    options = (NEED, *NAMES, DENSITY)
    words = {NEED: say("diagnosis_color_need"), DENSITY: say("diagnosis_color_density")}
    words |= {name: say(f"condition_{name}") for name in NAMES}
    chosen = st.selectbox(
        say("diagnosis_coloring"),
        options,
        index=options.index(remembered("diagnosis_coloring", NEED)),
        format_func=words.__getitem__,
        key=visit_key("diagnosis_coloring"),
    )
    remember("diagnosis_coloring", chosen)
    return str(chosen)


def _village_map(told: Diagnosis, coloring: str, areas: Areas | None) -> VillageMap:
    if coloring == NEED:
        return need_map(told, language(), areas=areas)
    return condition_map(told, NAMES.index(coloring), language(), areas=areas)


def _density_map(told: Diagnosis) -> VillageMap:
    """Which points, which kernel, how wide; the map."""
    usual = told.resolved.book.number("diagnosis.kernel_bandwidth_m")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layers = (*POINT_LAYERS, OWN_POINTS)
        layer = st.selectbox(
            say("diagnosis_points"), layers, format_func=spoken("points_"), key=visit_key("diagnosis_points")
        )
        kernel = st.selectbox(
            say("diagnosis_kernel"), KERNELS, format_func=spoken("kernel_"), key=visit_key("diagnosis_kernel")
        )
        bandwidth = st.number_input(
            say("diagnosis_bandwidth"),
            LEAST_BANDWIDTH_M,
            MOST_BANDWIDTH_M,
            int(usual),
            100,
            key=visit_key("diagnosis_bandwidth"),
        )
    found = _own_points(told) if layer == OWN_POINTS else (city_points(str(layer), told.city), str(layer))
    if found is None:
        return need_map(told, language())
    points_m, name = found
    asked = AskedDensity(name, kernel, float(bandwidth))
    by_place = density_at_places(points_m, asked, told.resolved).by_place
    st.caption(say("density_note"))
    city, setting = told.city, told.setting
    return density_map(
        by_place[city.n_zones :],
        points_m,
        points_label(name, language()),
        city,
        language(),
        grading=setting.grading,
        n_grades=setting.n_grades,
    )


def _own_points(told: Diagnosis) -> tuple[FloatArray, str] | None:
    """Points of a file, and its name; None until there is one that can be read."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        types = [suffix.removeprefix(".") for suffix in READABLE_SUFFIXES]
        file = st.file_uploader(say("diagnosis_points_file"), type=types, key=visit_key("diagnosis_points_file"))
        crs = st.text_input(say("diagnosis_points_crs"), "EPSG:4326", key=visit_key("diagnosis_points_crs"))
    if file is None:
        return None
    try:
        return uploaded_points((file.name, file.getvalue()), told.city, crs.strip()), file.name
    except InputError as error:
        show_refusal(error)
        return None


def show_card(told: Diagnosis, village: str, cases: tuple[Case, ...]) -> None:
    """The portrait card of the village that is chosen."""
    if not village:
        st.caption(say("diagnosis_choose"))
        return
    position = int(np.flatnonzero(told.city.villages.village_id == village)[0])
    st.subheader(plain(village_labels(told.city)[village]))
    st.markdown(headline(told, position, language()))
    show_text_table(card_table(told, position, language()))
    answers = answers_table(told, [position], language())
    if answers.rows:
        names = (0, 2, 3, 4)  # how many villages are weak says nothing of one
        show_text_table(
            replace(
                answers,
                header=tuple(answers.header[k] for k in names),
                rows=tuple(tuple(row[k] for k in names) for row in answers.rows),
            )
        )
    else:
        st.caption(say("diagnosis_nothing_weak"))
    show_text_table(cases_table(cases, cached_likeness(told.resolved, cases), position, language()))
    st.caption(say("diagnosis_cases_note"))
