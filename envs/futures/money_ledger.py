"""The ledger of plans: yearly sums by district, from which every future of prices, costs and rents is read off exactly.

Prices move money alone: who lives where, what is built and when stay as they are. So a plan is evaluated once, and a
future costs a few sums over districts and years. A falling market swallows less: normal sales move with the index
beside its expected path, so that the future without shocks is the account of the evaluator.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray
from envs.kernel.computing.backend import to_numpy
from envs.kernel.futures.market_paths import MarketPaths
from envs.kernel.markets import Market, market_quantity, stock_factor, yearly_index
from envs.kernel.project_account import COST, COSTS, FIXED, HOUSING_RENT, ITEMS, REVENUE
from envs.kernel.trace import Trace

RENTED_AT_FIXED_RENT = ("employment_rent", "terminal_value_employment")
"""Items that no market of the city moves, but that follow rents between futures."""


@dataclass(frozen=True, eq=False)
class MoneyLedger:
    """Money of plans at base-year prices, costs and rents, by flow year; all float64.

    Attributes:
        sales_cny: commodity sales, the stock's answer in them, shape (n_plans, n_districts, n_years).
        sold_share: commodity floor sold / normal sales, same shape.
        rents_cny: rents and what is valued by them, their market's answer in them, shape (n_plans, n_years).
        costs_cny: all that moves with costs, same shape.
        fixed_cny: revenues that nothing moves, same shape.
        expected_price: index of sale prices without shocks, shape (n_years,).
        expected_cost: the same of costs.
        sales_cost_share: cost of selling / sales.
        flow: market of yearly sales.
        discount_rate_per_yr: real.
        margin_share: developer's, of sales.
        tax_share: taxes and fees that buyers pay, of sales.
    """

    sales_cny: FloatArray
    sold_share: FloatArray
    rents_cny: FloatArray
    costs_cny: FloatArray
    fixed_cny: FloatArray
    expected_price: FloatArray
    expected_cost: FloatArray
    sales_cost_share: float
    flow: Market
    discount_rate_per_yr: float
    margin_share: float
    tax_share: float

    @property
    def n_plans(self) -> int:
        """Number of plans."""
        return len(self.costs_cny)

    def sales_in(self, plan: int, paths: MarketPaths) -> FloatArray:
        """Commodity sales of a plan, city-wide, in some futures; shape (n_futures, n_years) [CNY]."""
        district, year = np.nonzero(self.sales_cny[plan])
        index = paths.price[:, district, year]  # (n_futures, n_cells)
        beside = index / self.expected_price[year]
        ratio = np.maximum(1.0 + self.sold_share[plan, district, year] / beside, self.flow.least_share)
        sales = self.sales_cny[plan, district, year] * index * ratio**-self.flow.elasticity
        return sales @ np.eye(paths.cost.shape[1])[year]

    def flows_in(self, plan: int, paths: MarketPaths) -> dict[str, FloatArray]:
        """Yearly flows of a plan in some futures, shape (n_futures, n_years) each [CNY].

        Returns:
            `sales_cny`, `gross_cost_cny` (cost of selling in it) and `net_cash_flow_cny`.
        """
        sales = self.sales_in(plan, paths)
        cost = self.costs_cny[plan] * paths.cost + self.sales_cost_share * sales
        rents = self.rents_cny[plan] * paths.rent
        net = sales + rents + self.fixed_cny[plan] - cost
        return {"sales_cny": sales, "gross_cost_cny": cost, "net_cash_flow_cny": net}


def money_ledger(trace: Trace) -> MoneyLedger:
    """The ledger of the plans of a trace."""
    book, markets = trace.resolved.book, trace.constants.markets
    stock = to_numpy(stock_factor(trace.housing_supply_m2, markets))
    sold = market_quantity(trace.commodity_sold_m2, markets.flow) * markets.flow.per_unit[:, None]
    by_year = {item.name: _city(trace, item.name) for item in ITEMS if item.index != "sale_price"}
    growth = to_numpy(yearly_index(markets.cost_growth_per_yr, trace.profile("start")[0]))
    rents = [i.name for i in ITEMS if i.index == HOUSING_RENT or i.name in RENTED_AT_FIXED_RENT]
    fixed = [i.name for i in ITEMS if i.index == FIXED and i.name not in RENTED_AT_FIXED_RENT]
    assert all(item.kind == COST for item in ITEMS if item.index == COSTS)
    assert all(item.kind == REVENUE for item in ITEMS if item.name in (*rents, *fixed))
    return MoneyLedger(
        sales_cny=to_numpy(trace.yearly(trace.amounts_cny["commodity_sales"], "sale")) * stock,
        sold_share=to_numpy(sold),
        rents_cny=_sum(by_year[name] for name in rents),
        costs_cny=_sum(by_year[item.name] for item in ITEMS if item.index == COSTS) / growth,
        fixed_cny=_sum(by_year[name] for name in fixed),
        expected_price=to_numpy(yearly_index(markets.price_growth_per_yr, trace.profile("start")[0])),
        expected_cost=growth,
        sales_cost_share=trace.resolved.unit_costs.sales_share,
        flow=Market(
            to_numpy(markets.flow.size), None, elasticity=markets.flow.elasticity, least_share=markets.flow.least_share
        ),
        discount_rate_per_yr=book.number("finance.discount_rate"),
        margin_share=book.number("finance.developer_margin"),
        tax_share=book.number("finance.tax_and_fees"),
    )


def together(ledgers: Sequence[MoneyLedger]) -> MoneyLedger:
    """Ledgers of some plans each, in one scenario, as that of all of them."""

    def rows(name: str) -> FloatArray:
        return np.concatenate([getattr(ledger, name) for ledger in ledgers])

    return replace(
        ledgers[0],
        sales_cny=rows("sales_cny"),
        sold_share=rows("sold_share"),
        rents_cny=rows("rents_cny"),
        costs_cny=rows("costs_cny"),
        fixed_cny=rows("fixed_cny"),
    )


def _city(trace: Trace, item: str) -> FloatArray:
    """Yearly flow of an item, city-wide, shape (n_plans, n_years)."""
    return to_numpy(trace.xp.sum(trace.flows_by_district_cny[item], axis=1))


def _sum(flows: Iterable[FloatArray]) -> FloatArray:
    return np.asarray(sum(flows), dtype=np.float64)
