"""The tornado of the plan in view: computed on request, one session at a time, and kept."""

from __future__ import annotations

import threading

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.charts.fonts import OKABE_ITO
from app.files.names import without_formulas
from app.plans.tables import PlanTables
from app.studies.tornado_file import Tornado, known_tornado, tornado_frame, tornado_of
from app.studies.tornado_text import WIDEST
from app.web.figures.charts_front import axis_title, shown_scale
from app.web.shell.page_frame import show_chart, visit_key
from app.web.shell.session import language, say
from app.words.console import unit_text
from app.words.markup import chart_text
from data.parameter_book import Book
from envs.kernel.indicators.registry import INDICATORS

_AT_WORK = threading.Lock()
"""Held by the session whose tornado is being computed: one at a time, so that the others stay quick."""


def show_tornado(tables: PlanTables, *, edited: bool) -> None:
    """State, button, chart and table."""
    st.caption(say("tornado_help") + (f" {say('tornado_edited')}" if edited else ""))
    found = known_tornado(tables.resolved, tables.plan)
    if found is None or not found.complete:
        _show_start(tables, found)
    if found is None or not found.effects:
        return
    objectives = tables.resolved.scenario.objectives
    names = [*objectives, *(name for name in INDICATORS if name not in objectives)]
    name = st.selectbox(
        say("tornado_indicator"),
        names,
        format_func=lambda name: axis_title(name, language()),
        key=visit_key("tornado_indicator"),
    )
    _show_bars(found, tables, str(name))


def _show_start(tables: PlanTables, found: Tornado | None) -> None:
    """What is missing, and the button that measures it."""
    if found is not None:
        st.caption(say("tornado_state", done=len(found.effects), of=found.n_ranged))
    label = say("tornado_compute" if found is None else "tornado_go_on")
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


def _show_bars(found: Tornado, tables: PlanTables, name: str) -> None:
    book, tongue = tables.resolved.book, language()
    bars = [bar for bar in found.bars(name) if bar.swing > 0.0]
    if not bars:
        st.info(say("tornado_nothing"))
        return
    widest = _label(book, bars[0].key, tongue)
    show_chart(
        tornado_figure(found, book, name, tongue),
        key=visit_key("tornado", name),
        alt=say("alt_tornado", indicator=INDICATORS[name].label[tongue], widest=widest),
    )
    if any(bar.n_broken for bar in bars[:WIDEST]):
        st.caption(say("tornado_broken"))
    refused = sum(bool(end.refused) for effect in found.effects for end in (effect.at_low, effect.at_high))
    if refused:
        st.caption(say("tornado_refused", n=refused))
    frame = tornado_frame(found, tables.resolved, [name])
    st.dataframe(_readable(frame, name, tongue), hide_index=True, alt=say("section_tornado"))
    st.download_button(
        say("tornado_download"),
        lambda: without_formulas(tornado_frame(found, tables.resolved, list(INDICATORS))).to_csv(index=False),
        "sensitivity.csv",
        "text/csv",
        key=visit_key("tornado_csv"),
        on_click="ignore",
    )


def tornado_figure(found: Tornado, book: Book, name: str, tongue: str) -> go.Figure:
    """Bars from the scenario's value to either end, the widest on top."""
    bars = [bar for bar in found.bars(name) if bar.swing > 0.0][:WIDEST][::-1]
    factor = shown_scale(name, tongue)[0]
    center = found.base.outcomes[name] / factor
    labels = [chart_text(_label(book, bar.key, tongue)) + (" *" if bar.n_broken else "") for bar in bars]
    figure = go.Figure()
    for color, word, values, ends in (
        (OKABE_ITO[0], "tornado_low", [bar.at_low for bar in bars], [bar.low for bar in bars]),
        (OKABE_ITO[1], "tornado_high", [bar.at_high for bar in bars], [bar.high for bar in bars]),
    ):
        figure.add_bar(
            y=labels,
            x=[value / factor - center for value in values],
            base=center,
            orientation="h",
            name=say(word),
            marker={"color": color},
            text=[f"{end:g}" for end in ends],
            textposition="auto",
            hovertemplate="%{y}<br>%{x:.6g}<extra></extra>",
        )
    figure.update_layout(
        barmode="overlay",
        height=120 + 32 * len(bars),
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h"},
    )
    figure.add_vline(x=center, line={"color": "#000000", "width": 1})
    figure.update_xaxes(title=axis_title(name, tongue), exponentformat="none")
    return figure


def _readable(frame: pd.DataFrame, name: str, tongue: str) -> pd.DataFrame:
    """The parameters that matter, heads in the language of the page, the indicator in the unit of the chart."""
    scale, unit = shown_scale(name, tongue)
    heads = {
        f"label_{tongue}": say("column_label"),
        "parameter": say("column_key"),
        "parameter_low": say("column_low"),
        "parameter_high": say("column_high"),
        "parameter_unit": say("column_unit"),
    }
    ends = {
        end: f"{say(f'report_tornado_{end}')} [{unit}]".removesuffix(" [-]") for end in ("at_low", "at_high", "swing")
    }
    table = frame.loc[frame["swing"] > 0.0, [*heads, *ends]]
    units = [unit_text(unit, tongue) for unit in table["parameter_unit"]]
    shown = {end: table[end] / scale for end in ends} | {"parameter_unit": units}
    return table.assign(**shown).rename(columns=heads | ends)


def _label(book: Book, key: str, tongue: str) -> str:
    return book[key].label_zh if tongue == "zh" else book[key].label_en
