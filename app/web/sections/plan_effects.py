"""What a plan does: cash flow and who pays, where people go, commute and accessibility by group, year and place."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import streamlit as st

from app.charts.colors import DIVERGING
from app.charts.village_map import MapClass, VillageMap, city_ground
from app.files.names import plain
from app.plans.measures import (
    commute_change_km,
    met_share_change,
    money_table,
    payers_table,
    place_table,
    registered_before,
)
from app.plans.tables import PlanTables
from app.web.figures.charts_front import axis_title, largest, shown_scale
from app.web.figures.charts_plan import money_figure, people_figure, yearly_figure
from app.web.sections.indicator_tables import show_metrics, show_numbers, show_table, shown
from app.web.sections.villages.village_card import show_village_card
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.page_frame import show_chart, visit_key
from app.web.shell.session import current, language, say, spoken
from data.arrays import FloatArray
from envs.kernel.indicators.registry import INDICATORS

TRAVEL_INDICATORS = (
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
CHANGE_BOUNDS = {"commute": (-1.0, -0.2, 0.2, 1.0), "access": (-0.1, -0.02, 0.02, 0.1)}


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
        most = largest(frame[name])
        columns[name] = (frame[name] / shown_scale(name, language(), most)[0]).rename(
            axis_title(name, language(), most)
        )
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
    show_table([(name, values[name], base[name]) for name in TRAVEL_INDICATORS])
    years = tables.yearly().dropna(subset=["mean_commute_km"])
    show_chart(
        yearly_figure(years, ["mean_commute_km", "service_accessibility"], language()),
        key=visit_key("travel_years"),
        alt=say("alt_yearly"),
    )
    _show_travel_by_place(tables)


def _show_travel_by_place(tables: PlanTables) -> None:
    """Commute or met share of every village before and after, on a map and in a table."""
    kind = st.segmented_control(
        say("by_place"),
        ("commute", "access"),
        default="commute",
        required=True,
        key=visit_key("by_place"),
        format_func=spoken("place_"),
    )
    before, after = commute_change_km(tables) if kind == "commute" else met_share_change(tables)
    city = tables.resolved.city
    change = (after - before)[city.n_zones :]
    better = -change if kind == "commute" else change
    title = say(f"place_{kind}")
    shown_map = VillageMap(
        ground=city_ground(city),
        classes=_change_classes(better, CHANGE_BOUNDS[str(kind)]),
        title=title,
        lines=[f"{b:.4g} → {a:.4g}" for b, a in zip(before[city.n_zones :], after[city.n_zones :], strict=True)],
    )
    village = show_village_map(shown_map, key=visit_key("place_map", kind), alt=say("alt_map", title=title))
    show_village_card({plain(current("plan")): tables}, village)
    frame = place_table(tables, before, after)
    names = {name: say(f"column_{name}") for name in ("district", "before", "after", "change")}
    show_numbers(frame.rename(columns=names), alt=say(f"place_{kind}"))


def _change_classes(better: FloatArray, bounds: tuple[float, ...]) -> list[MapClass]:
    """Villages from worse to better, shape (n_villages,); one without a value counts as unchanged."""
    group = np.where(np.isfinite(better), np.digitize(better, bounds), 2)
    edges = [
        f"< {bounds[0]:+g}",
        *(f"{a:+g} … {b:+g}" for a, b in itertools.pairwise(bounds)),
        f"> {bounds[-1]:+g}",
    ]
    return [
        MapClass(f"{say('improvement')} {edges[k]} ({int((group == k).sum()):,})", DIVERGING[k], group == k)
        for k in range(len(edges))
    ]
