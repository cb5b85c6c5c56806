"""Slopes of robust objectives: a yuan of each year is worth what it is worth in the futures that count, on average.

Money in a future is linear in the yearly sums but for the sales, which answer to the floor sold. So the derivative of
a mean, a worst tail or a quantile is one slope of money (envs.kernel.adjoint.money) at re-weighted indices: those of
the futures that count, and a plan has its own. All futures together cost what one does, and two matrix products.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from envs.kernel.adjoint.money import INDEX, by_start_year, housing_rent_years, of_choices, of_last_year
from envs.kernel.adjoint.quantities import PROFILES, SALES_COST
from envs.kernel.computing.backend import Array, device
from envs.kernel.futures.over_futures import weights_of_chance, weights_of_futures
from envs.kernel.futures.robust_names import CHANCE, ROBUST, wanted_of
from envs.kernel.indicators.futures import OverFutures
from envs.kernel.project_account import COSTS, HOUSING_RENT
from envs.kernel.trace import Trace
from envs.kernel.tracing.money_in_futures import CELLS_AT_ONCE, EXTREMES

DECILE_WIDTH = 0.05
"""Ranks that count as the worst decile where kinks are smoothed wholly, as a share of the futures to either side."""
RENTED = ("operation", "terminal")
"""Profiles whose flows that no market of the city moves follow rents between futures."""


@dataclass(frozen=True, eq=False)
class MeanFuture:
    """What a yuan of each year is worth over the futures that count; (n_plans, n_years), but for prices.

    Attributes:
        fixed: of flows that nothing moves.
        cost: of costs on their expected path, above 0 where costs count against the objective.
        rent: of rents.
        price: of sales at base-year prices, the stock's answer in them, shape (n_plans, n_districts, n_years).
        price_by_share: its derivative by the share sold, same shape.
    """

    fixed: Array
    cost: Array
    rent: Array
    price: Array
    price_by_share: Array


def robust_slope(trace: Trace, width: float, *, measure: str, statistic: str) -> dict[str, Array]:
    """D of a robust indicator; as envs.kernel.adjoint.money.capital_slope.

    Args:
        trace: plans on their way through the model.
        width: how far kinks are smoothed: steps of a chance, and the two futures a decile lies between.
        measure: of money.
        statistic: what is read of it.
    """
    weights = _weights(trace, width, measure, statistic)
    is_cost = measure in ("total_cost_cny", "max_annual_cost_cny")
    future = (_extreme_future if measure in EXTREMES else _summed_future)(trace, measure, weights)
    profiles = [name for name in PROFILES if INDEX[name] == COSTS or not is_cost]
    slope = _sales_slopes(trace, future, SALES_COST if is_cost else "net_sales")
    slope |= {f"flow_{name}": _by_plan_year(trace, _worth_of(future, name), name) for name in profiles}
    if not is_cost:
        slope |= _rent_slopes(trace, future)
    return of_choices(trace, slope)


def _weights(trace: Trace, width: float, measure: str, statistic: str) -> Array:
    """Derivative of the indicator by the measure in each future, (n_plans, n_futures)."""
    values, scenario = trace.in_futures(measure), trace.resolved.scenario
    if statistic == CHANCE:
        return weights_of_chance(values, wanted_of(scenario, measure), width=width)
    return weights_of_futures(
        values,
        statistic,
        tail_share=scenario.futures.tail_share,
        more_is_better=OverFutures(measure, statistic).more_is_better,
        width=DECILE_WIDTH * width,
    )


def _summed_future(trace: Trace, measure: str, weights: Array) -> MeanFuture:
    """Of a measure that is a weighted sum over years: every year has the same futures."""
    worth, futures, xp = trace.worth_of(measure), trace.price_futures, trace.xp
    selling = trace.resolved.unit_costs.sales_share
    total = xp.sum(weights, axis=1)[:, None]
    terms = xp.matmul(weights, xp.permute_dims(futures.price_terms, (0, 2, 1)))  # (n_years, n_plans, terms)
    of_sales = (1.0 - selling) * worth.net + selling * worth.cost + worth.sales
    price, by_share = _prices(trace, terms * of_sales[:, None, None])
    return MeanFuture(
        fixed=total * worth.net,
        cost=(weights @ xp.permute_dims(futures.cost, (1, 0))) * (worth.net - worth.cost),
        rent=(weights @ xp.permute_dims(futures.rent, (1, 0))) * worth.net,
        price=price,
        price_by_share=by_share,
    )


def _extreme_future(trace: Trace, measure: str, weights: Array) -> MeanFuture:
    """Of the deepest deficit or the dearest year: every future has its own years that count."""
    xp, step = trace.xp, max(1, CELLS_AT_ONCE // (weights.shape[1] * trace.present_worth.shape[0]))
    parts = [
        _extreme_of_rows(trace, measure, weights, slice(first, first + step)) for first in range(0, len(weights), step)
    ]
    terms = xp.concat([part[0] for part in parts], axis=1)
    fixed, cost, rent = (xp.concat([part[k] for part in parts]) for k in (1, 2, 3))
    price, by_share = _prices(trace, terms)
    return MeanFuture(fixed, cost, rent, price, by_share)


def _extreme_of_rows(trace: Trace, measure: str, weights: Array, rows: slice) -> tuple[Array, Array, Array, Array]:
    xp, futures, selling = trace.xp, trace.price_futures, trace.resolved.unit_costs.sales_share
    net, cost = trace.flows_in_futures_cny(rows)
    year = xp.arange(net.shape[0], dtype=xp.int64, device=device(net))[:, None, None]
    if measure == "peak_funding_cny":
        deficit = -xp.cumulative_sum(net, axis=0)
        counts = xp.astype(year <= xp.argmax(deficit, axis=0)[None], xp.float64)
        of_net, of_sales = -counts * xp.astype(xp.max(deficit, axis=0) > 0.0, xp.float64), 1.0 - selling
    else:
        counts = xp.astype(year == xp.argmax(cost, axis=0)[None], xp.float64)
        of_net, of_sales = -counts, -selling
    worth = of_net * weights[rows]  # (n_years, n_rows, n_futures)
    terms = of_sales * (worth @ xp.permute_dims(futures.price_terms, (0, 2, 1)))

    def by_plan(each: Array) -> Array:
        return xp.permute_dims(xp.sum(each, axis=2), (1, 0))

    return terms, by_plan(worth), by_plan(worth * futures.cost[:, None]), by_plan(worth * futures.rent[:, None])


def _prices(trace: Trace, terms: Array) -> tuple[Array, Array]:
    """Worth of sales and its derivative by the share sold, from that of each term, (n_years, n_plans, ...)."""
    xp, futures = trace.xp, trace.price_futures
    n_plans, n_districts, n_years = trace.sold_share.shape
    each = xp.reshape(terms, (n_years, n_plans, n_districts, futures.n_terms))
    each = xp.permute_dims(each, (1, 2, 0, 3))
    share = trace.sold_share
    return xp.sum(each * futures.terms(share), axis=-1), xp.sum(each * futures.terms_by_share(share), axis=-1)


def _worth_of(future: MeanFuture, profile: str) -> Array:
    if INDEX[profile] == COSTS:
        return future.cost
    return future.rent if profile in RENTED else future.fixed


def _by_plan_year(trace: Trace, worth: Array, profile: str) -> Array:
    """Slope by what flows in the years of a profile, (n_plans, n_villages, n_rows)."""
    xp, (n_plans, n_villages) = trace.xp, trace.plans.start_year.shape
    index = trace.indices[INDEX[profile]]
    by_row = (worth * index) @ xp.permute_dims(trace.profile(profile), (1, 0))
    return by_row[:, None, :] + xp.zeros((n_plans, n_villages, 1), dtype=xp.float64, device=device(by_row))


def _sales_slopes(trace: Trace, future: MeanFuture, quantity: str) -> dict[str, Array]:
    """Slopes of sales, and of what moves their prices: housing in stock to last year, floor sold in the year.

    `future.price` has the costs of selling in it; the quantities of sales are net of them, or they are them.
    """
    markets, selling = trace.constants.markets, trace.resolved.unit_costs.sales_share
    share = selling if quantity == SALES_COST else 1.0 - selling
    of_quantity = 1.0 / share if share > 0.0 else 0.0
    sales = trace.sales_at_base_cny
    by_supply = of_last_year(sales * future.price, trace.housing_supply_m2, markets.stock)
    by_sold = _of_own_district(trace, sales * future.price_by_share)
    completed = by_start_year(trace, by_supply, "operation")
    return {
        quantity: by_start_year(trace, of_quantity * trace.unsold_factor * future.price, "sale"),
        "resettlement": completed,
        "commodity": completed + by_start_year(trace, by_sold, "sale"),
        "demolished": -markets.rooms_as_housing * by_start_year(trace, by_supply, "standing"),
    }


def _of_own_district(trace: Trace, by_share: Array) -> Array:
    """From the derivative by the share sold to that by a district's floor, where some answer to the city's."""
    xp, flow = trace.xp, trace.constants.markets.flow
    slope = by_share * flow.per_unit[:, None]
    if flow.without is None:
        return slope
    shared = flow.without[:, None]
    of_city = xp.sum(xp.where(shared, slope, xp.zeros_like(slope)), axis=-2, keepdims=True)
    return xp.where(shared, xp.zeros_like(slope), slope) + of_city


def _rent_slopes(trace: Trace, future: MeanFuture) -> dict[str, Array]:
    """Slopes of housing rents and of what moves them; where places are scarce the project's rents do not answer."""
    xp, flows, worth = trace.xp, trace.flows_by_district_cny, future.rent[:, None, :]
    rents = flows["housing_rent"] + flows["terminal_value_housing"]
    rents = xp.where(trace.rent_factor < 1.0, rents, xp.zeros_like(rents))
    by_places = of_last_year(rents * worth, trace.net_rental_places, trace.constants.markets.rent)
    return {
        "housing_rent": by_start_year(trace, trace.indices[HOUSING_RENT] * worth, housing_rent_years(trace)),
        "rental_places": by_start_year(trace, by_places, "operation"),
        "tenants_left": -by_start_year(trace, by_places, "standing"),
    }


ROBUST_SLOPES: dict[str, Callable[[Trace, float], dict[str, Array]]] = {
    name: partial(robust_slope, measure=measure, statistic=statistic) for name, (measure, statistic) in ROBUST.items()
}
"""Robust objective -> its slope."""
