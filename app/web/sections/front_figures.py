"""A front as a scatter in two or three dimensions, and as a map of the villages that its plans renew."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.plans.front_view import FrontView
from app.runs.run_folder import Run
from app.web.figures.charts_front import scatter_figure
from app.web.figures.map_figure import VIRIDIS, MapClass, map_figure, sequence
from app.web.figures.plan_map_classes import plan_classes
from app.web.sections.front_choice import mark_text
from app.web.sections.scenario_villages import selected_points, village_hover
from app.web.shell.cached_data import cached_plan_tables
from app.web.shell.page_frame import (
    remember,
    remembered,
    show_chart,
    visit_key,
)
from app.web.shell.session import current, go, language, quantity_words, say
from data.arrays import BoolArray

SHARE_BOUNDS = (0.05, 0.25, 0.5, 0.75, 0.95)


def show_scatter(view: FrontView, inside: BoolArray) -> None:
    """The front on two or three axes; a click takes a plan."""
    axes = _choose_axes(view)
    labels = {mark: mark_text(view, mark) for mark in (*view.marks, *(f"preset:{name}" for name in view.recommended))}
    labels |= {name: say(f"front_{name}") for name in ("inside", "outside", "chosen")}
    figure = scatter_figure(view, axes=axes, inside=inside, chosen=current("plan"), labels=labels, language=language())
    alt = say("alt_front", n=len(view.front), inside=int(inside.sum()), plan=current("plan"))
    if len(axes) == 3:
        show_chart(figure, key=visit_key("scatter3"), tools=True, alt=alt)
        return
    event = show_chart(
        figure,
        key=visit_key("scatter", *axes),
        tools=True,
        on_select="rerun",
        selection_mode="points",
        alt=alt,
    )
    points = selected_points(event)
    picked = str(points[-1].get("customdata", "")) if points else ""
    if picked in view.plan_ids and picked != remembered("picked", ""):
        remember("picked", picked)
        go(plan=picked)
        st.rerun()


def _choose_axes(view: FrontView) -> list[str]:
    """Two indicators, or three."""
    names = [*view.objectives, *(name for name in view.measured if name not in view.objectives)]
    words = {"": say("two_dimensions")} | {name: view.quantities[name].label[language()] for name in names}
    with st.container(horizontal=True):
        axes = [
            st.selectbox(
                say(f"axis_{axis}"),
                names,
                index=min(k, len(view.objectives) - 1),
                key=visit_key("axis", axis),
                format_func=quantity_words(view.quantities),
            )
            for k, axis in enumerate("xy")
        ]
        third = st.selectbox(
            say("axis_z"),
            ["", *names],
            key=visit_key("axis", "z"),
            format_func=words.__getitem__,
        )
    return [*axes, *([third] if third else [])]


def show_map(run: Run, inside: BoolArray) -> None:
    """The plan in hand, or how many of the brushed plans renew each village."""
    city = run.resolved.city
    words = {"plan": say("map_plan", plan=current("plan")), "brushed": say("map_brushed", n=int(inside.sum()))}
    kind = st.segmented_control(
        say("map_of"),
        tuple(words),
        default="plan" if inside.all() else "brushed",
        required=True,
        key=visit_key("map_of", bool(inside.all())),
        format_func=words.__getitem__,
    )
    if kind == "plan":
        tables = cached_plan_tables(run, current("plan"), {})
        classes, title = plan_classes(tables, "start_year", None, language())
    else:
        chosen = np.flatnonzero(inside)
        share = (
            (np.asarray(run.plans.start_year)[chosen] > 0).mean(axis=0) if len(chosen) else np.zeros(city.n_villages)
        )
        group = np.digitize(share, SHARE_BOUNDS)
        bounds = ["0", *(f"{bound:.0%}" for bound in SHARE_BOUNDS), "100%"]
        colors = sequence(VIRIDIS, len(SHARE_BOUNDS) + 1)
        classes = [
            MapClass(f"{bounds[k]}-{bounds[k + 1]} ({int((group == k).sum())})", colors[k], group == k)
            for k in range(len(colors))
        ]
        title = say("map_share")
    show_chart(
        map_figure(city, classes, village_hover(city), legend_title=title),
        key=visit_key("front_map"),
        tools=True,
        alt=say("alt_map", title=title),
    )
