"""Asking what it would take: a target, a lever and its range, starting from the scenario draft."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.plans.recommendation import scenario_label
from app.web.documents.goal_ranges import has_years, levers, offered_range, target_of, usual_side, with_target
from app.web.documents.workspace import Workspace, city_label
from app.web.figures.charts_front import shown_scale
from app.web.jobs.commands import GoalOrder
from app.web.jobs.queue import advance_queue, has_front, is_of_city, submit_job
from app.web.sections.indicator_tables import shown
from app.web.shell.cached_city import cached_city
from app.web.shell.cached_data import cached_base_values, cached_resolved_scenario
from app.web.shell.page_frame import remember, remembered, show_refusal, visit_key
from app.web.shell.run_names import run_words
from app.web.shell.session import go, indicator_words, language, say, spoken
from app.web.shell.session_draft import usable_scenario
from app.words.city_name import city_name
from app.words.lever_text import lever_scale, lever_text
from data.errors import InputError
from data.levers import Lever
from data.parameter_book import load_book
from data.scenario import Scenario, Target
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.targets import refuse_unknown_targets
from optimizers.goals.lever_range import lever_range

FIRST_TARGET, FIRST_LEVER = "service_accessibility", "facility_ratio.high"


def show_goal_form(workspace: Workspace) -> None:
    """The form, and the order when it is complete."""
    usable = usable_scenario(workspace)
    if usable is None:
        return
    draft, scenario = usable
    called = scenario_label(scenario.name, language())
    where = city_name(city_label(draft.city), language())
    st.markdown(say("goal_from", city=plain(where), scenario=plain(called)))
    with st.container(border=True, key="screen_only_goal"):
        target = _show_target(draft.city, scenario)
        n_targets = len(scenario.targets)
        others = n_targets > 0 and st.checkbox(say("goal_others", n=n_targets), key=visit_key("goal_others"))
        lever, low, high = _show_lever(scenario)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            plans = st.number_input(say("goal_evaluations"), 50, 1_000_000, 500, 50, key=visit_key("goal_evaluations"))
            seed = st.number_input(say("seed"), 0, 2**31 - 1, 0, 1, key=visit_key("goal_seed"))
        seed_runs = _show_runs(workspace, draft.city)
        wrong = _wrong_target(scenario, target, others=others) or _wrong_range(lever, low, high)
        if wrong is not None:
            show_refusal(wrong)
        waits = target is None or low is None or high is None
        if waits:
            st.caption(say("goal_needs_range"))
        pressed = st.button(say("goal_start"), type="primary", key="goal_start", disabled=waits or wrong is not None)
    if not pressed or target is None or low is None or high is None:
        return
    try:
        sought = with_target(scenario, target, others=others)
        refuse_unknown_targets(sought)
        lever_range(lever, low, high)
        order = GoalOrder(
            city=draft.city,
            lever=lever.key,
            low=low,
            high=high,
            evaluations=int(plans),
            seed=int(seed),
            seed_runs=seed_runs,
        )
        go(goal=submit_job(workspace, order, sought, language()))
        advance_queue(workspace)
    except InputError as error:
        show_refusal(error)


def _wrong_target(scenario: Scenario, target: Target | None, *, others: bool) -> InputError | None:
    """What is wrong with the target, told before anything is started; None where nothing is."""
    if target is None:
        return None
    try:
        refuse_unknown_targets(with_target(scenario, target, others=others))
    except InputError as error:
        return error
    return None


def _wrong_range(lever: Lever, low: float | None, high: float | None) -> InputError | None:
    """What is wrong with the range of the lever; None where nothing is."""
    if low is None or high is None:
        return None
    try:
        lever_range(lever, low, high)
    except InputError as error:
        return error
    return None


def _show_runs(workspace: Workspace, city: str) -> tuple[str, ...]:
    """Runs whose plans are tried first: all of the city, or those that are chosen."""
    runs = [name for name in workspace.run_ids() if has_front(workspace, name) and is_of_city(workspace, name, city)]
    if not runs:
        st.caption(say("goal_no_runs"))
        return ()
    if st.checkbox(
        say("goal_all_runs", n=len(runs)), value=True, help=say("goal_runs_help"), key=visit_key("goal_all_runs", city)
    ):
        return tuple(runs)
    chosen = st.multiselect(
        say("goal_runs"),
        runs,
        format_func=run_words(workspace, runs),
        key=visit_key("goal_runs", city),
        placeholder=say("choose_some"),
    )
    return tuple(chosen)


def _show_target(city: str, scenario: Scenario) -> Target | None:
    """Indicator, side, value and year; None where no value is given."""
    st.markdown(f"**{say('goal_target')}**")
    names = list(INDICATORS)
    start = names.index(remembered("goal_target", FIRST_TARGET))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = str(
            st.selectbox(
                say("target_indicator"),
                names,
                index=start,
                format_func=indicator_words(),
                key=visit_key("goal_indicator"),
            )
        )
        remember("goal_target", name)
        sides = ["at_least", "at_most"]
        side = st.selectbox(
            say("target_side"),
            sides,
            index=sides.index(usual_side(name)),
            format_func=spoken(""),
            key=visit_key("goal_side", name),
        )
        factor, unit = shown_scale(name, language())
        value = st.number_input(
            say("goal_value", unit=unit), value=None, format="%.6g", key=visit_key("goal_value", name)
        )
        year = None
        if has_years(name):
            year = st.number_input(say("target_year"), 0, 200, None, 1, key=visit_key("goal_year", name))
    base = cached_base_values(cached_resolved_scenario(scenario, cached_city(city)))
    st.caption(say("goal_now", value=shown(name, base[name])))
    if value is None:
        return None
    return target_of(name, str(side), float(value) * factor, None if year is None else int(year))


def _show_lever(scenario: Scenario) -> tuple[Lever, float | None, float | None]:
    """What may move, from where to where, in the lever's own unit."""
    st.markdown(f"**{say('goal_lever')}**")
    offered = levers(scenario, load_book().override(scenario.parameters))
    labels = {key: f"{item.label[language()]} ({key})" for key, item in offered.items()}
    keys = list(offered)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = str(
            st.selectbox(
                say("goal_lever_name"),
                keys,
                index=keys.index(remembered("goal_lever", FIRST_LEVER)),
                format_func=labels.__getitem__,
                key=visit_key("goal_lever"),
            )
        )
        remember("goal_lever", key)
        lever = offered[key]
        factor, unit = lever_scale(lever.unit, language())
        ends = []
        for label, end in zip(("goal_low", "goal_high"), offered_range(lever), strict=True):
            typed = st.number_input(
                say(label, unit=unit),
                value=None if end is None else end / factor,
                format="%.6g",
                key=visit_key(label, key),
            )
            ends.append(None if typed is None else float(typed) * factor)
    now = say("goal_no_limit")
    if lever.current is not None:
        now = say("goal_lever_now", value=lever_text(lever.current, lever.unit, language()))
    st.caption(now)
    return lever, ends[0], ends[1]
