"""Locking, forbidding and fixing villages, on the map or by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.files.names import chart_text
from app.web.documents.scenario_draft import Problem, with_statuses
from app.web.documents.workspace import Workspace
from app.web.figures.map_figure import KEPT_COLOR, MapClass, map_figure
from app.web.shell.page_frame import show_chart
from app.web.shell.session import say, spoken
from app.web.shell.session_draft import Draft, field_key, save_fields, show_problems
from data.city import City
from data.scenario import INTENSITIES, LAND_USES

STATUSES = ("free", "locked", "forbidden", "fixed")
_LOOK = {
    "free": (KEPT_COLOR, "circle", 6.0),
    "locked": ("#0072B2", "square", 10.0),
    "forbidden": ("#D55E00", "x", 9.0),
    "fixed": ("#009E73", "diamond", 10.0),
}


def village_labels(city: City) -> dict[str, str]:
    """Id -> id with name and district."""
    villages = city.villages
    return {
        str(village): f"{village} {villages.name[k]} ({city.districts[villages.district_idx[k]]})"
        for k, village in enumerate(villages.village_id.tolist())
    }


def village_hover(city: City) -> tuple[str, ...]:
    """One text per village for charts."""
    return _hover(city.digest, city)


@lru_cache(maxsize=4)
def _hover(digest: str, city: City) -> tuple[str, ...]:
    del digest
    return tuple(chart_text(label) for label in village_labels(city).values())


def selected_points(state: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - the event of a chart
    """Points selected on a chart."""
    return list((state or {}).get("selection", {}).get("points", []))


def selected_villages(state: Any) -> list[str]:  # noqa: ANN401 - the event of a chart
    """Ids of the villages selected on a map."""
    points = selected_points(state)
    return list(dict.fromkeys(str(point["customdata"]) for point in points if point.get("customdata")))


def show_villages(workspace: Workspace, draft: Draft, city: City, problems: Sequence[Problem]) -> Draft:
    """The map, the names, and what shall happen to those chosen."""
    st.caption(say("villages_help"))
    status = village_status(draft.content, city)
    classes = [
        MapClass(f"{say('status_' + name)} ({int((status == name).sum())})", color, status == name, symbol, size)
        for name, (color, symbol, size) in _LOOK.items()
    ]
    figure = map_figure(city, classes, village_hover(city))
    figure.update_layout(dragmode="lasso")
    event = show_chart(
        figure,
        key=field_key("village_map"),
        tools=True,
        on_select="rerun",
        selection_mode=("points", "box", "lasso"),
        alt=say("alt_status_map", n=int((status != "free").sum())),
    )
    labels = village_labels(city)
    named = st.multiselect(
        say("villages_by_name"),
        list(labels),
        format_func=labels.__getitem__,
        key=field_key("village_names"),
        placeholder=say("choose_some"),
    )
    chosen = list(dict.fromkeys([*named, *(name for name in selected_villages(event) if name in labels)]))
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


def village_status(content: dict[str, Any], city: City) -> np.ndarray[Any, np.dtype[np.object_]]:
    """Status of each village, shape (n_villages,)."""
    ids = city.villages.village_id
    status = np.full(city.n_villages, "free", dtype=object)
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
