"""Plans side by side: indicators, bounds, one map, yearly curves, villages in common; whole runs on one reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.village_map import VillageMap, city_ground
from app.files.names import plain
from app.studies.run_comparison_text import Cells, group_cells, objective_cells, remarks, run_cells
from app.web.documents.plan_comparison import (
    BETWEEN,
    DECISIONS,
    Difference,
    IndicatorRow,
    comparison_frame,
    indicator_rows,
    scenario_differences,
    shared_villages,
)
from app.web.documents.workspace import Workspace
from app.web.figures.charts_comparison import (
    agreement_classes,
    fronts_figure,
    renewing_plans_classes,
    sense_text,
    start_classes,
    years_figure,
)
from app.web.figures.charts_front import yearly_title
from app.web.jobs.queue import has_front
from app.web.sections.comparison_choice import ComparedPlan
from app.web.sections.indicator_tables import shown
from app.web.sections.scenario_form import target_text
from app.web.sections.villages.village_card import show_village_card
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_data import cached_comparison, cached_plan_values
from app.web.shell.page_frame import (
    as_wide_as,
    csv_button,
    remember,
    remembered,
    remembered_choice,
    show_chart,
    visit_key,
)
from app.web.shell.run_names import run_words
from app.web.shell.session import current, go, in_series, language, say, spoken
from app.words.console import listed, said_of, with_remark
from app.words.lever_text import lever_text
from data.catalogue import text
from data.errors import InputError
from data.levers import FIELDS, lever_label
from data.parameter_book import load_book
from envs.kernel.indicators.registry import INDICATORS, YEARLY
from envs.rules.check import RULES

MAPS = ("agree", "who", "start")
FIRST_SERIES = ("mean_commute_km", "service_accessibility")


def show_indicators(plans: Sequence[ComparedPlan]) -> None:
    """Indicators with unit and direction, the best of each marked."""
    values = [cached_plan_values(plan.tables) for plan in plans]
    differing = st.toggle(say("compare_only_differing"), value=True, key=visit_key("compare_differing"))
    rows = indicator_rows(values, differing=differing)
    st.caption(say("compare_stars", first=plain(plans[0].short)))
    if rows:
        objectives = plans[0].tables.resolved.scenario.objectives
        rows.sort(key=lambda row: row.name not in objectives)
        name, heads = say("column_indicator"), [plan.short for plan in plans]
        table = pd.DataFrame([indicator_cells(row, heads, language()) for row in rows])
        st.dataframe(
            table,
            hide_index=True,
            column_config={name: as_wide_as(table[name])},
            height=min(38 + 35 * len(rows), 640),
            alt=say("alt_indicators", n=len(rows)),
        )
    else:
        st.info(say("compare_no_differences"))
    csv_button(say("compare_indicators_csv"), comparison_frame(values), "comparison.csv", "compare_indicators_csv")


def indicator_cells(row: IndicatorRow, heads: Sequence[str], lang: str) -> dict[str, str]:
    """A row of the table; a plan's value is starred where best and followed by its change from the first plan."""
    item = INDICATORS[row.name]
    cells = {say("column_indicator"): item.label[lang]}
    for k, (head, value) in enumerate(zip(heads, row.amounts, strict=True)):
        change = value - row.amounts[0]
        said = f"{'★ ' if k in row.best else ''}{shown(row.name, value)}"
        is_moved = k and np.isfinite(change) and change
        cells[head] = with_remark(said, shown(row.name, change, signed=True), lang) if is_moved else said
    return cells | {say("compare_direction"): sense_text(row.name, lang)}


def show_bounds(plans: Sequence[ComparedPlan]) -> None:
    """Bounds and parameters in which the plans' own scenarios differ."""
    rows = scenario_differences([plan.run.resolved.scenario for plan in plans])
    if not rows:
        st.info(say("compare_bounds_same"))
        return
    table = [
        {say("compare_bound"): bound_label(row, language())}
        | {plan.short: bound_value(row, value) for plan, value in zip(plans, row.by_scenario, strict=True)}
        for row in rows
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True, alt=say("section_compare_bounds"))


def bound_label(row: Difference, lang: str) -> str:
    """Name of a bound or parameter with its unit."""
    if row.is_parameter:
        entry = load_book()[row.key]
        return f"{entry.label_zh if lang == 'zh' else entry.label_en} [{entry.unit}] ({row.key})"
    if row.key in FIELDS:
        return lever_label(row.key, lang)
    name, _, entry_key = row.key.partition(".")
    label = text(f"bound_{name}", lang)
    if name in _LABELED:
        entry_key = _LABELED[name][entry_key].label[lang]
    if name == "futures" and entry_key:
        entry_key = text(f"bound_futures_{entry_key}", lang)
    if name == "intensity_shares" and entry_key:
        entry_key = text(f"word_{entry_key}", lang)
    return said_of(label, entry_key, lang) if entry_key else label


def bound_value(row: Difference, value: Any) -> str:  # noqa: ANN401 - any field of a scenario
    """What a scenario says, in one cell."""
    if value is None or value == []:
        return say("compare_none")
    if row.key in _WORDED:
        entries = [value] if isinstance(value, str) else value
        return in_series(_WORDED[row.key](entry) for entry in entries)
    if row.key.startswith("rules."):
        return say(f"mode_{value}")
    if row.key in FIELDS:
        return lever_text(float(value), FIELDS[row.key].unit, language())
    return _plain_value(value)


_LABELED: dict[str, Mapping[str, Any]] = {"preferences": INDICATORS, "rules": RULES}
_WORDED: dict[str, Callable[[Any], str]] = {
    "targets": target_text,
    "objectives": lambda name: INDICATORS[name].label[language()],
    "intensities": lambda word: say(f"word_{word}"),
    "land_uses": lambda word: say(f"word_{word}"),
    "commute_deterrence": lambda word: say(f"word_{word}"),
    "bargaining": lambda word: say(f"word_{word}"),
}


def _plain_value(value: Any) -> str:  # noqa: ANN401
    if isinstance(value, dict):
        entries = (f"{name} {_plain_value(entry)}" for name, entry in value.items() if entry is not None)
        return listed(entries, language())
    if isinstance(value, list):
        return listed((_plain_value(entry) for entry in value), language())
    return f"{value:,.6g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)


def show_map(plans: Sequence[ComparedPlan]) -> None:
    """All plans on one map."""
    kind = remembered_choice(
        "compare_map", say("color_by"), MAPS, spoken("compare_map_"), key=visit_key("compare_map_kind")
    )
    years = np.stack([np.asarray(plan.tables.plan.start_year[0]) for plan in plans])
    if kind == "start":
        first, second = _show_pair(plans)
        classes = start_classes(years[first], years[second], (plans[first].letter, plans[second].letter), language())
    else:
        classes = (agreement_classes if kind == "agree" else renewing_plans_classes)(years, language())
    city = plans[0].tables.resolved.city
    lines = [
        "\n".join(said_of(plan.letter, year or "–", language()) for plan, year in zip(plans, column, strict=True))
        for column in years.T.tolist()
    ]
    title = say(f"compare_map_{kind}")
    alt = say("alt_compare_map", n=len(plans), title=title, all=int((years > 0).all(axis=0).sum()))
    shown_map = VillageMap(city_ground(city), classes, title, lines)
    village = show_village_map(shown_map, key=visit_key("compare_map", kind), alt=alt)
    show_village_card({plain(plan.short): plan.tables for plan in plans}, village)


def _show_pair(plans: Sequence[ComparedPlan]) -> tuple[int, int]:
    heads = [plan.short for plan in plans]
    if len(plans) == 2:
        return 0, 1
    with st.container(horizontal=True):
        positions = range(len(plans))
        first = st.selectbox(
            say("compare_first"), positions, format_func=heads.__getitem__, key=visit_key("compare_first", len(plans))
        )
        others = [k for k in positions if k != first]
        second = st.selectbox(
            say("compare_second"), others, format_func=heads.__getitem__, key=visit_key("compare_second", first)
        )
    return int(first), int(second)


def show_years(plans: Sequence[ComparedPlan]) -> None:
    """Yearly curves of chosen indicators."""
    series = [plan.tables.yearly() for plan in plans]
    options = [name for name in series[0].columns if name in YEARLY]
    names = st.multiselect(
        say("compare_series"),
        options,
        default=[name for name in remembered("compare_series", list(FIRST_SERIES)) if name in options],
        format_func=lambda name: yearly_title(name, language()),
        key=visit_key("compare_series"),
        placeholder=say("choose_some"),
    )
    remember("compare_series", names)
    if names:
        show_chart(
            years_figure(series, [plan.short for plan in plans], names, language()),
            key=visit_key("compare_years", *names),
            alt=say("alt_compare_years", n=len(plans)),
        )


def show_villages(plans: Sequence[ComparedPlan]) -> None:
    """Villages that all plans renew, and the list as a file; a plan that renews none has no say."""
    renewing = [plan for plan in plans if plan.tables.plan.start_year.any()]
    if 0 < len(renewing) < len(plans):
        plans = renewing
        st.caption(say("compare_shared_idle"))
    frame = shared_villages([plan.tables for plan in plans])
    st.markdown(say("compare_shared", plans=len(plans), n=len(frame)))
    if frame.empty:
        return
    names = {"village_id": "village"} | {name: name for name in ("name", "town", "district")}
    words = {column: say(f"column_{word}") for column, word in names.items()}
    for plan in plans:
        decided = (*DECISIONS, *plan.tables.plan.given)
        words |= {f"{plan.letter}: {name}": said_of(plan.letter, say(f"column_{name}"), language()) for name in decided}
    readable = frame.assign(
        **{
            column: [say(f"word_{word}") for word in frame[column]]
            for column in frame.columns
            if column.endswith(("intensity", "land_use"))
        }
    )
    st.dataframe(readable.rename(columns=words), hide_index=True, alt=say("section_compare_villages"))
    csv_button(say("compare_shared_csv"), frame, "villages-in-common.csv", "compare_shared_csv")


def show_runs(workspace: Workspace, plans: Sequence[ComparedPlan]) -> None:
    """Runs as a whole on one common reference."""
    st.caption(say("compare_runs_help"))
    ids = [name for name in workspace.run_ids() if has_front(workspace, name)]
    named = current("runs").split(BETWEEN) if current("runs") else [plan.ref.run_id for plan in plans]
    start = list(dict.fromkeys(name for name in named if name in ids))
    chosen = st.multiselect(
        say("compare_runs_which"),
        ids,
        default=start,
        format_func=run_words(workspace, ids),
        key=visit_key("compare_runs"),
        placeholder=say("choose_some"),
    )
    go(runs=BETWEEN.join(chosen))
    if len(chosen) < 2:
        st.info(say("compare_runs_few"))
        return
    try:
        comparison = cached_comparison(workspace, chosen)
    except InputError as error:
        st.error(plain(error))
        return
    for line in remarks(comparison, language()):
        st.markdown(plain(line))
    for cells in (run_cells, objective_cells, group_cells):
        _show_cells(cells(comparison, language()))
    st.markdown(say("compare_knees", n=len(comparison.shared_villages), alike=comparison.shared_alike))
    axes = (comparison.objectives[0], comparison.objectives[min(1, len(comparison.objectives) - 1)])
    show_chart(
        fronts_figure(comparison, axes, language()),
        key=visit_key("compare_fronts", *chosen),
        tools=True,
        alt=say("alt_compare_fronts", n=len(chosen)),
    )
    st.caption(say("compare_fronts_help"))


def _show_cells(cells: Cells) -> None:
    header, rows = cells
    if rows:
        st.dataframe(pd.DataFrame(rows, columns=header), hide_index=True, alt=header[0])
