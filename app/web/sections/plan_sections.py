"""A plan: its map, its schedule, its targets and rules, all its indicators."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.charts.plan_map import COLORINGS, plan_map
from app.charts.village_map import VillageMap
from app.files.names import plain
from app.plans.rule_table import broken_hard_rules, verdict_kind, verdict_text
from app.plans.tables import PlanTables
from app.runs.evaluation_folder import score_record
from app.web.documents.plan_edits import Edits
from app.web.figures.charts_plan import schedule_figure
from app.web.sections.indicator_tables import show_table, shown
from app.web.sections.scenario_form import target_text
from app.web.sections.villages.village_card import show_village_card
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_data import cached_findings
from app.web.shell.page_frame import remembered_choice, show_chart, visit_key
from app.web.shell.session import current, language, say, spoken
from app.words.console import listed, value_text
from envs.rules.targets import scorecard

OVERVIEW_MAP_PX = 400
"""So tall that map, legend and years stand on one screen below the numbers."""


def show_map(tables: PlanTables) -> str:
    """The map and its years to be played; the village chosen on it, or ""."""
    coloring = remembered_choice(
        "coloring", say("color_by"), COLORINGS, spoken("coloring_"), key=visit_key("coloring"), heading=True
    )
    shown_map = plan_map(tables, language(), coloring=coloring)
    return show_village_map(shown_map, key=visit_key("plan_map"), alt=plan_map_alt(shown_map), height=OVERVIEW_MAP_PX)


def show_plan_village(tables: PlanTables, village: str) -> None:
    """The village chosen on the map."""
    show_village_card({title_of(current("plan"), {}): tables}, village)


def plan_map_alt(shown_map: VillageMap) -> str:
    """What the map of a plan is called where it is told."""
    return say("alt_plan_map", title=shown_map.title)


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
            *tables.plan.given,
        )
    }
    readable = rows.assign(**{name: [say(f"word_{word}") for word in rows[name]] for name in ("intensity", "land_use")})
    st.dataframe(
        readable.rename(columns=words | {"village_id": say("column_village")}),
        hide_index=True,
        alt=say("section_schedule"),
    )


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
    findings = cached_findings(tables)
    st.markdown(f"**{say('rules')}**")
    banner = {"holds": st.success, "told": st.warning, "broken": st.error}[verdict_kind(findings)]
    banner(verdict_text(findings, language()))
    rows = [
        {
            say("rules"): item.label[language()],
            say("column_mode"): say(f"mode_{item.mode}"),
            say("column_met"): say("met" if item.holds else "not_met"),
            say("column_value"): value_text(item.measured, item.unit, language()),
            say("column_limit"): value_text(item.limit, item.unit, language()),
            say("column_villages"): listed(item.villages[:5], language()) + (" …" if len(item.villages) > 5 else ""),
        }
        for item in findings
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=say("rules"))


def show_broken_rules(tables: PlanTables, *, edited: bool) -> None:
    """Which hard rules an edited plan breaks, if any."""
    findings = cached_findings(tables) if edited else []
    if broken := broken_hard_rules(findings):
        names = [item.label[language()] for item in findings if item.rule in broken]
        st.error(say("rules_broken_which", rules=listed(names, language())))


def show_indicators(values: dict[str, float], base: dict[str, float]) -> None:
    """Every indicator with unit, change, recipe and bias."""
    show_table([(name, value, base[name]) for name, value in values.items()], recipe=True)


def title_of(plan_id: str, edits: Edits) -> str:
    """Name of the plan as the page shows it."""
    return f"{say('plan')} {plain(plan_id)}" + (f" · {say('edited_n', n=len(edits))}" if edits else "")
