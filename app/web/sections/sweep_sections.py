"""Sections of page Studies: how far a sweep is, what each factor does, the table with links to the runs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.sweeps.level_ranks import FactorEffect, factor_effects
from app.sweeps.level_words import factor_label, level_label
from app.sweeps.sweep_folder import SweepList
from app.sweeps.sweep_table import CLOCK_COLUMNS, DONE, FAILED, HYPERVOLUME
from app.sweeps.sweep_text import (
    SPREAD_COLUMNS,
    measure_label,
    measure_scale,
    measures,
    spread_cells,
    test_sentence,
)
from app.web.figures.charts_sweep import levels_figure
from app.web.shell.page_frame import csv_button, remembered_choice, show_chart, visit_key
from app.web.shell.session import language, say


def show_state(table: pd.DataFrame) -> None:
    """How many runs are done, failed and to do; why some failed."""
    distinct = table.drop_duplicates("run_id")
    n_done, n_failed = (int((distinct["status"] == state).sum()) for state in (DONE, FAILED))
    st.markdown(
        say("studies_state", n=len(distinct), done=n_done, failed=n_failed, left=len(distinct) - n_done - n_failed)
    )
    if n_failed:
        with st.expander(say("studies_failed", n=n_failed)):
            for row in distinct[distinct["status"] == FAILED].to_dict("records"):
                st.markdown(f"- `{row['run_id']}` {plain(row['reason'])}")


def show_effects(listed: SweepList, table: pd.DataFrame) -> None:
    """Medians, quartiles and the rank test of one factor, for a measure that is chosen."""
    lang = language()
    names = measures(table)
    measure = st.selectbox(
        say("studies_measure"),
        names,
        format_func=lambda name: measure_label(name, lang),
        key=visit_key("study_measure"),
    )
    effects = {effect.factor: effect for effect in factor_effects(table, listed.factors, str(measure))}
    if not effects:
        st.info(say("studies_one_level"))
        return
    factor = remembered_choice(
        "study_factor",
        say("studies_factor"),
        list(effects),
        lambda name: factor_label(name, lang),
        key=visit_key("study_factor", *effects),
    )
    if factor not in effects:
        factor = next(iter(effects))
    _show_effect(effects[factor], table, str(measure))
    if measure == HYPERVOLUME:
        st.caption(say("sweep_reference", n=int(table["group"].nunique())))


def _show_effect(effect: FactorEffect, table: pd.DataFrame, measure: str) -> None:
    lang = language()
    sentence = test_sentence(effect, lang)
    show_chart(
        levels_figure(effect, table, measure, lang),
        key=visit_key("study_chart", effect.factor, measure),
        alt=say(
            "alt_study", measure=measure_label(measure, lang), factor=factor_label(effect.factor, lang), said=sentence
        ),
    )
    st.markdown(plain(sentence))
    header = [factor_label(effect.factor, lang), *(say(f"sweep_column_{name}") for name in SPREAD_COLUMNS)]
    rows = [spread_cells(effect.factor, spread, measure, lang) for spread in effect.levels]
    st.dataframe(pd.DataFrame(rows, columns=header), hide_index=True, alt=header[0])


def show_runs(listed: SweepList, table: pd.DataFrame) -> None:
    """One row a run, with a link to its front."""
    lang = language()
    done = table["status"] == DONE
    rows: dict[str, list[Any]] = {
        say("run"): [
            _address(str(run), lang) if is_done else None for run, is_done in zip(table["run_id"], done, strict=True)
        ]
    }
    for name in listed.factors:
        rows[factor_label(name, lang)] = [level_label(name, level, lang) for level in table[name]]
    rows[say("sweep_column_state")] = [say(f"sweep_state_{state}") for state in table["status"]]
    for name in [name for name in measures(table) if name not in CLOCK_COLUMNS]:
        scale, unit = measure_scale(name, lang)
        label = f"{measure_label(name, lang)} [{unit}]".removesuffix(" []")
        rows[label] = (table[name].astype("Float64") / scale).round(4).tolist()
    link = st.column_config.LinkColumn(say("run"), display_text=say("studies_open"))
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, column_config={say("run"): link}, alt=say("studies_runs", n=len(table))
    )
    csv_button(say("studies_csv"), table, f"{listed.name}.csv", "study_csv")


def _address(run_id: str, lang: str) -> str:
    """Where the front of a run is shown."""
    return "front?" + urlencode({"lang": lang, "run": run_id})
