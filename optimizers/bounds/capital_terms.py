"""The capital account in amounts and weights: net present value, sales, what markets answer to, and linear limits."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray
from data.scenario import RuleMode
from envs.kernel.markets import Market, market_ratio, yearly_index
from envs.kernel.project_account import COST, COSTS, FIXED, HOUSING_RENT, REVENUE
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.check import active_rules
from envs.rules.rule import TOLERANCE, Rule
from optimizers.bounds.amounts import ACCOUNTS, AMOUNTS, ChoiceTable
from optimizers.bounds.column_generation import Limits

BOUND_RULES = (
    "yearly_quota",
    "renewal_ratio_least",
    "renewal_ratio_most",
    "intensity_share_least",
    "intensity_share_most",
    "least_commodity_area",
    "least_rental_area",
    "annual_capital",
    "peak_capital",
    "commodity_cap",
    "district_floor_area",
    "rental_share",
    "new_to_demolished",
)
"""City-wide rules that are linear in the amounts, or have a linear relaxation; others are left out of a bound."""


def at(*names: object) -> list[int]:
    """Positions of amounts."""
    return [AMOUNTS.index(name) for name in names]


def discount(resolved: ResolvedScenario) -> FloatArray:
    """Present value of a CNY by flow year, shape (n_flow_years,)."""
    rate = resolved.book.number("finance.discount_rate")
    return np.asarray((1.0 + rate) ** -np.arange(resolved.clock.last_flow_year + 1, dtype=np.float64))


def years_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of nothing yet by flow year, shape (n_flow_years, plan_years, n_amounts)."""
    return np.zeros((resolved.clock.last_flow_year + 1, resolved.clock.plan_years, len(AMOUNTS)))


def unpriced_flow(resolved: ResolvedScenario, *, signed: bool, rents: FloatArray | None = None) -> FloatArray:
    """Weights of each year's flow without the items that follow sale prices.

    Args:
        resolved: scenario resolved against a city.
        signed: revenue less cost; else the cost alone.
        rents: index of housing rents, shape (n_flow_years, n_districts); None = 1, the largest there can be.

    Returns:
        shape (n_flow_years, n_districts, plan_years, n_amounts).
    """
    clock, n_districts = resolved.clock, len(resolved.city.districts)
    weights = np.zeros((clock.last_flow_year + 1, n_districts, clock.plan_years, len(AMOUNTS)))
    of_costs = yearly_index(resolved.constants.markets.cost_growth_per_yr, weights[:, 0, 0, 0])
    one = np.ones(weights.shape[:2])
    indices = {COSTS: of_costs[:, None] * one, HOUSING_RENT: one if rents is None else rents, FIXED: one}
    for kind, profile, index in ACCOUNTS:
        sign = (1.0 if kind == REVENUE else -1.0) if signed else float(kind == COST)
        moved = indices[index][:, :, None] * clock.flow_profiles[profile][1:].T[:, None, :]
        weights[..., AMOUNTS.index((kind, profile, index))] += sign * moved
    return weights


def sold_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of sales net of their cost by flow year, at base-year prices; shape as years_weights."""
    weights, sale = years_weights(resolved), resolved.clock.flow_profiles["sale"][1:].T
    sales, cost = at("commodity_sales", "sales_cost")
    weights[:, :, sales], weights[:, :, cost] = sale, -sale
    return weights


def sold_floor_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of commodity floor sold in each flow year; shape as years_weights."""
    weights = years_weights(resolved)
    weights[:, :, AMOUNTS.index("commodity")] = resolved.clock.flow_profiles["sale"][1:].T
    return weights


def supply_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of housing supplied up to the year before, by flow year; shape as years_weights."""
    more, less = {"commodity": 1.0, "resettlement": 1.0}, {"demolished": resolved.constants.markets.rooms_as_housing}
    return _until_last_year(resolved, more, less)


def places_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of net rental places up to the year before, by flow year; shape as years_weights."""
    return _until_last_year(resolved, {"rental_places": 1.0}, {"tenants_left": 1.0})


def rent_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of each year's housing rents and their terminal value, at base rents; shape as years_weights."""
    weights = years_weights(resolved)
    for kind, profile, index in ACCOUNTS:
        if index == HOUSING_RENT:
            weights[:, :, AMOUNTS.index((kind, profile, index))] = resolved.clock.flow_profiles[profile][1:].T
    return weights


def _until_last_year(resolved: ResolvedScenario, more: dict[str, float], less: dict[str, float]) -> FloatArray:
    """What stands from completion on less what is gone from the start on, to the year before."""
    weights, profiles = years_weights(resolved), resolved.clock.flow_profiles
    for name, share in more.items():
        weights[1:, :, AMOUNTS.index(name)] = share * profiles["operation"][1:, :-1].T
    for name, share in less.items():
        weights[1:, :, AMOUNTS.index(name)] = -share * profiles["standing"][1:, :-1].T
    return weights


def capital_objective(resolved: ResolvedScenario, rents: FloatArray | None = None) -> FloatArray:
    """Weights of the net present value without priced sales, shape (n_districts, plan_years, n_amounts) [CNY]."""
    return np.tensordot(discount(resolved), unpriced_flow(resolved, signed=True, rents=rents), axes=1)


def growth(resolved: ResolvedScenario) -> FloatArray:
    """Sale prices relative to the base year as they grow by themselves, shape (n_flow_years,)."""
    years = np.zeros(resolved.clock.last_flow_year + 1)
    return np.asarray(yearly_index(resolved.constants.markets.price_growth_per_yr, years))


def factor(market: Market, quantity: FloatArray) -> FloatArray:
    """What a market's quantity, as the market sees it in the year, makes of its price; (n_flow_years, n_districts)."""
    return np.asarray(market_ratio(quantity.T, market) ** -market.elasticity).T


def price_factor(resolved: ResolvedScenario, supply_m2: FloatArray, sold_m2: FloatArray) -> FloatArray:
    """Sale price relative to the base year.

    Args:
        resolved: scenario resolved against a city.
        supply_m2: housing supplied to last year, shape (n_flow_years, n_districts).
        sold_m2: commodity floor sold in the year, same shape.

    Returns:
        The same shape.
    """
    markets = resolved.constants.markets
    return growth(resolved)[:, None] * factor(markets.stock, supply_m2) * factor(markets.flow, sold_m2)


def extremes(table: ChoiceTable, district: IntArray, weights: FloatArray) -> FloatArray:
    """Least and largest sum that the villages of a district can reach, each village for itself.

    Args:
        table: choices.
        district: of each sum, shape (n,).
        weights: shape (n, plan_years, n_amounts).

    Returns:
        shape (2, n).
    """
    range_ends = np.zeros((2, district.size))
    for k, place in enumerate(district):
        villages = table.villages_of[place]
        keep = table.keep_mask[villages]
        for side, sign in enumerate((-1.0, 1.0)):
            score = table.scores(sign * weights[k] + table.weights(), villages).max(axis=(1, 2))
            range_ends[side, k] = sign * float(np.where(keep, np.maximum(score, 0.0), score).sum())
    return range_ends


def sums_of(table: ChoiceTable, weights: FloatArray, start_year: IntArray, amounts: FloatArray) -> FloatArray:
    """What a plan adds up to by district.

    Args:
        table: says where villages are.
        weights: of each sum, shape (n_sums, plan_years, n_amounts).
        start_year: 0 = keep, shape (n_villages,).
        amounts: of each village, shape (n_villages, n_amounts).

    Returns:
        shape (n_sums, n_districts).
    """
    on = np.flatnonzero(start_year > 0)
    total = np.zeros((table.n_districts, len(weights)))
    added = np.einsum("tnk,nk->nt", weights[:, start_year[on] - 1], amounts[on])
    np.add.at(total, table.district_idx[on], added)
    return total.T


def ranges_by_year(resolved: ResolvedScenario, table: ChoiceTable, weights: FloatArray) -> FloatArray:
    """Least and largest sum that villages may add up to, in the years in which they sell.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        weights: by flow year, or by flow year and district.

    Returns:
        shape (2, n_flow_years, n_districts); 0 in other years.
    """
    years = sale_years(resolved)
    range_ends = np.zeros((2, len(weights), table.n_districts))
    for district, villages in enumerate(table.villages_of):
        if villages.size:
            own = weights[years] if weights.ndim == 3 else weights[years, district]
            range_ends[:, years, district] = extremes(table, np.full(years.size, district), own)
    return range_ends


def sale_years(resolved: ResolvedScenario) -> IntArray:
    """Flow years in which some village can sell."""
    return np.flatnonzero(resolved.clock.flow_profiles["sale"].any(axis=0))


def linear_limits(
    resolved: ResolvedScenario,
    table: ChoiceTable,
    factor_low: FloatArray,
    factor_high: FloatArray,
    rents: FloatArray | None = None,
) -> Limits:
    """The hard city-wide rules that are linear in the amounts, with the tolerance of the rule checker.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        factor_low: least sale price relative to the base year, shape (n_flow_years, n_districts).
        factor_high: largest one, same shape.
        rents: index of housing rents, same shape; None = 1, the largest.

    Returns:
        The limits. Costs that follow prices count at the least factor, revenues at the largest, so that no valid plan
        breaks a limit; rules that are not among BOUND_RULES are left out.
    """
    names: list[str] = []
    weights: list[FloatArray] = []
    limit: list[float] = []
    for rule in active_rules(resolved, (RuleMode.HARD,)):
        for row, most, scale in _rows(resolved, table, rule, factor_low, factor_high, rents):
            if row.any() or most < 0.0:
                names.append(rule.name)
                weights.append(row / scale)
                limit.append(most / scale)
    shape = (0, *table.weights().shape)
    return Limits(tuple(names), np.stack(weights) if weights else np.zeros(shape), np.array(limit))


Row = tuple[FloatArray, float, float]
"""Weights of a limit, the limit, and the scale of both."""


def _rows(  # noqa: PLR0911
    resolved: ResolvedScenario,
    table: ChoiceTable,
    rule: Rule,
    low: FloatArray,
    high: FloatArray,
    rents: FloatArray | None,
) -> list[Row]:
    """The linear limits that a rule means for every valid plan."""
    limit = rule.limit(resolved)
    if limit is None or rule.name not in BOUND_RULES:
        return []
    slack = TOLERANCE * (abs(limit) if limit else 1.0)
    if rule.name == "yearly_quota":
        return [(row, float(n), 1.0) for row, n in zip(_starts(table), resolved.scenario.yearly_quotas, strict=True)]
    if rule.name == "annual_capital":
        return [(row, limit + slack, 1e9) for row in _yearly_cost(resolved, low)]
    if rule.name == "peak_capital":
        return [(row, limit + slack, 1e9) for row in -np.cumsum(_yearly_net(resolved, high, rents), axis=0)]
    if rule.name == "district_floor_area":
        return _district_floor(resolved, table)
    if rule.name in ("intensity_share_least", "intensity_share_most"):
        return _intensity_shares(resolved, table, least=rule.name.endswith("least"))
    n, share, ratio = float(table.district_idx.size), limit * (1.0 - TOLERANCE), limit + slack
    coefficients, most, scale = {
        "renewal_ratio_least": ({"renewed": -1.0}, -n * (limit - slack), 1.0),
        "renewal_ratio_most": ({"renewed": 1.0}, n * (limit + slack), 1.0),
        "commodity_cap": ({"commodity": 1.0}, limit + slack, 1e6),
        "least_commodity_area": ({"commodity": -1.0}, -(limit - slack), 1e6),
        "least_rental_area": ({"rental": -1.0}, -(limit - slack), 1e6),
        "rental_share": ({"commodity": share, "rental": share - 1.0}, 0.0, 1e6),
        "new_to_demolished": ({"new_floor": 1.0, "demolished": -ratio}, 0.0, 1e6),
    }[rule.name]
    return [(_row(table, coefficients), most, scale)]


def _row(table: ChoiceTable, coefficients: dict[str, float]) -> FloatArray:
    row = table.weights()
    for name, value in coefficients.items():
        row[:, :, AMOUNTS.index(name)] = value
    return row


def _intensity_shares(resolved: ResolvedScenario, table: ChoiceTable, *, least: bool) -> list[Row]:
    """Shares of intensities among the renewed villages, by number."""
    rows: list[Row] = []
    for intensity, bounds in resolved.scenario.intensity_shares.items():
        share, sign = (bounds.low, -1.0) if least else (bounds.high, 1.0)
        coefficients = {"renewed": -sign * share - TOLERANCE, intensity.value: sign}
        rows.append((_row(table, coefficients), 0.0, 1.0))
    return rows


def _starts(table: ChoiceTable) -> FloatArray:
    """Villages that start in each year, shape (plan_years, n_districts, plan_years, n_amounts)."""
    rows = np.zeros((table.n_years, *table.weights().shape))
    for year, row in enumerate(rows):
        row[:, year, AMOUNTS.index("renewed")] = 1.0
    return rows


def _yearly_cost(resolved: ResolvedScenario, factor_low: FloatArray) -> FloatArray:
    """Gross cost of each flow year, shape (n_flow_years, n_districts, plan_years, n_amounts)."""
    rows = unpriced_flow(resolved, signed=False)
    sale = resolved.clock.flow_profiles["sale"][1:].T
    rows[..., AMOUNTS.index("sales_cost")] += factor_low[:, :, None] * sale[:, None, :]
    return rows


def _yearly_net(resolved: ResolvedScenario, factor_high: FloatArray, rents: FloatArray | None) -> FloatArray:
    """Revenue less cost of each flow year, same shape."""
    sold = factor_high[:, :, None, None] * sold_weights(resolved)[:, None]
    return unpriced_flow(resolved, signed=True, rents=rents) + sold


def _district_floor(resolved: ResolvedScenario, table: ChoiceTable) -> list[Row]:
    rows: list[Row] = []
    for name, cap in resolved.scenario.district_limits.items():
        if cap.new_floor_area_m2 is not None:
            row = table.weights()
            place = resolved.city.districts.index(name)
            row[place, :, AMOUNTS.index("new_floor")] = 1.0
            row[place, :, AMOUNTS.index("demolished")] = -1.0
            rows.append((row, cap.new_floor_area_m2 * (1.0 + TOLERANCE), 1e6))
    return rows
