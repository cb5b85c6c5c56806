"""Decision making on a front: a plan picked, nearest to a reference point, within limits to losses, or walked to."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.front_view import FrontView
from app.plans.recommendation import preset_label
from app.web.figures.charts_front import scale_of, title_of
from app.web.shell.page_frame import (
    remember,
    remembered,
    remembered_choice,
    visit_key,
)
from app.web.shell.session import current, go, in_series, language, quantity_words, say, spoken
from app.words.console import inside, listed, value_text
from data.arrays import FloatArray
from optimizers.fronts.decision_making import best_within_loss, nearest_to, walk, within_loss

CHOICE_METHODS = ("pick", "reference", "limits", "walk")


def mark_text(view: FrontView, mark: str) -> str:
    """A mark of a front in words."""
    kind, _, name = mark.partition(":")
    if kind == "best":
        return say("mark_best", name=inside(view.quantities[name].label[language()], language()))
    return preset_label(name, language()) if kind == "preset" else say(f"mark_{kind}")


def objectives_text(view: FrontView, plan_id: str) -> str:
    """The objectives of a plan in one line."""
    row, lang = view.front.iloc[view.position(plan_id)], language()
    quantities = {name: view.quantities[name] for name in view.objectives}
    values = [
        f"{item.label[lang]} {value_text(float(row[name]), item.unit, lang)}" for name, item in quantities.items()
    ]
    return plain(in_series(values))


def take_button(view: FrontView, position: int, key: str) -> None:
    """Offer a plan with its objectives."""
    plan_id = view.plan_ids[position]
    st.markdown(say("choice_result", plan=plan_id, values=objectives_text(view, plan_id)))
    if st.button(say("choice_take", plan=plan_id), key=visit_key(key), disabled=plan_id == current("plan")):
        go(plan=plan_id)
        st.rerun()


def aspiration_levels(view: FrontView, key: str) -> FloatArray:
    """A wished value of each objective, minimized."""
    wished = []
    for column, name, sign in zip(st.columns(len(view.objectives)), view.objectives, view.signs, strict=True):
        factor = scale_of(view.quantities[name], language())[0]
        values = view.front[name].to_numpy(np.float64) / factor
        low, high = float(values.min()), float(values.max())
        if low == high:
            wished.append(-sign * low * factor)
            continue
        middle = float(np.median(values))
        value = column.slider(
            title_of(view.quantities[name], language()), low, high, middle, (high - low) / 200, key=visit_key(key, name)
        )
        wished.append(-sign * value * factor)
    return np.array(wished)


def show_limits(view: FrontView) -> None:
    """What may get worse by at most how much, and what shall improve."""
    current_idx = view.position(current("plan"))
    improve = st.selectbox(
        say("improve"), view.objectives, format_func=quantity_words(view.quantities), key=visit_key("improve")
    )
    allowed = np.full(len(view.objectives), np.inf)
    others = [(k, name) for k, name in enumerate(view.objectives) if name != improve]
    for column, (k, name) in zip(st.columns(max(1, len(others))), others, strict=True):
        factor, unit = scale_of(view.quantities[name], language())
        label = say("worse_by", name=view.quantities[name].label[language()], unit=unit)
        allowed[k] = factor * column.number_input(
            label, 0.0, None, float(view.scale[k] / factor / 10), format="%.5g", key=visit_key("loss", name)
        )
    st.caption(say("limits_left", n=int(within_loss(view.F, current_idx, allowed).sum())))
    take_button(
        view,
        best_within_loss(view.F, current_idx, allowed, view.objectives.index(str(improve)), view.scale),
        "take_limits",
    )


def show_walk(view: FrontView) -> None:
    """From the worst corner to the front, all objectives improving with every step."""
    steps = 10
    wish = aspiration_levels(view, "walk_wish")
    path: list[list[float]] = remembered(f"walk_{current('run')}", [])
    with st.container(horizontal=True):
        if st.button(say("walk_step"), key=visit_key("walk_step"), disabled=len(path) >= steps, type="primary"):
            path = [*path, wish.tolist()]
        if st.button(say("walk_back"), key=visit_key("walk_back"), disabled=not path):
            path = path[:-1]
        if st.button(say("walk_restart"), key=visit_key("walk_restart"), disabled=not path):
            path = []
    remember(f"walk_{current('run')}", path)
    state = walk(view.F, np.array(path).reshape(-1, len(view.objectives)), steps, view.scale)
    secured, best = view.natural(state.point), view.natural(state.best)
    rows = [
        {
            say("column_objective"): view.quantities[name].label[language()],
            say("walk_secured"): value_text(float(secured[k]), view.quantities[name].unit, language()),
            say("walk_reach"): value_text(float(best[k]), view.quantities[name].unit, language()),
        }
        for k, name in enumerate(view.objectives)
    ]
    st.markdown(say("walk_where", taken=len(path), steps=steps, n=int(state.reachable.sum())))
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("choice_walk"))
    take_button(view, state.target, "take_walk")


def show_choice_methods(view: FrontView) -> None:
    """Methods that lead to a plan."""
    method = remembered_choice(
        "method", say("choice_methods"), CHOICE_METHODS, spoken("choice_"), key=visit_key("method")
    )
    st.caption(say(f"choice_{method}_help"))
    if method == "reference":
        take_button(view, nearest_to(view.F, aspiration_levels(view, "reference"), view.scale), "take_reference")
    elif method == "limits":
        show_limits(view)
    elif method == "walk":
        show_walk(view)
    else:
        marked = {
            plan: listed((mark_text(view, mark) for mark in marks), language()) for plan, marks in view.marks.items()
        }
        order = sorted(view.plan_ids, key=lambda plan: plan not in marked)
        chosen = st.selectbox(
            say("plan"),
            order,
            index=order.index(current("plan")),
            key=visit_key("plan", current("plan")),
            format_func=lambda plan: f"{plan} ({marked[plan]})" if plan in marked else plan,
        )
        if chosen != current("plan"):
            go(plan=str(chosen))
            st.rerun()
