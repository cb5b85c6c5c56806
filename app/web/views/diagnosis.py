"""Page Diagnosis: the city as it is, before any plan."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import streamlit as st

from app.diagnosis.asked import CityDiagnosis
from app.diagnosis.card import answers_table, most_in_need_table
from app.diagnosis.diagnosis_folder import MAP_FILE, write_geopackage
from app.diagnosis.diagnosis_text import cases_line, summary_lines
from app.diagnosis.frames import areas_frame, villages_frame
from app.files.names import plain
from app.plans.recommendation import scenario_label
from app.web.documents.diagnosis_uploads import uploaded_cases
from app.web.documents.workspace import Workspace, city_label
from app.web.sections.diagnosis.areas_section import choose_areas, show_areas
from app.web.sections.diagnosis.need_section import MAP_KEY, show_card, show_need_map
from app.web.sections.diagnosis.plan_need import CHOSEN
from app.web.sections.diagnosis.to_scenario import show_to_scenario
from app.web.sections.diagnosis.weights_form import choose_weights, show_weights
from app.web.sections.residents.text_tables import show_text_table
from app.web.shell.cached_city import cached_city
from app.web.shell.cached_data import cached_resolved_scenario
from app.web.shell.cached_diagnosis import cached_diagnosis, cached_likeness
from app.web.shell.page_frame import (
    csv_button,
    open_workspace,
    remember,
    remembered,
    remembered_choice,
    show_notes,
    show_refusal,
    visit_key,
)
from app.web.shell.session import language, say, spoken
from app.web.shell.session_draft import Draft, usable_scenario
from app.words.city_name import city_name
from data.arrays import FloatArray
from data.diagnosis.cases import Case, documented_cases
from data.errors import InputError
from envs.diagnosis.diagnosis import Diagnosis, DiagnosisSetting
from envs.diagnosis.grades import GRADINGS, LEAST_GRADES, MOST_GRADES, N_GRADES

MOST_VILLAGES_SHOWN = 20


def choose_setting() -> DiagnosisSetting | None:
    """Weights and grades."""
    with st.container(border=True):
        choice = choose_weights()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            grading = remembered_choice(
                "diagnosis_grading",
                say("diagnosis_grading"),
                GRADINGS,
                spoken("diagnosis_grading_"),
                key=visit_key("diagnosis_grading"),
            )
            n_grades = st.number_input(
                say("diagnosis_grades"),
                LEAST_GRADES,
                MOST_GRADES,
                int(remembered("diagnosis_n_grades", N_GRADES)),
                1,
                key=visit_key("diagnosis_grades"),
            )
            remember("diagnosis_n_grades", int(n_grades))
    if choice is None:
        return None
    return DiagnosisSetting(choice, next(name for name in GRADINGS if name == grading), int(n_grades))


def choose_cases() -> tuple[Case, ...]:
    """Cases of the house, and the planner's own."""
    file = st.file_uploader(
        say("diagnosis_cases_file"), type=["csv"], key=visit_key("diagnosis_cases"), help=say("diagnosis_cases_help")
    )
    if file is None:
        return documented_cases()
    try:
        return uploaded_cases((file.name, file.getvalue()))
    except InputError as error:
        show_refusal(error)
        return documented_cases()


def show_files(told: CityDiagnosis) -> None:
    """The villages as a table, and on a map for QGIS."""
    with st.container(horizontal=True):
        frame = villages_frame(told.villages)
        csv_button(say("diagnosis_download"), frame, "diagnosis_villages.csv", "diagnosis_download")
        st.download_button(
            say("diagnosis_download_map"),
            lambda: _geopackage(told),
            MAP_FILE,
            "application/geopackage+sqlite3",
            key=visit_key("diagnosis_map_file"),
            on_click="ignore",
        )


def _geopackage(told: CityDiagnosis) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / MAP_FILE
        frames = {"villages": villages_frame(told.villages)}
        if told.areas is not None:
            frames["areas"] = areas_frame(told.areas)
        write_geopackage(path, told, frames)
        return path.read_bytes()


def show_diagnosis(workspace: Workspace, draft: Draft, told: Diagnosis) -> None:
    """Map, card, areas, what is weak where, files."""
    drawn = remembered(f"ring:{MAP_KEY}", None)
    for line in summary_lines(told, language()):
        st.markdown(line)
    place = st.container()
    areas_place = st.expander(say("diagnosis_areas"), expanded=drawn is not None)
    with areas_place:
        areas = choose_areas(told.city, _ring(drawn))
        found = show_areas(told, areas, MAP_KEY)
    with place:
        village, ring = show_need_map(told, areas)
    if ring is not None and (drawn is None or ring.tolist() != drawn):
        st.rerun()
    cases_place = st.container()
    with st.expander(say("diagnosis_cases_title")):
        cases = choose_cases()
        likeness = cached_likeness(told.resolved, cases)
        whole = CityDiagnosis(told, cases, likeness, areas=found)
        st.caption(cases_line(whole, language()))
    with cases_place:
        show_card(told, village, cases)
    show_text_table(most_in_need_table(told, MOST_VILLAGES_SHOWN, language()))
    show_to_scenario(workspace, draft, told)
    with st.expander(say("diagnosis_table_answers")):
        show_text_table(answers_table(told, range(told.city.n_villages), language()))
    with st.expander(say("diagnosis_table_weights")):
        show_weights(told)
    show_files(whole)


def _ring(corners: list[list[float]] | None) -> FloatArray | None:
    return None if corners is None else np.array(corners, dtype=np.float64)


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_diagnosis"))
    st.markdown(say("diagnosis_intro"))
    usable = usable_scenario(workspace)
    if usable is None:
        return
    draft, scenario = usable
    called = scenario_label(scenario.name, language())
    where = city_name(city_label(draft.city), language())
    st.caption(say("diagnosis_of", city=plain(where), scenario=plain(called)))
    with st.spinner(say("reading_city")):
        city = cached_city(draft.city)
        resolved = cached_resolved_scenario(scenario, city)
    if not city.n_villages:
        st.info(say("diagnosis_no_villages"))
        return
    setting = choose_setting()
    if setting is not None:
        try:
            told = cached_diagnosis(resolved, setting)
            remember(CHOSEN, setting)
            show_diagnosis(workspace, draft, told)
        except InputError as error:
            show_refusal(error)
    st.caption(say("diagnosis_infrastructure"))
    st.caption(say("diagnosis_note"))
    show_notes(city)


show()
