"""The account in a few groups, for charts and reports: who pays, and what comes in."""

from __future__ import annotations

import pandas as pd

from app.tables import PlanTables
from envs.kernel.capital import COST, DEVELOPER, GOVERNMENT, ITEMS

FLOW_GROUPS = {
    "sales": "commodity_sales",
    "resettlement_sales": "resettlement_sales",
    "rent": "rent",
    "terminal_value": "terminal_value",
}


def money_table(tables: PlanTables) -> pd.DataFrame:
    """Cash flow by year in five groups, net and cumulative [CNY]; the groups add up to the net."""
    flow = tables.cash_flow_by_year()
    payer = {item.name: item.payer for item in ITEMS}
    costs = [item.name for item in ITEMS if item.kind == COST]
    frame = pd.DataFrame({"year": flow["year"]})
    for who in (GOVERNMENT, DEVELOPER):
        frame[f"cost_{who}"] = flow[[name for name in costs if payer[name] == who]].sum(axis=1)
    for name, item in FLOW_GROUPS.items():
        frame[name] = flow[item]
    return frame.assign(net=flow["net_cash_flow_cny"], cumulative=flow["cumulative_cny"])
