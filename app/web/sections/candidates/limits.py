"""What plans of a front must keep to be looked at: targets met, and a limit on cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from app.plans.front_view import FrontView, front_view, known_presets
from app.plans.recommendation import recommended_among
from app.runs.record import anchor_ends
from app.runs.run_folder import Run
from app.web.shell.cached_data import cached_targets_met
from app.web.shell.page_frame import remember, remembered, visit_key
from app.web.shell.session import current, language, say
from app.words.console import money_scale, value_text
from data.arrays import BoolArray

COST = "total_cost_cny"


def show_limits(run: Run | None, view: FrontView) -> BoolArray:
    """The forms, side by side; which plans keep what is set, shape (n_plans,).

    Args:
        run: whose front it is; None where nothing can be measured beside the front.
        view: the front.
    """
    kept = np.ones(len(view.front), dtype=np.bool_)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if COST in view.front:
            kept &= _within_cost(view)
        if run is not None and run.resolved.scenario.targets:
            kept &= _with_targets(run)
        st.markdown(say("candidates_count", n=int(kept.sum()), all=len(kept)))
    return kept


def _within_cost(view: FrontView) -> BoolArray:
    """Plans whose cost is at most what is typed in."""
    factor, unit = money_scale("CNY", language())
    cost = view.front[COST].to_numpy(np.float64)
    before = remembered(_key("cost"), None)
    typed = st.number_input(
        say("candidates_cost", unit=unit),
        min_value=0.0,
        value=None if before is None else before / factor,
        step=100.0,
        format="%.0f",
        placeholder=say("candidates_no_limit"),
        help=say("candidates_cost_help", low=_shown(cost.min()), high=_shown(cost.max())),
        key=visit_key("most_cost", current("run")),
        width=280,
    )
    remember(_key("cost"), None if typed is None else typed * factor)
    return np.asarray(cost <= (np.inf if typed is None else typed * factor), dtype=np.bool_)


def _with_targets(run: Run) -> BoolArray:
    """Plans that meet every target, where that is asked for."""
    met = cached_targets_met(run)
    words = {
        "any": say("candidates_any_targets"),
        "all": say("candidates_all_targets", n=int(met.all(axis=1).sum())),
    }
    chosen = st.segmented_control(
        say("candidates_targets", n=met.shape[1]),
        tuple(words),
        default=remembered(_key("targets"), "any"),
        required=True,
        format_func=words.__getitem__,
        key=visit_key("targets_met", current("run")),
    )
    remember(_key("targets"), chosen)
    return np.asarray(met.all(axis=1) | (chosen != "all"), dtype=np.bool_)


def within(view: FrontView, kept: BoolArray, run: Run | None) -> FrontView:
    """The view of the plans that keep the limits; presets take the best of these."""
    if kept.all():
        return view
    front = view.front[kept].reset_index(drop=True)
    recommended = view.recommended if run is None else _recommended(run, front)
    return front_view(front, view.objectives, recommended, view.quantities)


def _recommended(run: Run, front: pd.DataFrame) -> dict[str, str]:
    known = known_presets(run.record.recommended)
    return recommended_among(run.resolved.scenario, front, anchor_ends(run.record), known)


def say_none_left(view: FrontView) -> None:
    """No plan keeps the limits: what the cheapest costs."""
    if COST in view.front:
        k = int(np.argmin(view.front[COST].to_numpy(np.float64)))
        st.info(say("candidates_none", plan=view.plan_ids[k], cost=_shown(float(view.front[COST].iloc[k]))))
    else:
        st.info(say("candidates_none_targets"))


def _shown(cost_cny: float) -> str:
    return value_text(float(cost_cny), "CNY", language())


def _key(name: str) -> str:
    return f"candidates_{name}_{current('run')}"
