"""A front as a scatter in two or three dimensions, and as a map of the villages that its plans renew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from app.charts.colors import KEPT_COLOR, VIRIDIS, sequence
from app.charts.plan_map import plan_map
from app.charts.village_map import MapClass, VillageMap, city_ground
from app.files.names import plain
from app.plans.front_view import FrontView
from app.runs.run_folder import Run
from app.stress.stress_frames import error_bars
from app.web.figures.charts_front import TRADEOFF, add_letters, front_scale, scatter_figure
from app.web.figures.charts_stress import add_error_bars
from app.web.sections.front_choice import mark_text
from app.web.sections.plan_sections import plan_map_alt
from app.web.sections.scenario_villages import selected_points
from app.web.sections.villages.village_card import show_village_card
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_data import cached_plan_tables
from app.web.shell.cached_stress import cached_front_stress
from app.web.shell.page_frame import (
    remember,
    remembered,
    show_chart,
    visit_key,
)
from app.web.shell.session import current, go, language, quantity_words, say
from app.words.console import percent_text
from data.arrays import BoolArray, FloatArray

Named = Sequence[tuple[str, str, Mapping[str, float]]]
"""Letter, plan id and values of named plans."""
MAP_PX = 400
SHARE_BOUNDS = (0.05, 0.25, 0.5, 0.75, 0.95)


def show_scatter(view: FrontView, inside: BoolArray, named: Named, bars: Mapping[str, FloatArray]) -> None:
    """The front on two or three axes, named plans by their letters, bars of futures; a click takes a plan."""
    axes = _choose_axes(view)
    labels = {name: say(f"front_{name}") for name in ("inside", "outside", "chosen")}
    labels[TRADEOFF] = mark_text(view, TRADEOFF)
    figure = scatter_figure(view, axes=axes, inside=inside, chosen=current("plan"), labels=labels, language=language())
    factors = [(name, front_scale(view, name, language())[0]) for name in axes]
    add_letters(figure, named, factors, say("candidates_letters"))
    add_error_bars(figure, view, axes, bars, language())
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


def front_bars(run: Run, view: FrontView) -> dict[str, FloatArray]:
    """How far P10 and P90 over futures lie beside every plan; empty where the front was not measured in futures."""
    known = cached_front_stress(run)
    return {} if known is None else error_bars(known.tables["spread"], view.plan_ids, view.measured)


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
    words = {"plan": say("map_plan", plan=current("plan")), "brushed": say("map_brushed", n=int(inside.sum()))}
    kind = st.segmented_control(
        say("map_of"),
        tuple(words),
        default="plan" if inside.all() else "brushed",
        required=True,
        key=visit_key("map_of", bool(inside.all())),
        format_func=words.__getitem__,
    )
    tables = cached_plan_tables(run, current("plan"), {})
    shown_map = plan_map(tables, language()) if kind == "plan" else share_map(run, inside)
    alt = plan_map_alt(shown_map) if kind == "plan" else say("alt_map", title=shown_map.title)
    village = show_village_map(shown_map, key=visit_key("front_map"), alt=alt, height=MAP_PX)
    show_village_card({plain(current("plan")): tables}, village)


def share_map(run: Run, inside: BoolArray) -> VillageMap:
    """How many of the brushed plans renew each village."""
    start = np.asarray(run.plans.start_year)[np.flatnonzero(inside)]
    share = (start > 0).mean(axis=0) if len(start) else np.zeros(run.resolved.city.n_villages)
    group = np.digitize(share, SHARE_BOUNDS)
    bounds = ["0", *(percent_text(bound, digits=0) for bound in SHARE_BOUNDS), "100 %"]
    colors = [KEPT_COLOR, *sequence(VIRIDIS[:8][::-1], len(SHARE_BOUNDS))]
    classes = [
        MapClass(f"{bounds[k].removesuffix(' %')}-{bounds[k + 1]} ({int((group == k).sum()):,})", color, group == k)
        for k, color in enumerate(colors)
    ]
    lines = [percent_text(part, digits=0) for part in share]
    return VillageMap(city_ground(run.resolved.city), classes, say("map_share"), lines)
