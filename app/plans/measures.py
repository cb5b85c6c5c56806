"""Before and after by place, and people by group, from the evaluator's own trace of a plan."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from app.plans.tables import PlanTables
from data.arrays import FloatArray
from envs.kernel.project_account import COST, DEVELOPER, GOVERNMENT, ITEMS


def registered_before(tables: PlanTables) -> float:
    """Registered residents of the renewed villages in the base year [persons]."""
    return float(tables.resolved.city.villages.registered_residents[tables.renewed_idx].sum())


def commute_change_km(tables: PlanTables) -> tuple[FloatArray, FloatArray]:
    """Mean commute of the workers of each place in the base year and in the last state year, shape (n_places,) [km].

    NaN where no workers live.
    """
    trace = tables.trace
    by_place, workers = np.asarray(trace.commute_km_by_place)[:, 0], np.asarray(trace.workers)[:, 0]
    shown = np.where(workers > 0.5, by_place, np.nan)
    return shown[:, 0], shown[:, -1]


def met_share_change(tables: PlanTables) -> tuple[FloatArray, FloatArray]:
    """Category-weighted met share of each place in the base year and in the last state year, shape (n_places,)."""
    met = np.asarray(tables.trace.met).reshape(tables.resolved.city.n_places, tables.trace.n_years)
    return met[:, 0], met[:, -1]


def payers_table(values: dict[str, float]) -> list[tuple[str, float]]:
    """Who pays and who gets, present values [CNY]; government and developer add up to project and taxes."""
    names = ("government_npv_cny", "developer_npv_cny", "residual_land_value_cny", "taxes_cny", "net_present_value_cny")
    return [(name, values[name]) for name in names]


def place_table(tables: PlanTables, before: FloatArray, after: FloatArray) -> pd.DataFrame:
    """District means before and after, weighted by the residents of that year."""
    city = tables.resolved.city
    residents = np.asarray(tables.trace.residents)[:, 0]
    rows: list[dict[str, Any]] = []
    for k, district in enumerate(city.districts):
        in_district = city.place_district_idx == k
        means = [
            _mean(values[in_district], residents[in_district, year]) for values, year in ((before, 0), (after, -1))
        ]
        rows.append({"district": district, "before": means[0], "after": means[1], "change": means[1] - means[0]})
    return pd.DataFrame(rows)


def _mean(values: FloatArray, weights: FloatArray) -> float:
    known = np.isfinite(values) & (weights > 0.0)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


FLOW_GROUPS = {
    "sales": ["commodity_sales"],
    "resettlement_sales": ["resettlement_sales"],
    "rent": ["housing_rent", "employment_rent"],
    "terminal_value": ["terminal_value_housing", "terminal_value_employment"],
}


def money_table(tables: PlanTables) -> pd.DataFrame:
    """Cash flow by year in six groups, net and cumulative [CNY]; the groups add up to the net."""
    flow = tables.cash_flow_by_year()
    payer = {item.name: item.payer for item in ITEMS}
    costs = [item.name for item in ITEMS if item.kind == COST]
    frame = pd.DataFrame({"year": flow["year"]})
    for party in (GOVERNMENT, DEVELOPER):
        frame[f"cost_{party}"] = flow[[name for name in costs if payer[name] == party]].sum(axis=1)
    for name, items in FLOW_GROUPS.items():
        frame[name] = flow[items].sum(axis=1)
    return frame.assign(net=flow["net_cash_flow_cny"], cumulative=flow["cumulative_cny"])
