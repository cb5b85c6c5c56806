"""Robust measures a second time, in plain loops: a plan's account future by future, then ranked by hand."""

from __future__ import annotations

Flows = dict[str, list[list[float]]]
"""Item of the account -> its flow by district and year."""


def net_and_cost(
    account: Flows,
    price: list[list[float]],
    cost: list[float],
    rent: list[float],
    *,
    growth: tuple[float, float],
    elasticity: float,
) -> tuple[list[float], list[float], list[float]]:
    """Yearly net cash flow, gross cost and commodity sales of the city in one future.

    Args:
        account: every item, and `commodity_sold_m2` and `normal_sales_m2`.
        price: index of each district and year.
        cost: of each year.
        rent: of each year.
        growth: of prices and of costs a year.
        elasticity: of sale prices by what is sold in the year.
    """
    revenues = ("resettlement_sales", "housing_rent", "employment_rent", "terminal_value_housing")
    revenues = (*revenues, "terminal_value_employment", "commodity_sales")
    net, gross, sales = [0.0] * len(cost), [0.0] * len(cost), [0.0] * len(cost)
    for name, by_district in account.items():
        if name in ("commodity_sold_m2", "normal_sales_m2"):
            continue
        for district, by_year in enumerate(by_district):
            for year, amount in enumerate(by_year):
                flow = abs(amount)
                if name in ("commodity_sales", "sales_cost"):
                    sold = account["commodity_sold_m2"][district][year]
                    normal = account["normal_sales_m2"][district][year]
                    beside = price[district][year] / (1.0 + growth[0]) ** year
                    flow *= beside * ((1.0 + sold / (normal * beside)) / (1.0 + sold / normal)) ** -elasticity
                elif name in revenues and name != "resettlement_sales":
                    flow *= rent[year]
                elif name not in revenues:
                    flow *= cost[year] / (1.0 + growth[1]) ** year
                net[year] += flow if name in revenues else -flow
                gross[year] += 0.0 if name in revenues else flow
                sales[year] += flow if name == "commodity_sales" else 0.0
    return net, gross, sales


def measured(
    net: list[float], gross: list[float], sales: list[float], *, rate: float, transfers: float
) -> dict[str, float]:
    """Measures of money of one future; `transfers` = taxes less the developer's margin, as shares of sales."""
    total, deepest, present, government = 0.0, 0.0, 0.0, 0.0
    for year, flow in enumerate(net):
        total += flow
        deepest = max(deepest, -total)
        present += flow / (1.0 + rate) ** year
        government += (flow + transfers * sales[year]) / (1.0 + rate) ** year
    return {
        "net_present_value_cny": present,
        "total_profit_cny": total,
        "total_cost_cny": sum(gross),
        "max_annual_cost_cny": max(gross),
        "peak_funding_cny": deepest,
        "government_npv_cny": government,
    }


def worst_mean(values: list[float], share: float, *, more_is_better: bool) -> float:
    """Mean of the worst share; the value at the border counts in part."""
    ranked, left, total = sorted(values, reverse=not more_is_better), share * len(values), 0.0
    for value in ranked:
        counted = min(1.0, left)
        total += counted * value
        left -= counted
        if left <= 0.0:
            break
    return total / (share * len(values))
