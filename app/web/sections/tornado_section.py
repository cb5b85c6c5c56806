"""Sensitivity of the plan in view as a tornado: computed on request, one session at a time, and kept."""

from __future__ import annotations

import threading

import pandas as pd
import streamlit as st

from app.files.names import without_formulas
from app.plans.tables import PlanTables
from app.studies.tornado_file import Tornado, known_tornado, tornado_frame, tornado_of
from app.studies.tornado_text import WIDEST
from app.web.figures.charts_front import axis_title, largest, shown_scale
from app.web.figures.charts_tornado import parameter_label, tornado_figure
from app.web.shell.page_frame import show_chart, visit_key
from app.web.shell.session import language, say
from app.words.console import unit_text
from envs.kernel.indicators.registry import INDICATORS

_AT_WORK = threading.Lock()
"""Held by the session whose tornado is being computed: one at a time, so that the others stay quick."""


def show_tornado(tables: PlanTables, *, edited: bool) -> None:
    """State, button, chart and table."""
    st.caption(say("tornado_help") + (f" {say('tornado_edited')}" if edited else ""))
    tornado = known_tornado(tables.resolved, tables.plan)
    if tornado is None or not tornado.complete:
        _show_start(tables, tornado)
    if tornado is None or not tornado.effects:
        return
    objectives = tables.resolved.scenario.objectives
    names = [*objectives, *(name for name in INDICATORS if name not in objectives)]
    name = st.selectbox(
        say("tornado_indicator"),
        names,
        format_func=lambda name: axis_title(name, language()),
        key=visit_key("tornado_indicator"),
    )
    _show_bars(tornado, tables, str(name))


def _show_start(tables: PlanTables, tornado: Tornado | None) -> None:
    """What is missing, and the button that measures it."""
    if tornado is not None:
        st.caption(say("tornado_state", done=len(tornado.effects), of=tornado.n_ranged))
    label = say("tornado_compute" if tornado is None else "tornado_go_on")
    pressed = st.button(label, type="primary", key=visit_key("tornado_go"))
    st.caption(say("tornado_time"))
    if not pressed:
        return
    if not _AT_WORK.acquire(blocking=False):
        st.warning(say("tornado_busy"))
        return
    try:
        bar = st.progress(0.0)

        def told(done: int, of: int) -> None:
            bar.progress(done / of, say("tornado_progress", done=done, of=of))

        tornado_of(tables.resolved, tables.plan, progress=told)
    finally:
        _AT_WORK.release()
    st.rerun()


def _show_bars(tornado: Tornado, tables: PlanTables, name: str) -> None:
    book, lang = tables.resolved.book, language()
    bars = [bar for bar in tornado.bars(name) if bar.swing > 0.0]
    if not bars:
        st.info(say("tornado_nothing"))
        return
    widest = parameter_label(book, bars[0].key, lang)
    show_chart(
        tornado_figure(tornado, book, name, lang),
        key=visit_key("tornado", name),
        alt=say("alt_tornado", indicator=INDICATORS[name].label[lang], widest=widest),
    )
    if any(bar.n_broken for bar in bars[:WIDEST]):
        st.caption(say("tornado_broken"))
    refused = sum(bool(end.refused) for effect in tornado.effects for end in (effect.at_low, effect.at_high))
    if refused:
        st.caption(say("tornado_refused", n=refused))
    frame = tornado_frame(tornado, tables.resolved, [name])
    st.dataframe(_readable(frame, name, lang), hide_index=True, alt=say("section_tornado"))
    st.download_button(
        say("tornado_download"),
        lambda: without_formulas(tornado_frame(tornado, tables.resolved, list(INDICATORS))).to_csv(index=False),
        "sensitivity.csv",
        "text/csv",
        key=visit_key("tornado_csv"),
        on_click="ignore",
    )


def _readable(frame: pd.DataFrame, name: str, lang: str) -> pd.DataFrame:
    """The parameters that matter, heads in the language of the page, the indicator in the unit of the chart."""
    scale, unit = shown_scale(name, lang, largest(frame[["at_low", "at_high"]]))
    heads = {
        f"label_{lang}": say("column_label"),
        "parameter": say("column_key"),
        "parameter_low": say("column_low"),
        "parameter_high": say("column_high"),
        "parameter_unit": say("column_unit"),
    }
    ends = {
        end: f"{say(f'report_tornado_{end}')} [{unit}]".removesuffix(" [-]") for end in ("at_low", "at_high", "swing")
    }
    table = frame.loc[frame["swing"] > 0.0, [*heads, *ends]]
    units = [unit_text(unit, lang) for unit in table["parameter_unit"]]
    shown = {end: table[end] / scale for end in ends} | {"parameter_unit": units}
    return table.assign(**shown).rename(columns=heads | ends)
