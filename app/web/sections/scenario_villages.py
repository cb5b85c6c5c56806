"""Locking, forbidding and fixing villages, on the map or by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.colors import KEPT_COLOR
from app.charts.village_map import MapClass, VillageMap, city_ground
from app.web.documents.scenario_draft import Problem, with_statuses
from app.web.documents.workspace import Workspace
from app.web.sections.villages.village_map import show_choosing_map
from app.web.shell.session import say, spoken
from app.web.shell.session_draft import Draft, field_key, save_fields, show_problems
from data.arrays import TextArray
from data.city import City
from data.scenario import INTENSITIES, LAND_USES

STATUSES = ("free", "locked", "forbidden", "fixed")
_COLORS = {"free": KEPT_COLOR, "locked": "#0072B2", "forbidden": "#D55E00", "fixed": "#009E73"}


def village_labels(city: City) -> dict[str, str]:
    """Id -> id with name and district."""
    villages = city.villages
    return {
        str(village): f"{village} {villages.name[k]} ({city.districts[villages.district_idx[k]]})"
        for k, village in enumerate(villages.village_id.tolist())
    }


def selected_points(state: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - the event of a chart
    """Points selected on a chart."""
    return list((state or {}).get("selection", {}).get("points", []))


def show_villages(workspace: Workspace, draft: Draft, city: City, problems: Sequence[Problem]) -> Draft:
    """The map, the names, and what shall happen to those chosen."""
    st.caption(say("villages_help"))
    status = village_status(draft.content, city)
    shown_map = status_map(status, city)
    alt = say("alt_status_map", n=int((status != "free").sum()))
    picked = show_choosing_map(shown_map, key=field_key("village_map"), alt=alt)
    labels = village_labels(city)
    named = st.multiselect(
        say("villages_by_name"),
        list(labels),
        format_func=labels.__getitem__,
        key=field_key("village_names"),
        placeholder=say("choose_some"),
    )
    chosen = list(dict.fromkeys([*named, *picked]))
    st.markdown(say("villages_chosen", n=len(chosen)))
    decided = _decision(draft)
    with st.container(horizontal=True):
        for name in STATUSES:
            if st.button(say(f"make_{name}"), key=field_key(f"make_{name}"), disabled=not chosen):
                save_fields(workspace, draft, with_statuses(draft.content, chosen, name, decided))
                st.rerun()
    show_problems(problems, "locked", "forbidden", "fixed")
    _show_list(draft, city)
    return draft


def status_map(status: TextArray, city: City) -> VillageMap:
    """Villages by what was decided of them beforehand, shape (n_villages,)."""
    words = {name: say(f"status_{name}") for name in STATUSES}
    classes = [
        MapClass(f"{words[name]} ({int((status == name).sum()):,})", _COLORS[name], status == name) for name in STATUSES
    ]
    return VillageMap(city_ground(city), classes, say("column_status"), [words[name] for name in status])


def _decision(draft: Draft) -> dict[str, Any]:
    """The decision that "fix" writes."""
    content = draft.content
    with st.expander(say("fix_decision")), st.container(horizontal=True):
        year = st.number_input(say("column_start_year"), 0, int(content["plan_years"]), 1, 1, key=field_key("fix_year"))
        intensity = st.selectbox(
            say("column_intensity"),
            [str(word) for word in INTENSITIES],
            key=field_key("fix_intensity"),
            format_func=spoken("word_"),
        )
        land_use = st.selectbox(
            say("column_land_use"),
            [str(word) for word in LAND_USES],
            key=field_key("fix_land_use"),
            format_func=spoken("word_"),
        )
        far = st.number_input(say("column_floor_area_ratio"), 0.0, 20.0, 2.0, 0.1, key=field_key("fix_far"))
        ratio = st.number_input(say("column_facility_ratio"), 0.0, 1.0, 0.1, 0.01, key=field_key("fix_facility"))
    return {
        "start_year": int(year),
        "intensity": intensity,
        "land_use": land_use,
        "floor_area_ratio": float(far),
        "facility_ratio": float(ratio),
    }


def village_status(content: dict[str, Any], city: City) -> TextArray:
    """Status of each village, shape (n_villages,)."""
    ids = city.villages.village_id
    status = np.full(city.n_villages, "free", dtype=f"<U{max(map(len, STATUSES))}")
    for name in ("locked", "forbidden", "fixed"):
        status[np.isin(ids, list(content.get(name, ())))] = name
    return status


def _show_list(draft: Draft, city: City) -> None:
    status = village_status(draft.content, city)
    chosen = np.flatnonzero(status != "free")
    if len(chosen) == 0:
        return
    villages, fixed = city.villages, draft.content.get("fixed", {})
    rows = [
        {
            say("column_village"): str(villages.village_id[k]),
            say("column_name"): str(villages.name[k]),
            say("column_district"): city.districts[villages.district_idx[k]],
            say("column_status"): say(f"status_{status[k]}"),
            say("column_start_year"): fixed.get(str(villages.village_id[k]), {}).get("start_year"),
        }
        for k in chosen
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="", alt=say("villages_decided", n=len(rows)))
