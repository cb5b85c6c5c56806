"""Slopes of money: what a CNY of each year is worth to an objective, through the account and the markets it moves."""

from __future__ import annotations

from envs.kernel.adjoint.choice_calendars import choice_clocks
from envs.kernel.adjoint.quantities import DELAYED, PROFILES, SALES_COST
from envs.kernel.computing.backend import Array, array_namespace, device
from envs.kernel.markets import Market, revenue_slope, until_last_year
from envs.kernel.project_account import COSTS, FIXED, HOUSING_RENT, ITEMS, SALE_PRICE
from envs.kernel.trace import Trace

INDEX = {item.profile: item.index for item in ITEMS if item.index in (COSTS, FIXED)}
"""What moves the flow of each of PROFILES."""


def housing_rent_years(trace: Trace) -> Array:
    """Yearly housing rents that a year's rent brings, the terminal value included, (plan_years + 1, n_flow_years)."""
    terminal = trace.profile("terminal") / trace.resolved.unit_costs.cap_rate_rental_per_yr
    return trace.profile("operation") + terminal


def capital_slope(trace: Trace) -> dict[str, Array]:
    """D net_present_value_cny by what a village contributes if it starts in a year.

    Returns:
        Quantity -> shape (n_plans, n_villages, n_rows) [CNY per unit]: a row for each start year, 0 = kept, which is
        zero; of every calendar that choices may follow, one after another, or of the first alone where no delay moves
        the quantity (quantities.DELAYED).
    """
    year = trace.xp.arange(
        trace.profile("start").shape[1], dtype=trace.xp.float64, device=device(trace.profile("start"))
    )
    return net_flow_slope(trace, (1.0 + trace.resolved.book.number("finance.discount_rate")) ** -year)


def profit_slope(trace: Trace) -> dict[str, Array]:
    """D total_profit_cny, undiscounted; as capital_slope."""
    return net_flow_slope(trace, trace.xp.ones_like(trace.profile("start")[0]))


def peak_funding_slope(trace: Trace, *, width: float = 0.0) -> dict[str, Array]:
    """D peak_funding_cny; as capital_slope.

    Args:
        trace: plans on their way through the model.
        width: 0 = a subgradient, the flows up to the (first) year of the deepest deficit; above, years count whose
            deficit is nearly as deep, by exp(-(what it lacks of the deepest) / (width x the deepest)), which foretells
            steps of many villages better.

    Returns:
        The slopes; zero for a plan that needs no funding.
    """
    xp = trace.xp
    deficit = -xp.cumulative_sum(trace.net_cash_flow_cny, axis=1)
    deepest = xp.max(deficit, axis=1, keepdims=True)
    if width == 0.0:
        year = xp.arange(deficit.shape[1], dtype=xp.int64, device=device(deficit))
        peak = xp.astype(year == xp.argmax(deficit, axis=1)[:, None], xp.float64)
    else:
        near = xp.exp((deficit - deepest) / (width * xp.where(deepest > 0.0, deepest, xp.ones_like(deepest))))
        peak = near / xp.sum(near, axis=1, keepdims=True)
    peak = xp.where(deepest > 0.0, peak, xp.zeros_like(peak))
    until_peak = xp.flip(xp.cumulative_sum(xp.flip(peak, axis=1), axis=1), axis=1)
    return net_flow_slope(trace, -until_peak[:, None, :])


def cost_slope(trace: Trace) -> dict[str, Array]:
    """D total_cost_cny; as capital_slope."""
    return gross_cost_slope(trace, trace.xp.ones_like(trace.profile("start")[0]))


def annual_cost_slope(trace: Trace) -> dict[str, Array]:
    """D max_annual_cost_cny: a subgradient, the costs of the (first) most expensive year; as capital_slope."""
    xp = trace.xp
    year = xp.arange(trace.gross_cost_cny.shape[1], dtype=xp.int64, device=device(trace.gross_cost_cny))
    most = year == xp.argmax(trace.gross_cost_cny, axis=1)[:, None]
    return gross_cost_slope(trace, xp.astype(most, xp.float64)[:, None, :])


def net_flow_slope(trace: Trace, worth: Array) -> dict[str, Array]:
    """Slopes of a weighted sum of the yearly net cash flow.

    Args:
        trace: plans on their way through the model.
        worth: of a CNY in each year, shape (n_flow_years,), or (n_plans, 1, n_flow_years).

    Returns:
        As capital_slope.
    """
    flows, index = trace.flows_by_district_cny, trace.indices
    slope = {f"flow_{name}": _of_flow(trace, name, worth) for name in PROFILES}
    slope["net_sales"] = by_start_year(trace, index[SALE_PRICE] * worth, "sale")
    slope["housing_rent"] = by_start_year(trace, index[HOUSING_RENT] * worth, housing_rent_years(trace))
    slope |= _of_sale_prices(trace, flows["commodity_sales"] - flows["sales_cost"], worth)
    return of_choices(trace, slope | _of_rents(trace, worth))


def gross_cost_slope(trace: Trace, worth: Array) -> dict[str, Array]:
    """Slopes of a weighted sum of the yearly gross cost; as net_flow_slope."""
    slope = {f"flow_{name}": -_of_flow(trace, name, worth) for name in PROFILES if INDEX[name] == COSTS}
    slope[SALES_COST] = by_start_year(trace, trace.indices[SALE_PRICE] * worth, "sale")
    slope |= _of_sale_prices(trace, trace.flows_by_district_cny["sales_cost"], worth)
    return of_choices(trace, slope)


def _of_flow(trace: Trace, profile: str, worth: Array) -> Array:
    """Slope by what flows in the years of a profile at the index that moves it, (n_plans, n_villages, n_rows)."""
    xp, (n_plans, n_villages) = trace.xp, trace.plans.start_year.shape
    by_year = trace.indices[INDEX[profile]] * worth
    by_row = by_year @ xp.permute_dims(trace.profile(profile), (1, 0))
    return by_row + xp.zeros((n_plans, n_villages, 1), dtype=xp.float64, device=device(by_row))


def by_start_year(trace: Trace, by_year: Array, years: Array | str) -> Array:
    """From the slope by a district's yearly amount to that by a village's, (n_plans, n_villages, n_rows)."""
    years = trace.profile(years) if isinstance(years, str) else years
    by_row = by_year @ trace.xp.permute_dims(years, (1, 0))
    return trace.xp.take(by_row, trace.constants.base.district_idx, axis=1)


def _of_sale_prices(trace: Trace, sales: Array, worth: Array) -> dict[str, Array]:
    """Slopes of flows that follow the sale price, by what moves it: housing in stock to last year, floor sold."""
    markets = trace.constants.markets
    by_supply = of_last_year(sales * worth, trace.housing_supply_m2, markets.stock)
    by_sold = revenue_slope(sales * worth, trace.commodity_sold_m2, markets.flow)
    completed = by_start_year(trace, by_supply, "operation")
    return {
        "resettlement": completed,
        "commodity": completed + by_start_year(trace, by_sold, "sale"),
        "demolished": -markets.rooms_as_housing * by_start_year(trace, by_supply, "standing"),
    }


def _of_rents(trace: Trace, worth: Array) -> dict[str, Array]:
    """Slopes of housing rents by what moves them; where places are scarce the project's rents do not answer."""
    xp, flows = trace.xp, trace.flows_by_district_cny
    rents = flows["housing_rent"] + flows["terminal_value_housing"]
    rents = xp.where(trace.rent_factor < 1.0, rents, xp.zeros_like(rents))
    by_places = of_last_year(rents * worth, trace.net_rental_places, trace.constants.markets.rent)
    return {
        "rental_places": by_start_year(trace, by_places, "operation"),
        "tenants_left": -by_start_year(trace, by_places, "standing"),
    }


def of_last_year(revenue: Array, quantity: Array, market: Market) -> Array:
    """Slope of a year's revenue by the quantity of the year before, in that year; as revenue_slope."""
    xp = array_namespace(quantity)
    answer = revenue_slope(revenue, until_last_year(quantity), market)
    return xp.concat([answer[..., 1:], xp.zeros_like(answer[..., :1])], axis=-1)


def of_choices(trace: Trace, slope: dict[str, Array]) -> dict[str, Array]:
    """The rows of calendars that choices may follow; others belong to delays that plans give villages themselves."""
    n_starts, n_clocks = trace.resolved.clock.plan_years + 1, len(choice_clocks(trace.resolved))
    return {name: each[..., : n_starts * (n_clocks if name in DELAYED else 1)] for name, each in slope.items()}
