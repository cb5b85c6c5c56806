"""Areas of the map: drawn on it, districts, a rectangle, a file of polygons; what they hold and their need."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.diagnosis.asked import AskedAreas, asked_areas
from app.diagnosis.card import areas_table
from app.diagnosis.frames import areas_frame
from app.web.documents.diagnosis_uploads import uploaded_areas
from app.web.sections.residents.text_tables import show_text_table
from app.web.sections.villages.village_map import forget_drawn_area
from app.web.shell.page_frame import csv_button, remember, remembered, show_refusal, visit_key
from app.web.shell.session import language, say
from data.arrays import FloatArray
from data.city import City
from data.diagnosis.map_files import drawn_area
from data.errors import InputError, refuse
from data.files.vector_files import READABLE_SUFFIXES
from envs.diagnosis.areas import Areas
from envs.diagnosis.diagnosis import AreaDiagnosis, Diagnosis, diagnose_areas

CORNERS = 4


def choose_areas(city: City, ring: FloatArray | None) -> Areas | None:
    """The areas that are asked about, however they are named; None for none.

    Args:
        city: the city.
        ring: corners of an area drawn on the map [m].
    """
    parts: list[Areas] = []
    with st.container(border=True):
        st.caption(say("areas_help"))
        districts = st.multiselect(
            say("areas_districts"),
            city.districts,
            default=[name for name in remembered("diagnosis_districts", []) if name in city.districts],
            key=visit_key("areas_districts"),
            placeholder=say("choose_some"),
        )
        remember("diagnosis_districts", districts)
        box = st.text_input(say("areas_box"), key=visit_key("areas_box"), placeholder="116.2, 39.8, 116.5, 40.0")
        types = [suffix.removeprefix(".") for suffix in READABLE_SUFFIXES]
        file = st.file_uploader(say("areas_file"), type=types, key=visit_key("areas_file"))
    try:
        asked = AskedAreas(districts=tuple(districts), box=_box(box) if box.strip() else None)
        named, _ = asked_areas(asked, city)
        parts += [] if named is None else [named]
        if file is not None:
            parts.append(uploaded_areas((file.name, file.getvalue()), city))
        if ring is not None:
            parts.append(Areas((say("areas_drawn"),), drawn_area(ring, city)))
    except InputError as error:
        show_refusal(error)
    if not parts:
        return None
    names = tuple(name for part in parts for name in part.names)
    return Areas(names, np.concatenate([part.shapes for part in parts]))


def _box(words: str) -> tuple[float, float, float, float]:
    try:
        corners = [float(word) for word in words.replace("，", ",").split(",")]
    except ValueError:
        corners = []
    if len(corners) != CORNERS:
        raise refuse("box_wrong")
    return corners[0], corners[1], corners[2], corners[3]


def show_areas(told: Diagnosis, areas: Areas | None, map_key: str) -> AreaDiagnosis | None:
    """What the areas hold; a drawn one may be given up."""
    if areas is None:
        return None
    found = diagnose_areas(told, areas)
    show_text_table(areas_table(found, language()))
    st.caption(say("areas_note"))
    with st.container(horizontal=True):
        csv_button(say("areas_download"), areas_frame(found), "areas.csv", "areas_download")
        if say("areas_drawn") in areas.names and st.button(say("areas_forget"), key=visit_key("areas_forget")):
            forget_drawn_area(map_key)
            st.rerun()
    return found
