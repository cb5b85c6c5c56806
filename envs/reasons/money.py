"""Money along a path: what items of the account and the floor that moves prices and rents are worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from data.arrays import FloatArray
from envs.kernel.markets import (
    Market,
    flow_factor,
    housing_rent_index,
    market_quantity,
    market_ratio,
    rent_factor,
    stock_factor,
    until_last_year,
    yearly_index,
)
from envs.kernel.project_account import COST, DEVELOPER, GOVERNMENT, HOUSING_RENT, ITEMS, REVENUE, SALE_PRICE
from envs.reasons.path import PathTrace
from envs.reasons.secants import above, below, change, mean, over, secant

OF_MARKETS = ("commodity", "resettlement", "demolished", "rental_places", "tenants_left")
"""Quantities that move prices and rents of all."""
Worth = Mapping[str, FloatArray]
"""Item -> worth of a CNY of it in each year, broadcasting to (n_panels, n_districts, n_flow_years)."""


def money_slope(path: PathTrace, worth: Worth) -> dict[str, FloatArray]:
    """What a CNY of each item at base-year prices, and a unit of what moves prices, is worth to a sum over the account.

    Args:
        path: between two plans.
        worth: of the flow of each item; items left out are worth nothing.

    Returns:
        Quantity (`money_` and the item's name, `price_` and one of OF_MARKETS) -> shape (n_villages,).
    """
    slope: dict[str, FloatArray] = {}
    by_index: dict[str, FloatArray | float] = {SALE_PRICE: 0.0, HOUSING_RENT: 0.0}
    for item in ITEMS:
        if item.name not in worth:
            continue
        index, each = path.indices[item.index], worth[item.name]
        level = mean(index, 0) if index.ndim == 3 else index
        slope[f"money_{item.name}"] = _of_villages(path, level * each, item.profile)
        if item.index in by_index:
            amount = path.yearly(path.amounts_cny[item.name], item.profile)
            by_index[item.index] = by_index[item.index] + mean(amount, 0) * each
    return slope | _of_prices(path, by_index[SALE_PRICE]) | _of_rents(path, by_index[HOUSING_RENT])


def _of_villages(path: PathTrace, by_flow: FloatArray, profile: str) -> FloatArray:
    """From the worth of a district's yearly flow to that of a village's amount; (n_villages,)."""
    n_districts, n_years = len(path.resolved.city.districts), path.resolved.clock.last_flow_year + 1
    by_year = np.broadcast_to(by_flow, (path.n_panels, n_districts, n_years)).mean(axis=0)
    by_row = by_year @ path.profile(profile).T
    return np.asarray(by_row[path.constants.base.district_idx, path.calendar_row[0]])


def _of_prices(path: PathTrace, by_price: FloatArray | float) -> dict[str, FloatArray]:
    """Worth of what moves sale prices: housing completed and rooms torn down to last year, floor sold in the year."""
    markets = path.constants.markets
    supply, sold = path.housing_supply_m2, path.commodity_sold_m2
    stock, flow = stock_factor(supply, markets), flow_factor(sold, markets)
    growth = yearly_index(markets.price_growth_per_yr, supply)
    before = until_last_year(supply)
    by_supply = _of_last_year(by_price * growth * mean(flow, 0) * _factor_slope(before, stock, markets.stock))
    by_sold = by_price * growth * mean(stock, 0) * _factor_slope(sold, flow, markets.flow)
    by_supply, by_sold = _of_market(by_supply, markets.stock), _of_market(by_sold, markets.flow)
    completed = _of_villages(path, by_supply, "operation")
    return {
        "price_commodity": completed + _of_villages(path, by_sold, "sale"),
        "price_resettlement": completed,
        "price_demolished": -markets.rooms_as_housing * _of_villages(path, by_supply, "standing"),
    }


def _of_rents(path: PathTrace, by_index: FloatArray | float) -> dict[str, FloatArray]:
    """Worth of what moves the rents the project receives: places completed and tenants who left, to last year."""
    market, places = path.constants.markets.rent, until_last_year(path.net_rental_places)
    factor = rent_factor(path.net_rental_places, path.constants.markets)
    slope = _factor_slope(places, factor, market, at_most_one=True)
    by_places = _of_market(_of_last_year(by_index * slope), market)
    return {
        "price_rental_places": _of_villages(path, by_places, "operation"),
        "price_tenants_left": -_of_villages(path, by_places, "standing"),
    }


def _factor_slope(quantity: FloatArray, factor: FloatArray, market: Market, *, at_most_one: bool = False) -> FloatArray:
    """Secant of a market's factor by the quantity it answers to, (n_panels, n_districts, n_flow_years)."""
    answered = market_quantity(quantity, market)

    def slope(middle: FloatArray) -> FloatArray:
        without_others = Market(market.size, None, market.elasticity, market.least_share)
        ratio = market_ratio(middle, without_others)
        rate = -market.elasticity * ratio ** (-market.elasticity - 1.0) * market.per_unit[:, None]
        held = (ratio <= market.least_share) | ((ratio < 1.0) & at_most_one)
        return np.where(held, 0.0, rate)

    return secant(answered, housing_rent_index(factor) if at_most_one else factor, slope, axis=0)


def _of_market(by_answered: FloatArray, market: Market) -> FloatArray:
    """From the worth of what markets answer to, to that of a district's own: those without a market answer to all."""
    if market.without is None:
        return by_answered
    of_city = np.where(market.without[:, None], by_answered, 0.0).sum(axis=-2, keepdims=True)
    return np.where(market.without[:, None], 0.0, by_answered) + of_city


def _of_last_year(by_quantity: FloatArray) -> FloatArray:
    """From the worth of last year's quantity in the year of the answer, to that of the quantity in its own year."""
    return np.concatenate([by_quantity[..., 1:], np.zeros_like(by_quantity[..., :1])], axis=-1)


def of_items(worth: FloatArray | float, *, kind: str | None = None, payer: str | None = None) -> dict[str, FloatArray]:
    """The same worth for all items of a kind and payer: costs count below zero where both kinds are asked for."""
    return {
        item.name: np.asarray(worth if kind is not None or item.kind == REVENUE else -1.0 * np.asarray(worth))
        for item in ITEMS
        if kind in (None, item.kind) and payer in (None, item.payer)
    }


def discounts(path: PathTrace) -> FloatArray:
    """Present worth of a CNY of each year, shape (n_flow_years,)."""
    year = np.arange(path.resolved.clock.last_flow_year + 1)
    return np.asarray((1.0 + path.resolved.book.number("finance.discount_rate")) ** -year.astype(float))


def largest_year(yearly: FloatArray) -> FloatArray:
    """Worth of each year to the largest, so that the change of the largest is the sum of worth x change.

    Where the largest year is another at the end of a panel than at its beginning, the change lies between those of
    the two years and both count by where it lies.

    Args:
        yearly: at the points, shape (n_points, n_years).

    Returns:
        shape (n_panels, n_years), rows sum to 1.

    Example:
        >>> largest_year(np.array([[4.0, 1.0], [5.0, 7.0]]))
        array([[0.6, 0.4]])
    """
    first, last = np.argmax(below(yearly, 0), axis=1), np.argmax(above(yearly, 0), axis=1)
    panel, grows = np.arange(len(first)), change(yearly, 0)
    rise = above(yearly, 0)[panel, last] - below(yearly, 0)[panel, first]
    of_first, of_last = grows[panel, first], grows[panel, last]
    share = np.clip(over(rise - of_first, of_last - of_first), 0.0, 1.0)
    worth = np.zeros_like(grows)
    np.add.at(worth, (panel, first), 1.0 - share)
    np.add.at(worth, (panel, last), share)
    return worth


def _peak_worth(path: PathTrace) -> dict[str, FloatArray]:
    """Worth of a CNY to the deepest deficit: minus one in the years up to it, none where there is no deficit."""
    deficit = -np.cumsum(path.net_cash_flow_cny, axis=1)
    with_none = np.concatenate([np.zeros_like(deficit[:, :1]), deficit], axis=1)
    at_peak = largest_year(with_none)[:, 1:]
    until_peak = np.flip(np.cumsum(np.flip(at_peak, axis=1), axis=1), axis=1)
    return of_items(-until_peak[:, None, :])


def _land_worth(path: PathTrace) -> dict[str, FloatArray]:
    """What a developer can pay for the land: his account less the margin on sales (the subsidy is a sum besides)."""
    worth = of_items(discounts(path), payer=DEVELOPER)
    margin = path.resolved.book.number("finance.developer_margin")
    worth["commodity_sales"] = worth["commodity_sales"] * (1.0 - margin)
    return worth


def _sales_worth(path: PathTrace, rate: str) -> dict[str, FloatArray]:
    """Part of the sales that a key of the book says."""
    return {"commodity_sales": path.resolved.book.number(rate) * discounts(path)}


def _government_worth(path: PathTrace) -> dict[str, FloatArray]:
    """Land price and taxes less what the government pays; the subsidy of rental housing comes back in the price."""
    present = discounts(path)
    worth = of_items(present, payer=GOVERNMENT) | _land_worth(path)
    tax = path.resolved.book.number("finance.tax_and_fees")
    worth["commodity_sales"] = worth["commodity_sales"] + tax * present
    return worth


ACCOUNT: Mapping[str, Callable[[PathTrace], Worth]] = {
    "net_present_value_cny": lambda path: of_items(discounts(path)),
    "total_profit_cny": lambda path: of_items(np.ones_like(discounts(path))),
    "total_cost_cny": lambda path: of_items(np.ones_like(discounts(path)), kind=COST),
    "max_annual_cost_cny": lambda path: of_items(largest_year(path.gross_cost_cny)[:, None, :], kind=COST),
    "peak_funding_cny": _peak_worth,
    "developer_npv_cny": lambda path: _sales_worth(path, "finance.developer_margin"),
    "government_npv_cny": _government_worth,
    "taxes_cny": lambda path: _sales_worth(path, "finance.tax_and_fees"),
}
"""Outcome that is a sum over the account -> what a CNY of each item and year is worth to it."""
