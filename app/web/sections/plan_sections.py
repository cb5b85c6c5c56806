"""Parts of the plan page: map, schedule, money, people, travel, targets and rules, indicators, export."""

from __future__ import annotations

import itertools
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from app.exports.export import SUFFIXES, export_plan
from app.plans.measures import (
    commute_change_km,
    met_share_change,
    money_table,
    payers_table,
    place_table,
    registered_before,
)
from app.plans.rule_table import broken_hard_rules
from app.plans.tables import PlanTables
from app.runs.evaluation_folder import score_record
from app.runs.folder import Run
from app.web.documents.plan_edits import Edits, edited_run
from app.web.documents.run_activity import EXPORTED, note
from app.web.documents.workspace import configured_workspace
from app.web.figures.charts_front import axis_title, shown_scale
from app.web.figures.charts_plan import money_figure, people_figure, schedule_figure, yearly_figure
from app.web.figures.map_figure import MapClass, map_figure
from app.web.figures.plan_map_classes import COLORINGS, plan_classes
from app.web.sections.scenario_form import target_text
from app.web.sections.scenario_villages import village_hover
from app.web.shell.page_frame import guarded, show_chart, visit_key
from app.web.shell.session import language, say, spoken
from app.words.console import listed, value_text
from app.words.markup import plain
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import RULES, check
from envs.rules.targets import scorecard

PLAY_S = 1.0
CHANGE_BOUNDS = {"commute": (-1.0, -0.2, 0.2, 1.0), "access": (-0.1, -0.02, 0.02, 0.1)}
DIVERGING = ("#b35806", "#f1a340", "#d8d8d0", "#998ec3", "#542788")
"""From worse to better; told apart by the color-blind (ColorBrewer PuOr)."""
DELTA_COLOR: dict[str, Literal["normal", "inverse", "off"]] = {"max": "normal", "min": "inverse", "": "off"}
MIME = {".gpkg": "application/geopackage+sqlite3", ".geojson": "application/geo+json", ".csv": "text/csv"}
MIME |= {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pdf": "application/pdf",
}


def shown(name: str, value: float | None, *, signed: bool = False) -> str:
    """An indicator's value with its unit; a change of a share keeps two digits however small it is."""
    if signed and value is not None and INDICATORS[name].unit in ("share", "0..1"):
        return "0" if not value else f"{value:+.2g}" if abs(value) >= 1e-4 else f"{value:+.6f}"
    return value_text(value, INDICATORS[name].unit, language(), signed=signed)


def show_map(tables: PlanTables) -> None:
    """The map by year, with slider and play."""
    coloring = st.segmented_control(
        say("color_by"),
        COLORINGS,
        default=COLORINGS[0],
        required=True,
        key=visit_key("coloring"),
        format_func=spoken("coloring_"),
    )
    last = int(tables.resolved.clock.last_change_year)
    playing = st.toggle(say("play"), key=visit_key("play"))
    year_key = visit_key("year")

    def frame() -> None:
        shown_year = int(st.session_state.get(year_key, last))
        st.session_state[year_key] = (shown_year + 1) % (last + 1) if playing else shown_year
        year = st.slider(say("year_slider"), 0, last, key=year_key)
        classes, title = plan_classes(tables, str(coloring), year, language())
        under_way = int(((tables.plan.start_year[0] > 0) & (tables.plan.start_year[0] <= year)).sum())
        show_chart(
            map_figure(tables.resolved.city, classes, village_hover(tables.resolved.city), legend_title=title),
            key=visit_key("plan_map"),
            tools=True,
            alt=say("alt_plan_map", title=title, year=year, n=under_way),
        )

    st.fragment(guarded(frame), run_every=PLAY_S if playing else None)()


def show_schedule(tables: PlanTables) -> None:
    """Gantt chart by district and village, and the table behind it."""
    schedule = tables.schedule()
    if schedule.empty:
        st.info(say("nothing_renewed"))
        return
    districts = ["", *sorted(schedule["district"].unique())]
    names = {name: name or say("all_districts") for name in districts}
    district = st.selectbox(say("column_district"), districts, format_func=names.__getitem__, key=visit_key("district"))
    show_chart(
        schedule_figure(schedule, str(district), language()),
        key=visit_key("gantt", district),
        alt=say("alt_schedule", n=len(schedule)),
    )
    rows = schedule if not district else schedule[schedule["district"] == district]
    words = {
        name: say(f"column_{name}")
        for name in (
            "district",
            "town",
            "name",
            "start_year",
            "completion_year",
            "intensity",
            "land_use",
            "floor_area_ratio",
            "facility_ratio",
        )
    }
    readable = rows.assign(**{name: [say(f"word_{word}") for word in rows[name]] for name in ("intensity", "land_use")})
    st.dataframe(
        readable.rename(columns=words | {"village_id": say("column_village")}),
        hide_index=True,
        alt=say("section_schedule"),
    )


def show_money(tables: PlanTables, values: dict[str, float]) -> None:
    """Cash flow, peak, payback, who pays and who gets, districts."""
    names = (
        "net_present_value_cny",
        "peak_funding_cny",
        "payback_year",
        "internal_rate_of_return",
        "return_on_cost_ratio",
        "max_annual_cost_cny",
    )
    show_metrics(names, values)
    table = money_table(tables)
    show_chart(
        money_figure(table, language()),
        key=visit_key("money"),
        alt=say("alt_money", peak=shown("peak_funding_cny", values["peak_funding_cny"])),
    )
    st.markdown(f"**{say('who_pays')}**")
    rows = [
        {say("column_indicator"): INDICATORS[name].label[language()], say("column_value"): shown(name, value)}
        for name, value in payers_table(values)
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("who_pays"))
    st.caption(say("who_pays_help"))
    st.markdown(f"**{say('by_district')}**")
    frame = tables.by_district()
    columns = {"district": frame["district"].rename(say("column_district"))}
    for name in frame.columns.drop("district"):
        columns[name] = (frame[name] / shown_scale(name, language())[0]).rename(axis_title(name, language()))
    show_numbers(pd.concat(columns.values(), axis=1), alt=say("by_district"))


def show_people(tables: PlanTables, values: dict[str, float]) -> None:
    """Flows of people by group."""
    names = (
        "population_before_persons",
        "population_after_persons",
        "displaced_tenants_persons",
        "displaced_registered_persons",
        "newcomers_persons",
        "social_tie_share",
    )
    show_metrics(names, values)
    figure = people_figure(values | {"registered_before_persons": registered_before(tables)}, language())
    show_chart(
        figure,
        key=visit_key("people"),
        alt=say("alt_people", n=shown("displaced_tenants_persons", values["displaced_tenants_persons"])),
    )
    show_chart(
        yearly_figure(
            tables.yearly().dropna(subset=["population_after_persons"]), ["population_after_persons"], language()
        ),
        key=visit_key("people_years"),
        alt=say("alt_yearly"),
    )


def show_travel(tables: PlanTables, values: dict[str, float], base: dict[str, float]) -> None:
    """Commute and accessibility before and after, by group, over years and by place."""
    groups = (
        "mean_commute_km",
        "mean_commute_km_affected",
        "mean_commute_min",
        "mean_commute_min_affected",
        "commute_over_45_min_share",
        "commute_over_60_min_share",
        "service_accessibility",
        "service_accessibility_villages",
        "all_categories_met_share",
        "accessibility_gini",
    )
    show_table([(name, values[name], base[name]) for name in groups])
    years = tables.yearly().dropna(subset=["mean_commute_km"])
    show_chart(
        yearly_figure(years, ["mean_commute_km", "service_accessibility"], language()),
        key=visit_key("travel_years"),
        alt=say("alt_yearly"),
    )
    what = st.segmented_control(
        say("by_place"),
        ("commute", "access"),
        default="commute",
        required=True,
        key=visit_key("by_place"),
        format_func=spoken("place_"),
    )
    before, after = commute_change_km(tables) if what == "commute" else met_share_change(tables)
    city = tables.resolved.city
    change = (after - before)[city.n_zones :]
    better = -change if what == "commute" else change
    bounds = CHANGE_BOUNDS[str(what)]
    group = np.where(np.isfinite(better), np.digitize(better, bounds), 2)
    edges = [
        f"< {bounds[0]:+g}",
        *(f"{a:+g} … {b:+g}" for a, b in itertools.pairwise(bounds)),
        f"> {bounds[-1]:+g}",
    ]
    classes = [
        MapClass(f"{say('improvement')} {edges[k]} ({int((group == k).sum())})", DIVERGING[k], group == k)
        for k in range(len(edges))
    ]
    hover = [
        f"{text}<br>{b:.4g} → {a:.4g}"
        for text, b, a in zip(village_hover(city), before[city.n_zones :], after[city.n_zones :], strict=True)
    ]
    show_chart(
        map_figure(city, classes, hover, legend_title=say(f"place_{what}")),
        key=visit_key("place_map", what),
        tools=True,
        alt=say("alt_map", title=say(f"place_{what}")),
    )
    frame = place_table(tables, before, after)
    names = {name: say(f"column_{name}") for name in ("district", "before", "after", "change")}
    show_numbers(frame.rename(columns=names), alt=say(f"place_{what}"))


def show_targets(tables: PlanTables) -> None:
    """The scorecard and the rules."""
    scores = [score_record(score) for score in scorecard(tables.resolved, tables.plan)]
    st.markdown(f"**{say('scorecard')}**")
    if scores:
        rows = [
            {
                say("column_target"): target_text(item),
                say("column_output"): shown(item["indicator"], item["output"]),
                say("column_met"): say("met" if item["met"] else "not_met"),
            }
            for item in scores
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("scorecard"))
    else:
        st.caption(say("no_targets"))
    findings = check(tables.resolved, tables.plan)
    broken = broken_hard_rules(findings)
    st.markdown(f"**{say('rules')}**")
    (st.error if broken else st.success)(say("rules_broken", n=len(broken)) if broken else say("rules_hold"))
    rows = [
        {
            say("rules"): item.label[language()],
            say("column_mode"): say(f"mode_{item.mode}"),
            say("column_met"): say("met" if item.holds else "not_met"),
            say("column_value"): value_text(item.measured, item.unit, language()),
            say("column_limit"): value_text(item.limit, item.unit, language()),
            say("column_villages"): ", ".join(item.villages[:5]) + (" …" if len(item.villages) > 5 else ""),
        }
        for item in findings
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("rules"))


def show_change_note(tables: PlanTables, *, edited: bool) -> None:
    """What the changes are measured from; and which hard rules an edited plan breaks, if any."""
    st.caption(say("change_from_plan" if edited else "change_from_base"))
    broken = broken_hard_rules(check(tables.resolved, tables.plan)) if edited else []
    if broken:
        names = [RULES[name].label[language()] for name in broken]
        st.error(say("rules_broken_which", rules=listed(names, language())))


def show_indicators(values: dict[str, float], base: dict[str, float]) -> None:
    """Every indicator with unit, change, recipe and bias."""
    show_table([(name, value, base[name]) for name, value in values.items()], recipe=True)


def show_table(rows: list[tuple[str, float, float]], *, before: str = "column_base", recipe: bool = False) -> None:
    """Indicators with value, what it is compared with, and change.

    Args:
        rows: indicator, value, and value before.
        before: key of the text that says what "before" is; by default the empty plan.
        recipe: how each is computed stands beside it.
    """
    table: list[dict[str, Any]] = []
    for name, value, other in rows:
        row = {
            say("column_indicator"): INDICATORS[name].label[language()],
            say("column_value"): shown(name, value),
            say(before): shown(name, other),
            say("column_change"): shown(name, value - other, signed=True),
        }
        table.append(
            row
            | (
                {
                    say("column_recipe"): INDICATORS[name].recipe_in(language()),
                    say("column_bias"): INDICATORS[name].bias_in(language()),
                }
                if recipe
                else {}
            )
        )
    st.dataframe(
        pd.DataFrame(table), hide_index=True, height=560 if recipe else "auto", alt=say("alt_indicators", n=len(table))
    )


def show_numbers(frame: pd.DataFrame, *, alt: str) -> None:
    """A table of numbers, each column with as many decimals as its size asks for."""
    decimals = {str(name): 4 if frame[name].abs().max() < 10 else 2 for name in frame.select_dtypes("float")}
    columns = {name: st.column_config.NumberColumn(format=f"%.{digits}f") for name, digits in decimals.items()}
    st.dataframe(frame, hide_index=True, column_config=columns, alt=alt)


def show_metrics(names: tuple[str, ...], values: dict[str, float], before: dict[str, float] | None = None) -> None:
    """Figures in large type, with the change from another plan."""
    with st.container(horizontal=True):
        for name in names:
            change = None if before is None else values[name] - before[name]
            item = INDICATORS[name]
            st.metric(
                item.label[language()],
                shown(name, values[name]),
                None if not change or np.isnan(change) else shown(name, change, signed=True),
                delta_color=DELTA_COLOR[item.sense],
                help=item.recipe_in(language()),
                border=True,
            )


def show_export(found: Run, plan_id: str, tables: PlanTables, edits: Edits) -> None:
    """Files with the numbers of the screen."""
    st.caption(say("export_help"))
    with st.container(horizontal=True):
        for suffix in SUFFIXES:
            make = partial(export_bytes, found, plan_id, tables, edits, suffix, language())
            name = f"{found.folder.name}-{plan_id}{'-edited' if edits else ''}{suffix}"
            st.download_button(
                say("export_as", suffix=suffix.removeprefix(".").upper()),
                make,
                name,
                MIME.get(suffix),
                key=visit_key("export", suffix),
                on_click="ignore",
            )


def export_bytes(found: Run, plan_id: str, tables: PlanTables, edits: Edits, suffix: str, words: str) -> bytes:
    """The file of a plan, with its edits if it has any."""
    run, name = edited_run(found, plan_id, tables.plan) if edits else (found, plan_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        export_plan(run, name, path, language=words)
        content = path.read_bytes()
    note(configured_workspace(), found.folder.name, EXPORTED, suffix.removeprefix(".").upper())
    return content


def title_of(plan_id: str, edits: Edits) -> str:
    """Name of the plan as the page shows it."""
    return f"{say('plan')} {plain(plan_id)}" + (f" · {say('edited_n', n=len(edits))}" if edits else "")
