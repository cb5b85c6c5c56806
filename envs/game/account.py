"""The project account of plans in the making: one decision moves one district, and the present value with it.

The money of a plan adds up over its villages but for the markets of their districts: prices answer to the stock and to
the sales of the year, rents to rental places. So the account keeps yearly sums by district and reads prices, rents and
present values from the kernel's own functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from envs.game.batched_arrays import Batched
from envs.game.option_tables import CITY_SERIES, COLUMNS, DISTRICT_SERIES, SERIES, OptionTables
from envs.kernel.capital import net_present_value_cny
from envs.kernel.computing.backend import Array, array_namespace, device, like, to_numpy
from envs.kernel.markets import DistrictMarkets, housing_rent_index, rent_factor, sale_price_factor, yearly_index
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace

SALES, SALES_COST, HOUSING_RENTS, SUPPLY, SOLD, PLACES = range(len(DISTRICT_SERIES))


@dataclass(frozen=True, eq=False)
class Market:
    """What an account needs to know of the city; arrays of one library on one device.

    Attributes:
        tables: amounts by village and option, and the years they fall in.
        district_idx: of the villages, shape (n_villages,).
        districts: how prices and rents of each district answer.
        discount_rate_per_yr: real rate.
    """

    tables: OptionTables
    district_idx: Array
    districts: DistrictMarkets
    discount_rate_per_yr: float

    @cached_property
    def villages_of_district(self) -> Array:
        """Villages of each district, shape (n_districts, most of any); its first fills up the row of a smaller one."""
        district = to_numpy(self.district_idx)
        order = np.argsort(district, kind="stable")
        count = np.bincount(district, minlength=self.districts.stock.size.shape[0])
        place = np.arange(count.max())
        first = np.cumsum(count) - count
        at = first[:, None] + np.where(place < count[:, None], place, 0)
        return like(order[np.minimum(at, district.size - 1)], self.district_idx)

    def present_value_cny(self, flow_cny: Array) -> Array:
        """Present value of yearly flows, shape (..., n_flow_years) to (...)."""
        return net_present_value_cny(flow_cny, self.discount_rate_per_yr)


@dataclass(eq=False)
class Account(Batched):
    """Account of each plan; updated in place. T = n_flow_years, year 0 first; money in CNY.

    Attributes:
        net: flow that no market moves, cost negative, city-wide, shape (n_plans, T).
        cost: its costs, positive, same shape.
        sums: DISTRICT_SERIES by district, shape (n_plans, n_districts, n_series, T).
        price_factor: sale price relative to the base year, shape (n_plans, n_districts, T), as the three that follow.
        rent_factor: housing rents relative to the base year.
        market_cost: cost of sales as the markets have them.
        market_flow: sales less their cost and housing rents as the markets have them.
        net_value: present value of `net`, shape (n_plans,).
        market_value: present value of `market_flow`, shape (n_plans, n_districts).
    """

    net: Array
    cost: Array
    sums: Array
    price_factor: Array
    rent_factor: Array
    market_cost: Array
    market_flow: Array
    net_value: Array
    market_value: Array

    def net_present_value_cny(self) -> Array:
        """Present value of each plan, shape (n_plans,)."""
        return self.net_value + array_namespace(self.net_value).sum(self.market_value, axis=1)

    def cost_flow(self) -> Array:
        """Gross cost by year, shape (n_plans, T)."""
        return self.cost + array_namespace(self.cost).sum(self.market_cost, axis=1)

    def net_flow(self) -> Array:
        """Net cash flow by year, shape (n_plans, T)."""
        return self.net + array_namespace(self.net).sum(self.market_flow, axis=1)


@dataclass(frozen=True, eq=False)
class Sums:
    """Yearly sums of some districts, and what their markets make of them when it is asked for.

    Attributes:
        sums: DISTRICT_SERIES, shape (..., n_series, T).
        markets: of these districts.
    """

    sums: Array
    markets: DistrictMarkets

    @cached_property
    def price_factor(self) -> Array:
        """Sale price relative to the base year, shape (..., T)."""
        return sale_price_factor(self.sums[..., SUPPLY, :], self.sums[..., SOLD, :], self.markets)

    @cached_property
    def rent_factor(self) -> Array:
        """Housing rents relative to the base year, shape (..., T)."""
        return rent_factor(self.sums[..., PLACES, :], self.markets)

    @cached_property
    def market_cost(self) -> Array:
        """Cost that follows the sale price, shape (..., T)."""
        return self.sums[..., SALES_COST, :] * self.price_factor

    @cached_property
    def market_flow(self) -> Array:
        """Sales less their cost and housing rents, shape (..., T)."""
        rents = self.sums[..., HOUSING_RENTS, :] * housing_rent_index(self.rent_factor)
        return self.sums[..., SALES, :] * self.price_factor - self.market_cost + rents


def market_of(resolved: ResolvedScenario, tables: OptionTables, reference: Array) -> Market:
    """The market of a resolved scenario; the tables are already in the library of `reference`."""
    constants = resolved.constants_like(reference, array_namespace(reference).float64)
    return Market(
        tables=tables,
        district_idx=constants.base.district_idx,
        districts=constants.markets,
        discount_rate_per_yr=resolved.book.number("finance.discount_rate"),
    )


def open_account(trace: Trace, market: Market) -> Account:
    """The account of a batch of whole plans, from their trace."""
    xp = trace.xp
    growth = yearly_index(market.districts.cost_growth_per_yr, trace.profile("start")[0])
    nothing = trace.yearly(xp.zeros_like(trace.renewed), "start")
    series = dict.fromkeys(SERIES, nothing)
    for column in COLUMNS:
        yearly = trace.yearly(column.amount(trace), column.profile) * (growth if column.grows else 1.0)
        for name, sign in column.signs:
            series[name] = series[name] + sign * yearly
    net, cost = (xp.sum(series[name], axis=1) for name in CITY_SERIES)
    all_districts = Sums(xp.stack([series[name] for name in DISTRICT_SERIES], axis=2), market.districts)
    return Account(
        net=net,
        cost=cost,
        sums=all_districts.sums,
        price_factor=all_districts.price_factor,
        rent_factor=all_districts.rent_factor,
        market_cost=all_districts.market_cost,
        market_flow=all_districts.market_flow,
        net_value=market.present_value_cny(net),
        market_value=market.present_value_cny(all_districts.market_flow),
    )


@dataclass(frozen=True, eq=False)
class Entry:
    """What one decision adds to an account; n decisions, T years.

    Attributes:
        net: as in Account, shape (n, T).
        cost: costs, same shape.
        sums: DISTRICT_SERIES of its district, shape (n, n_series, T).
        district: of its village, shape (n,).
    """

    net: Array
    cost: Array
    sums: Array
    district: Array


def entry_of(market: Market, village: Array, option: Array, start_year: Array) -> Entry:
    """Yearly effect of decisions, shape (n,) each.

    Args:
        market: tables.
        village: index.
        option: index.
        start_year: 1..plan_years.

    Returns:
        The entry.
    """
    tables, row = market.tables, start_year
    if tables.calendar is not None:
        row = start_year + tables.calendar[village, option] * tables.n_starts
    amounts, rows = tables.amounts[village, option], sorted(set(row.tolist()))
    if len(rows) == 1:
        yearly = amounts @ tables.years[rows[0]]
    else:
        xp, shape = array_namespace(amounts), (amounts.shape[0], tables.years.shape[2])
        yearly = xp.empty(shape, dtype=xp.float64, device=device(amounts))
        for each in rows:
            same = row == each
            yearly[same] = amounts[same] @ tables.years[each]
    yearly = array_namespace(yearly).reshape(yearly, (amounts.shape[0], len(SERIES), -1))
    return Entry(yearly[:, 0], yearly[:, 1], yearly[:, len(CITY_SERIES) :], market.district_idx[village])


def moved(account: Account, market: Market, rows: Array, entry: Entry) -> tuple[tuple[Array, ...], Sums]:
    """The districts that decisions move, as they are after.

    Where every district has markets of its own, it is one district a decision. Else a district without them answers to
    the whole city, and all districts are looked at.

    Args:
        account: before.
        market: how prices answer.
        rows: of the account, shape (n,).
        entry: of the decisions.

    Returns:
        Where they stand in the arrays of the account, (rows, district) or (rows,), and their sums, shape
        (n, n_series, T) or (n, n_districts, n_series, T).
    """
    markets = market.districts
    if markets.has_all:
        at: tuple[Array, ...] = (rows, entry.district)
        return at, Sums(account.sums[at] + entry.sums, markets.rows(entry.district))
    sums = account.sums[rows]
    sums[array_namespace(rows).arange(rows.shape[0], device=device(rows)), entry.district] += entry.sums
    return (rows,), Sums(sums, markets)


def change_of_flow(after: Array, before: Array) -> Array:
    """Change of a yearly flow of the districts moved, (n, T) or (n, n_districts, T) to (n, T)."""
    change = after - before
    return change if change.ndim == 2 else array_namespace(change).sum(change, axis=1)


def enter(account: Account, market: Market, rows: Array, *, village: Array, option: Array, start_year: Array) -> None:
    """Add one decision to each of some plans, in place.

    Args:
        account: of all plans.
        market: tables.
        rows: plans, shape (n,), each at most once.
        village: index, shape (n,), as the two that follow.
        option: index.
        start_year: 1..plan_years.
    """
    entry = entry_of(market, village, option, start_year)
    account.net[rows] += entry.net
    account.cost[rows] += entry.cost
    account.net_value[rows] += market.present_value_cny(entry.net)
    at, after = moved(account, market, rows, entry)
    account.sums[at] = after.sums
    account.price_factor[at], account.rent_factor[at] = after.price_factor, after.rent_factor
    account.market_cost[at], account.market_flow[at] = after.market_cost, after.market_flow
    account.market_value[at] = market.present_value_cny(after.market_flow)


def deficit(flow: Array) -> Array:
    """Deepest cumulative deficit of yearly flows, shape (n, n_flow_years) to (n,)."""
    xp = array_namespace(flow)
    return xp.clip(-xp.min(xp.cumulative_sum(flow, axis=-1), axis=-1), 0.0, None)


def yearly_growth(factor: Array) -> Array:
    """Largest growth from one year to the next, shape (..., n_flow_years) to (...)."""
    return array_namespace(factor).max(factor[..., 1:] / factor[..., :-1] - 1.0, axis=-1)


def city_rent_growth(account: Account) -> Array:
    """Largest yearly growth of rents in any district, shape (n_plans,)."""
    return array_namespace(account.rent_factor).max(yearly_growth(account.rent_factor), axis=1)
