"""The village chosen on a map: what one or several plans decide and do there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.tables import AGREEMENT, PlanTables
from app.web.sections.indicator_tables import shown
from app.web.sections.scenario_villages import village_labels
from app.web.shell.session import language, say
from app.words.console import percent_text
from envs.kernel.indicators.registry import INDICATORS

DONE_THERE = (
    "new_floor_area_m2",
    "displaced_tenants_persons",
    "consent_share",
    "total_cost_cny",
    "net_present_value_cny",
)


def show_village_card(plans: Mapping[str, PlanTables], village: str) -> None:
    """One column for each plan.

    Args:
        plans: short name -> tables, all of one city.
        village: id; empty for none chosen yet.
    """
    if not village:
        st.caption(say("map_choose"))
        return
    city = next(iter(plans.values())).resolved.city
    position = int(np.flatnonzero(city.villages.village_id == village)[0])
    st.markdown(f"**{say('map_chosen')}** {plain(village_labels(city)[village])}")
    columns = pd.DataFrame({name: _row(tables, position) for name, tables in plans.items()}, dtype=object)
    st.table(columns.fillna(""), border="horizontal", alt=say("map_chosen"))


def _row(tables: PlanTables, position: int) -> dict[str, str]:
    outcome = tables.village_outcomes().iloc[position]
    start = int(outcome["start_year"])
    if not start:
        return {say("column_start_year"): say("map_kept")}
    return {
        say("column_start_year"): str(start),
        say("column_completion_year"): str(int(tables.trace.completion_year[0][position])),
        **{say(f"column_{name}"): say(f"word_{outcome[name]}") for name in ("intensity", "land_use")},
        say("column_floor_area_ratio"): f"{outcome['floor_area_ratio']:.2f}",
        **_agreement(outcome),
        **{INDICATORS[name].label[language()]: shown(name, float(outcome[name])) for name in DONE_THERE},
    }


def _agreement(outcome: pd.Series[Any]) -> dict[str, str]:
    """How likely the village agrees, where its scenario looks at bargaining."""
    if AGREEMENT not in outcome:
        return {}
    return {say(f"column_{AGREEMENT}"): percent_text(float(outcome[AGREEMENT]))}
