"""Page: the front of a run, and choosing a plan on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app.plans.front_view import FrontView, front_view, recommended_of
from app.plans.recommendation import preset_label
from app.runs.folder import Run
from app.web.documents.workspace import Workspace
from app.web.figures.charts_front import axis_title, scatter_figure, shown_scale
from app.web.figures.map_figure import VIRIDIS, MapClass, map_figure, sequence
from app.web.figures.plan_map_classes import plan_classes
from app.web.jobs.queue import has_front
from app.web.sections.front_filter import brush_ranges, show_brush
from app.web.sections.scenario_villages import selected_points, village_hover
from app.web.shell.cached_data import cached_plan_tables, cached_run
from app.web.shell.page_frame import (
    open_workspace,
    remember,
    remembered,
    remembered_choice,
    show_chart,
    show_notes,
    visit_key,
)
from app.web.shell.session import current, go, indicator_words, language, say, spoken
from app.words.console import listed, value_text
from app.words.markup import plain
from data.arrays import BoolArray, FloatArray
from envs.kernel.indicators.registry import INDICATORS
from optimizers.fronts.decision_making import best_within_loss, nearest_to, walk, within_loss

WAYS = ("pick", "reference", "limits", "walk")
SHARE_BOUNDS = (0.05, 0.25, 0.5, 0.75, 0.95)


def choose_run(workspace: Workspace) -> str:
    """The run of the address, or one that is chosen here; empty if there is none."""
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    if not ids:
        st.info(say("no_runs"))
        st.page_link("views/search.py", label=say("page_search"))
        return ""
    if current("run") and current("run") not in ids:
        st.warning(say("run_not_ready", run=plain(current("run"))))
        st.page_link("views/search.py", label=say("page_search"))
    chosen = st.selectbox(
        say("run"), ids, index=ids.index(current("run")) if current("run") in ids else 0, key=visit_key("run")
    )
    go(run=str(chosen))
    return str(chosen)


def mark_text(mark: str) -> str:
    """A mark in words."""
    kind, _, name = mark.partition(":")
    if kind == "best":
        return say("mark_best", name=INDICATORS[name].label[language()])
    return preset_label(name, language()) if kind == "preset" else say(f"mark_{kind}")


def show_scatter(view: FrontView, inside: BoolArray) -> None:
    """The front on two or three axes; a click takes a plan."""
    names = [*view.objectives, *(name for name in INDICATORS if name not in view.objectives)]
    words = {"": say("two_dimensions")} | {name: INDICATORS[name].label[language()] for name in names}
    with st.container(horizontal=True):
        axes = [
            st.selectbox(
                say(f"axis_{axis}"),
                names,
                index=min(k, len(view.objectives) - 1),
                key=visit_key("axis", axis),
                format_func=indicator_words(),
            )
            for k, axis in enumerate("xy")
        ]
        third = st.selectbox(
            say("axis_z"),
            ["", *names],
            key=visit_key("axis", "z"),
            format_func=words.__getitem__,
        )
    marks = [*view.marks, *(f"preset:{name}" for name in view.recommended)]
    labels = {mark: mark_text(mark) for mark in marks}
    labels |= {name: say(f"front_{name}") for name in ("inside", "outside", "chosen")}
    figure = scatter_figure(view, [*axes, *([third] if third else [])], inside, current("plan"), labels, language())
    alt = say("alt_front", n=len(view.front), inside=int(inside.sum()), plan=current("plan"))
    if third:
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


def take_button(view: FrontView, position: int, key: str) -> None:
    """Offer a plan with its objectives."""
    plan_id = view.plan_ids[position]
    st.markdown(say("way_result", plan=plan_id, values=objectives_text(view, plan_id)))
    if st.button(say("way_take", plan=plan_id), key=visit_key(key), disabled=plan_id == current("plan")):
        go(plan=plan_id)
        st.rerun()


def objectives_text(view: FrontView, plan_id: str) -> str:
    """The objectives of a plan in one line."""
    row = view.front.iloc[view.position(plan_id)]
    parts = [
        f"{INDICATORS[name].label[language()]} {value_text(float(row[name]), INDICATORS[name].unit, language())}"
        for name in view.objectives
    ]
    return plain("; ".join(parts))


def wishes(view: FrontView, key: str) -> FloatArray:
    """A wished value of each objective, minimized."""
    found = []
    for column, name, sign in zip(st.columns(len(view.objectives)), view.objectives, view.signs, strict=True):
        factor = shown_scale(name, language())[0]
        values = view.front[name].to_numpy(np.float64) / factor
        low, high = float(values.min()), float(values.max())
        if low == high:
            found.append(-sign * low * factor)
            continue
        middle = float(np.median(values))
        value = column.slider(
            axis_title(name, language()), low, high, middle, (high - low) / 200, key=visit_key(key, name)
        )
        found.append(-sign * value * factor)
    return np.array(found)


def show_limits(view: FrontView) -> None:
    """What may get worse by at most how much, and what shall improve."""
    here = view.position(current("plan"))
    improve = st.selectbox(say("improve"), view.objectives, format_func=indicator_words(), key=visit_key("improve"))
    allowed = np.full(len(view.objectives), np.inf)
    others = [(k, name) for k, name in enumerate(view.objectives) if name != improve]
    for column, (k, name) in zip(st.columns(max(1, len(others))), others, strict=True):
        factor, unit = shown_scale(name, language())
        label = say("worse_by", name=INDICATORS[name].label[language()], unit=unit)
        allowed[k] = factor * column.number_input(
            label, 0.0, None, float(view.scale[k] / factor / 10), format="%.5g", key=visit_key("loss", name)
        )
    st.caption(say("limits_left", n=int(within_loss(view.F, here, allowed).sum())))
    take_button(
        view, best_within_loss(view.F, here, allowed, view.objectives.index(str(improve)), view.scale), "take_limits"
    )


def show_walk(view: FrontView) -> None:
    """From the worst corner to the front, all objectives improving with every step."""
    steps = 10
    wish = wishes(view, "walk_wish")
    path: list[list[float]] = remembered(f"walk_{current('run')}", [])
    with st.container(horizontal=True):
        if st.button(say("walk_step"), key=visit_key("walk_step"), disabled=len(path) >= steps, type="primary"):
            path = [*path, wish.tolist()]
        if st.button(say("walk_back"), key=visit_key("walk_back"), disabled=not path):
            path = path[:-1]
        if st.button(say("walk_restart"), key=visit_key("walk_restart"), disabled=not path):
            path = []
    remember(f"walk_{current('run')}", path)
    where = walk(view.F, np.array(path).reshape(-1, len(view.objectives)), steps, view.scale)
    secured, best = view.natural(where.point), view.natural(where.best)
    rows = [
        {
            say("column_objective"): INDICATORS[name].label[language()],
            say("walk_secured"): value_text(float(secured[k]), INDICATORS[name].unit, language()),
            say("walk_reach"): value_text(float(best[k]), INDICATORS[name].unit, language()),
        }
        for k, name in enumerate(view.objectives)
    ]
    st.markdown(say("walk_where", taken=len(path), steps=steps, n=int(where.reachable.sum())))
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("way_walk"))
    take_button(view, where.target, "take_walk")


def show_ways(view: FrontView) -> None:
    """Ways to a plan."""
    way = remembered_choice("way", say("ways"), WAYS, spoken("way_"), key=visit_key("way"))
    st.caption(say(f"way_{way}_help"))
    if way == "reference":
        take_button(view, nearest_to(view.F, wishes(view, "reference"), view.scale), "take_reference")
    elif way == "limits":
        show_limits(view)
    elif way == "walk":
        show_walk(view)
    else:
        marked = {plan: listed(map(mark_text, view.marks_of(plan)), language()) for plan in view.plan_ids}
        order = sorted(view.plan_ids, key=lambda plan: not marked[plan])
        chosen = st.selectbox(
            say("plan"),
            order,
            index=order.index(current("plan")),
            key=visit_key("plan", current("plan")),
            format_func=lambda plan: f"{plan} ({marked[plan]})" if marked[plan] else plan,
        )
        if chosen != current("plan"):
            go(plan=str(chosen))
            st.rerun()


def show_prices(view: FrontView) -> None:
    """What the next step in each objective costs in the others."""
    rows = []
    for price in view.prices(current("plan")):
        row = {
            say("price_improve"): INDICATORS[price["improve"]].label[language()],
            say("plan"): price["plan_id"] or "-",
        }
        for name in view.objectives:
            change = price["changes"].get(name)
            row[INDICATORS[name].label[language()]] = value_text(change, INDICATORS[name].unit, language(), signed=True)
        rows.append(row)
    st.markdown(f"**{say('price_title', plan=current('plan'))}**")
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("price_title", plan=current("plan")))


def show_shortlist(workspace: Workspace, view: FrontView) -> None:
    """Plans set aside, side by side."""
    kept = [
        name for name in (workspace.read("shortlist", current("run")) or {}).get("plans", []) if name in view.plan_ids
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{say('shortlist')}** ({len(kept)})")
        inside = current("plan") in kept
        if st.button(
            say("shortlist_remove" if inside else "shortlist_add", plan=current("plan")), key=visit_key("shortlist")
        ):
            kept = [name for name in kept if name != current("plan")] if inside else [*kept, current("plan")]
            workspace.write("shortlist", current("run"), {"plans": kept})
            st.rerun()
    if kept:
        names = [
            *view.objectives,
            *(
                n
                for n in (
                    "renewed_villages",
                    "total_cost_cny",
                    "peak_funding_cny",
                    "displaced_tenants_persons",
                    "consent_share",
                )
                if n not in view.objectives
            ),
        ]
        rows = {
            f"{INDICATORS[name].label[language()]}": [
                value_text(float(view.front.iloc[view.position(plan)][name]), INDICATORS[name].unit, language())
                for plan in kept
            ]
            for name in names
        }
        table = pd.DataFrame(rows, index=kept).T
        st.dataframe(table, alt=say("shortlist"))


def show_map(found: Run, inside: BoolArray) -> None:
    """The plan in hand, or how many of the brushed plans renew each village."""
    city = found.resolved.city
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
        tables = cached_plan_tables(found, current("plan"), {})
        classes, title = plan_classes(tables, "start_year", None, language())
    else:
        chosen = np.flatnonzero(inside)
        share = (
            (np.asarray(found.plans.start_year)[chosen] > 0).mean(axis=0) if len(chosen) else np.zeros(city.n_villages)
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


def _seconds(found: Run) -> str:
    """Whole seconds that the search took; a dash where the record has no number."""
    taken = found.record.get("seconds")
    return f"{taken:.0f}" if isinstance(taken, int | float) else "-"


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_front"))
    run_id = choose_run(workspace)
    if not run_id:
        return
    with st.spinner(say("reading_run")):
        found = cached_run(workspace, run_id)
    view = front_view(found.front, found.resolved.scenario.objectives, recommended_of(found.record))
    if current("plan") not in view.plan_ids:
        go(plan=view.recommended.get("balanced") or view.plan_ids[0])
    st.markdown(
        say(
            "front_line",
            n=len(view.front),
            evaluations=plain(found.record.get("evaluations", 0)),
            seconds=_seconds(found),
            seed=plain(found.record.get("seed")),
            algorithm=plain(found.record.get("algorithm", "")),
        )
    )
    ranges = brush_ranges(view)
    inside = view.inside(ranges)
    left, right = st.columns(2)
    with left:
        show_scatter(view, inside)
    with right:
        show_map(found, inside)
    st.subheader(say("brush"))
    show_brush(view, ranges)
    show_ways(view)
    st.markdown(f"### {say('plan')} {plain(current('plan'))}")
    st.markdown(objectives_text(view, current("plan")))
    if st.button(say("open_plan", plan=current("plan")), type="primary", key="open_plan"):
        st.switch_page("views/plan.py")
    show_prices(view)
    show_shortlist(workspace, view)
    show_notes(found.resolved.city)


show()
