"""The plan in hand in futures: its rule in words, chances, fans, spread and what moves it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.runs.run_folder import Run
from app.stress.chance_words import chance_header, chance_rows
from app.stress.known_stress import KnownStress, best_sentence, sample_sentence, spread_header, spread_rows
from app.web.documents.workspace import Workspace
from app.web.figures.charts_stress import causes_figure, fan_figure
from app.web.sections.stress.stress_order import show_order
from app.web.shell.cached_stress import cached_stress
from app.web.shell.page_frame import csv_button, show_chart, visit_key
from app.web.shell.session import language, say
from envs.kernel.indicators.registry import INDICATORS

MOST_GROUPS = 10
"""Groups of uncertainties on the chart; the file has all."""
FANS = ("net_cash_flow_cny", "cumulative_cash_flow_cny")


def show_futures(workspace: Workspace, run: Run, plan_id: str, *, edited: bool) -> None:
    """Ordered here, or shown as the newest folder has it.

    Args:
        workspace: folder of runs and documents.
        run: of the plan.
        plan_id: of the plan.
        edited: whether the plan in hand has edits, which futures do not know.
    """
    st.caption(say("stress_intro"))
    if edited:
        st.warning(say("stress_edited", plan=plan_id))
    show_order(workspace, run, (plan_id,), "plan")
    known = cached_stress(run, plan_id)
    if known is None:
        st.info(say("stress_none", plan=plan_id))
        return
    _show_answer(known, plan_id)
    _show_fans(known, plan_id)
    _show_causes(known, plan_id)
    st.markdown(f"**{say('stress_spread_title')}**")
    rows = pd.DataFrame(spread_rows(known, plan_id, language()), columns=spread_header(language()))
    st.dataframe(rows, hide_index=True, alt=say("stress_spread_title"))
    csv_button(say("stress_csv"), known.of_plan("spread", plan_id), f"futures-{plan_id}.csv", "stress_csv")
    st.caption(say("stress_note_worlds" if known.about["n_worlds"] else "stress_note"))


def _show_answer(known: KnownStress, plan_id: str) -> None:
    """The rule in words, and how likely what is wanted is met."""
    st.caption(sample_sentence(known, language()))
    st.markdown(plain(known.rule(plan_id, language())))
    best = best_sentence(known, plan_id, language())
    if best:
        st.markdown(plain(best))
    st.markdown(f"**{say('stress_chances_title')}**")
    chances = known.of_plan("chances", plan_id)
    table = pd.DataFrame(chance_rows(chances, language()), columns=chance_header(language()))
    st.dataframe(table, hide_index=True, alt=say("stress_chances_title"))


def _show_fans(known: KnownStress, plan_id: str) -> None:
    """Cash flow of a year and summed up; with worlds every indicator that has a series."""
    st.markdown(f"**{say('stress_fans_title')}**")
    fan, of_indicators = known.of_plan("fan", plan_id), known.of_plan("indicator_fan", plan_id)
    names = [*FANS, *dict.fromkeys(of_indicators["indicator"])]
    name = str(st.selectbox(say("stress_fan_of"), names, format_func=_fan_label, key=visit_key("stress_fan")))
    if name in FANS:
        rows, unit = fan[fan["quantity"] == name], "CNY"
    else:
        rows, unit = of_indicators[of_indicators["indicator"] == name], INDICATORS[name].unit
    figure = fan_figure(rows, unit, _fan_label(name), language())
    show_chart(figure, key=visit_key("stress_fan_chart", name), alt=say("alt_stress_fan", quantity=_fan_label(name)))


def _fan_label(name: str) -> str:
    return say(f"stress_{name}") if name in FANS else INDICATORS[name].yearly_label[language()]


def _show_causes(known: KnownStress, plan_id: str) -> None:
    """Sobol indices, where they were asked for: of all uncertainties where there are worlds, else of markets."""
    causes = known.of_plan("causes", plan_id)
    if causes.empty:
        return
    st.markdown(f"**{say('stress_causes_title')}**")
    over = "worlds" if (causes["over"] == "worlds").any() else "markets"
    causes = causes[causes["over"] == over]
    names = list(dict.fromkeys(causes["indicator"]))
    name = str(
        st.selectbox(
            say("stress_causes_of"),
            names,
            format_func=lambda item: INDICATORS[item].label[language()],
            key=visit_key("stress_causes"),
        )
    )
    rows = causes[causes["indicator"] == name].dropna(subset=["total"]).nlargest(MOST_GROUPS, "total")
    label = INDICATORS[name].label[language()]
    show_chart(
        causes_figure(rows, language()),
        key=visit_key("stress_causes_chart", name),
        alt=say("alt_stress_causes", indicator=label),
    )
    st.caption(say("stress_causes_note", n=int(causes["n_base"].iloc[0])))
