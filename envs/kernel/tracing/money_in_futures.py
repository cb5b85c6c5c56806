"""Money of a trace in the futures of its scenario: yearly sums of the account, and what they come to in each future.

Prices move money alone, and they move whole yearly sums. So plans are traced once, and their money in all futures is
what their sums are worth in each: a few matrix products for a whole batch (envs.kernel.futures.price_futures).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from envs.kernel.computing.backend import Array, array_namespace, device
from envs.kernel.futures.price_futures import PriceFutures
from envs.kernel.markets import market_quantity, stock_factor
from envs.kernel.project_account import COST, COSTS, FIXED, HOUSING_RENT, ITEMS, SALE_PRICE
from envs.kernel.tracing.money import Money

RENTED_AT_FIXED_RENT = ("employment_rent", "terminal_value_employment")
"""Items that no market of the city moves, but that follow rents between futures."""
EXACT, QUICK = 1e-13, 1e-4
"""Error of money in a future, relative to sales: at report precision, and while searching."""
CELLS_AT_ONCE = 2_000_000
"""Plans x futures x years that are held at once where yearly flows of every future are asked for."""


@dataclass(frozen=True, eq=False)
class Worth:
    """What a yuan of each year is worth to a measure, shape (n_years,): of net flows or of gross costs, and of sales.

    Attributes:
        net: of the net cash flow.
        cost: of the gross cost.
        sales: of commodity sales besides.
    """

    net: Array
    cost: Array
    sales: Array


class MoneyInFutures(Money):
    """Yearly sums of the account, city-wide but for sales, and measures over the scenario's futures."""

    @cached_property
    def price_futures(self) -> PriceFutures:
        """The futures, as exactly as this trace is computed."""
        tolerance = EXACT if self.precision.rounds > 1 else QUICK
        return self.resolved.price_futures_like(self.plans.floor_area_ratio, tolerance)

    @cached_property
    def unsold_factor(self) -> Array:
        """Sale price by the housing there is, shape (n_plans, n_districts, n_years)."""
        return stock_factor(self.housing_supply_m2, self.constants.markets)

    @cached_property
    def sold_share(self) -> Array:
        """Commodity floor sold / what a normal year takes, same shape."""
        flow = self.constants.markets.flow
        return market_quantity(self.commodity_sold_m2, flow) * flow.per_unit[:, None]

    @cached_property
    def sales_at_base_cny(self) -> Array:
        """Commodity sales at base-year prices, the stock's answer in them, same shape."""
        return self.yearly(self.amounts_cny["commodity_sales"], "sale") * self.unsold_factor

    @cached_property
    def sales_terms(self) -> Array:
        """Sales as terms of the futures' series, shape (n_years, n_plans, n_districts x n_terms)."""
        terms = self.sales_at_base_cny[..., None] * self.price_futures.terms(self.sold_share)
        by_year = self.xp.permute_dims(terms, (2, 0, 1, 3))
        return self.xp.reshape(by_year, (*by_year.shape[:2], -1))

    def city_flow_cny(self, items: tuple[str, ...]) -> Array:
        """Yearly sum of items at base-year prices and rents, city-wide, shape (n_plans, n_years)."""
        by_profile: dict[str, Array] = {}
        for item in ITEMS:
            if item.name in items:
                amount = self.amounts_cny[item.name]
                by_profile[item.profile] = by_profile[item.profile] + amount if item.profile in by_profile else amount
        total = 0.0
        for profile, amount in by_profile.items():
            total = total + self.xp.sum(self.by_start(amount), axis=1) @ self.profile(profile)
        return total

    @cached_property
    def costs_cny(self) -> Array:
        """All that moves with costs, at their expected path, shape (n_plans, n_years)."""
        return self.city_flow_cny(COST_ITEMS) * self.indices[COSTS]

    @cached_property
    def rents_cny(self) -> Array:
        """Rents and what is valued by them, their market's answer in them, same shape."""
        index = self.indices[HOUSING_RENT]
        housing = sum(self.yearly(self.amounts_cny[name], profile) for name, profile in HOUSING_RENTS)
        return self.xp.sum(housing * index, axis=1) + self.city_flow_cny(RENTED_AT_FIXED_RENT)

    @cached_property
    def fixed_cny(self) -> Array:
        """Revenues that nothing moves, same shape."""
        return self.city_flow_cny(FIXED_ITEMS)

    def sums_in_futures_cny(self, worth: Worth) -> Array:
        """Weighted sum over years of what flows in each future, shape (n_plans, n_futures)."""
        futures, selling = self.price_futures, self.resolved.unit_costs.sales_share
        sales = (1.0 - selling) * worth.net + selling * worth.cost + worth.sales
        terms = self.sales_terms * sales[:, None, None]
        n_years, n_plans, n_terms = terms.shape
        flat = self.xp.reshape(self.xp.permute_dims(terms, (1, 0, 2)), (n_plans, n_years * n_terms))
        total = flat @ self.xp.reshape(futures.price_terms, (n_years * n_terms, -1))
        total = total + ((worth.cost - worth.net) * self.costs_cny) @ futures.cost
        total = total + (worth.net * self.rents_cny) @ futures.rent
        return total + (self.fixed_cny @ worth.net)[:, None]

    def flows_in_futures_cny(self, rows: slice) -> tuple[Array, Array]:
        """Yearly net cash flow and gross cost of some plans in each future, (n_years, n_rows, n_futures) each."""
        futures, selling, xp = self.price_futures, self.resolved.unit_costs.sales_share, self.xp
        sales = self.sales_terms[:, rows] @ futures.price_terms

        def by_year(flow: Array) -> Array:
            return xp.permute_dims(flow[rows], (1, 0))[:, :, None]

        cost = by_year(self.costs_cny) * futures.cost[:, None] + selling * sales
        rents = by_year(self.rents_cny) * futures.rent[:, None]
        return sales + rents + by_year(self.fixed_cny) - cost, cost

    @cached_property
    def present_worth(self) -> Array:
        """What a yuan of each year is worth today, shape (n_years,)."""
        years = self.profile("start")[0]
        year = self.xp.arange(years.shape[0], dtype=self.xp.float64, device=device(years))
        discounted = (1.0 + self.resolved.book.number("finance.discount_rate")) ** -year
        return discounted + 0.0 * years  # on the device of the trace

    def worth_of(self, measure: str) -> Worth:
        """What a yuan is worth to a measure that is a weighted sum of yearly flows."""
        present, book = self.present_worth, self.resolved.book
        one, none = self.xp.ones_like(present), self.xp.zeros_like(present)
        if measure == "total_cost_cny":
            return Worth(none, one, none)
        if measure == "total_profit_cny":
            return Worth(one, none, none)
        transfers = book.number("finance.tax_and_fees") - book.number("finance.developer_margin")
        return Worth(present, none, present * (transfers if measure == "government_npv_cny" else 0.0))

    @cached_property
    def _in_futures(self) -> dict[str, Array]:
        return {}

    def in_futures(self, measure: str) -> Array:
        """A measure of money in each future of the scenario, shape (n_plans, n_futures); computed once."""
        if measure not in self._in_futures:
            extreme = measure in EXTREMES
            found = self._extreme_in_futures(measure) if extreme else self.sums_in_futures_cny(self.worth_of(measure))
            self._in_futures[measure] = found
        return self._in_futures[measure]

    def _extreme_in_futures(self, measure: str) -> Array:
        xp, futures = self.xp, self.price_futures
        n_plans, n_years = self.costs_cny.shape
        step = max(1, CELLS_AT_ONCE // (n_years * futures.n_futures))
        found = []
        for first in range(0, n_plans, step):
            net, cost = self.flows_in_futures_cny(slice(first, first + step))
            flow = net if measure == "peak_funding_cny" else cost
            found.append(EXTREMES[measure](flow))
        return xp.concat(found)


COST_ITEMS = tuple(item.name for item in ITEMS if item.index == COSTS)
FIXED_ITEMS = tuple(item.name for item in ITEMS if item.index == FIXED and item.name not in RENTED_AT_FIXED_RENT)
HOUSING_RENTS = tuple((item.name, item.profile) for item in ITEMS if item.index == HOUSING_RENT)
assert all(item.kind == COST for item in ITEMS if item.index == COSTS)
assert {item.name for item in ITEMS if item.index == SALE_PRICE} == {"commodity_sales", "sales_cost"}


def _deepest_deficit_cny(net_cny: Array) -> Array:
    """(n_years, n, n_futures) to (n, n_futures)."""
    xp = array_namespace(net_cny)
    return xp.clip(-xp.min(xp.cumulative_sum(net_cny, axis=0), axis=0), 0.0, None)


def _largest_cny(cost_cny: Array) -> Array:
    return array_namespace(cost_cny).max(cost_cny, axis=0)


EXTREMES = {"peak_funding_cny": _deepest_deficit_cny, "max_annual_cost_cny": _largest_cny}
"""Measures that are no weighted sums: of the net cash flow, and of the gross cost."""
