"""The project account of plans in the making: one decision moves one district, and the present value with it.

The money of a plan adds up over its villages but for one feedback: new housing lowers the sale price in its district.
So the account keeps yearly sums by district and reads prices and present values from the kernel's own functions.
"""

from __future__ import annotations

from dataclasses import dataclass

from envs.game.batched_arrays import Batched
from envs.game.option_tables import ITEM_GROUPS, GroupProfiles, OptionTables, group_total
from envs.kernel.capital import net_present_value_cny
from envs.kernel.computing.backend import Array, array_namespace, like
from envs.kernel.project_account import sale_price_factor
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import Trace


@dataclass(frozen=True, eq=False)
class Market:
    """What an account needs to know of the city; arrays of one library on one device.

    Attributes:
        tables: amounts by village and option.
        profiles: years of the item groups.
        district_idx: of the villages, shape (n_villages,).
        housing_stock_m2: base-year housing, shape (n_districts,).
        elasticity: of the sale price.
        growth_per_yr: of the sale price.
        discount_rate_per_yr: real rate.
    """

    tables: OptionTables
    profiles: GroupProfiles
    district_idx: Array
    housing_stock_m2: Array
    elasticity: float
    growth_per_yr: float
    discount_rate_per_yr: float

    def price_factor(self, housing_m2: Array, district: Array) -> Array:
        """Sale price relative to the base year, shape (n, n_flow_years), one district per row of housing."""
        return sale_price_factor(
            housing_m2[None],
            self.housing_stock_m2[district],
            elasticity=self.elasticity,
            growth_per_yr=self.growth_per_yr,
        )[0]

    def present_value_cny(self, flow_cny: Array) -> Array:
        """Present value of yearly flows, shape (..., n_flow_years) to (...)."""
        return net_present_value_cny(flow_cny, self.discount_rate_per_yr)


@dataclass(eq=False)
class Account(Batched):
    """Account of each plan; updated in place. T = n_flow_years, year 0 first; money in CNY.

    Attributes:
        net: flow at base-year prices, cost negative, city-wide, shape (n_plans, T).
        cost: its costs, positive, same shape.
        sales: revenue at base-year prices that follows the sale price, shape (n_plans, n_districts, T).
        sales_cost: cost that follows the sale price, same shape.
        housing_m2: housing completed less floor demolished up to each year, same shape.
        factor: sale price relative to the base year, same shape.
        net_value: present value of `net`, shape (n_plans,).
        sales_value: present value of priced sales less their cost, shape (n_plans, n_districts).
    """

    net: Array
    cost: Array
    sales: Array
    sales_cost: Array
    housing_m2: Array
    factor: Array
    net_value: Array
    sales_value: Array

    def net_present_value_cny(self) -> Array:
        """Present value of each plan, shape (n_plans,)."""
        return self.net_value + array_namespace(self.net_value).sum(self.sales_value, axis=1)

    def cost_flow(self) -> Array:
        """Gross cost by year, shape (n_plans, T)."""
        return self.cost + array_namespace(self.cost).sum(self.sales_cost * self.factor, axis=1)

    def net_flow(self) -> Array:
        """Net cash flow by year, shape (n_plans, T)."""
        return self.net + array_namespace(self.net).sum((self.sales - self.sales_cost) * self.factor, axis=1)


def market_of(resolved: ResolvedScenario, tables: OptionTables, profiles: GroupProfiles, reference: Array) -> Market:
    """The market of a resolved scenario; tables and profiles are already in the library of `reference`."""
    base, book = resolved.constants.base, resolved.book
    return Market(
        tables=tables,
        profiles=profiles,
        district_idx=like(base.district_idx, reference),
        housing_stock_m2=like(base.housing_stock_m2, reference),
        elasticity=book.number("price.elasticity"),
        growth_per_yr=book.number("price.growth"),
        discount_rate_per_yr=book.number("finance.discount_rate"),
    )


def open_account(trace: Trace, market: Market) -> Account:
    """The account of a batch of whole plans, from their trace."""
    xp, form, profiles = trace.xp, trace.form, market.profiles
    by_start = [trace.by_start(group_total(trace, group)) for group in ITEM_GROUPS]
    amounts = xp.stack(by_start, axis=3)  # (n_plans, n_districts, n_starts, n_groups)

    def spread(years: Array) -> Array:
        return xp.sum(amounts[..., None] * years, axis=(2, 3))

    new = trace.by_start(form.commodity + form.rental + form.resettlement)
    housing_m2 = new @ profiles.completed - trace.by_start(form.demolished) @ profiles.demolished
    net, sales, sales_cost = (spread(years) for years in (profiles.net, profiles.sales, profiles.sales_cost))
    net = xp.sum(net, axis=1)
    factor = trace.price_factor
    return Account(
        net=net,
        cost=xp.sum(spread(profiles.cost), axis=1),
        sales=sales,
        sales_cost=sales_cost,
        housing_m2=housing_m2,
        factor=factor,
        net_value=market.present_value_cny(net),
        sales_value=market.present_value_cny((sales - sales_cost) * factor),
    )


@dataclass(frozen=True, eq=False)
class Entry:
    """What one decision adds to an account; n decisions, T years.

    Attributes:
        net: as in Account, shape (n, T), as the four that follow.
        cost: costs.
        sales: priced revenue.
        sales_cost: priced cost.
        housing_m2: housing completed less floor demolished.
    """

    net: Array
    cost: Array
    sales: Array
    sales_cost: Array
    housing_m2: Array


def entry_of(market: Market, village: Array, option: Array, start_year: Array) -> Entry:
    """Yearly effect of decisions, shape (n,) each.

    Args:
        market: tables and profiles.
        village: index.
        option: index.
        start_year: 1..plan_years.

    Returns:
        The entry.
    """
    tables, profiles = market.tables, market.profiles
    amounts = tables.amounts[village, option][:, None, :]
    by_start_year = (profiles.net, profiles.cost, profiles.sales, profiles.sales_cost)
    net, cost, sales, sales_cost = ((amounts @ years[start_year])[:, 0, :] for years in by_start_year)
    new, lost = tables.new_housing_m2[village, option], tables.demolished_m2[village, option]
    housing_m2 = new[:, None] * profiles.completed[start_year] - lost[:, None] * profiles.demolished[start_year]
    return Entry(net, cost, sales, sales_cost, housing_m2)


def enter(account: Account, market: Market, rows: Array, *, village: Array, option: Array, start_year: Array) -> None:
    """Add one decision to each of some plans, in place.

    Args:
        account: of all plans.
        market: tables and profiles.
        rows: plans, shape (n,), each at most once.
        village: index, shape (n,), as the two that follow.
        option: index.
        start_year: 1..plan_years.
    """
    entry = entry_of(market, village, option, start_year)
    district = market.district_idx[village]
    account.net[rows] += entry.net
    account.cost[rows] += entry.cost
    account.net_value[rows] += market.present_value_cny(entry.net)
    sales, cost = account.sales[rows, district] + entry.sales, account.sales_cost[rows, district] + entry.sales_cost
    housing_m2 = account.housing_m2[rows, district] + entry.housing_m2
    factor = market.price_factor(housing_m2, district)
    account.sales[rows, district], account.sales_cost[rows, district] = sales, cost
    account.housing_m2[rows, district], account.factor[rows, district] = housing_m2, factor
    account.sales_value[rows, district] = market.present_value_cny((sales - cost) * factor)
