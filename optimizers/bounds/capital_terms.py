"""The capital account in amounts and weights: net present value, sales, net new housing, and the linear limits."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray, IntArray
from data.scenario import RuleMode
from envs.kernel.project_account import COST, PRICED_ITEMS, REVENUE, district_price_factor
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.check import active_rules
from envs.rules.rule import TOLERANCE, Rule
from optimizers.bounds.amounts import ACCOUNTS, AMOUNTS, ChoiceTable
from optimizers.bounds.column_generation import Limits

BOUND_RULES = (
    "yearly_quota",
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


def unpriced_flow(resolved: ResolvedScenario, *, signed: bool) -> FloatArray:
    """Weights of each year's flow without the items that follow sale prices.

    Args:
        resolved: scenario resolved against a city.
        signed: revenue less cost; else the cost alone.

    Returns:
        shape (n_flow_years, plan_years, n_amounts).
    """
    clock = resolved.clock
    weights = np.zeros((clock.last_flow_year + 1, clock.plan_years, len(AMOUNTS)))
    for kind, profile in ACCOUNTS:
        sign = (1.0 if kind == REVENUE else -1.0) if signed else float(kind == COST)
        weights[:, :, AMOUNTS.index((kind, profile))] += sign * clock.flow_profiles[profile][1:].T
    return weights


def sold_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of sales net of their cost by flow year, at base-year prices; shape as unpriced_flow."""
    clock = resolved.clock
    weights = np.zeros((clock.last_flow_year + 1, clock.plan_years, len(AMOUNTS)))
    sales, cost = at(*PRICED_ITEMS)
    weights[:, :, sales] = clock.flow_profiles["sale"][1:].T
    weights[:, :, cost] = -clock.flow_profiles["sale"][1:].T
    return weights


def net_housing_weights(resolved: ResolvedScenario) -> FloatArray:
    """Weights of net new housing up to the year before, by flow year; shape as unpriced_flow."""
    clock = resolved.clock
    weights = np.zeros((clock.last_flow_year + 1, clock.plan_years, len(AMOUNTS)))
    for name in ("commodity", "rental", "resettlement"):
        weights[1:, :, AMOUNTS.index(name)] = clock.flow_profiles["operation"][1:, :-1].T
    weights[1:, :, AMOUNTS.index("demolished")] = -clock.flow_profiles["standing"][1:, :-1].T
    return weights


def capital_objective(resolved: ResolvedScenario, table: ChoiceTable) -> FloatArray:
    """Weights of the net present value without priced sales, shape (n_districts, plan_years, n_amounts) [CNY]."""
    flow = np.tensordot(discount(resolved), unpriced_flow(resolved, signed=True), axes=1)
    return table.weights() + flow


def price_factor(resolved: ResolvedScenario, net_m2: FloatArray) -> FloatArray:
    """Sale price relative to the base year, by the evaluator's own function.

    Args:
        resolved: scenario resolved against a city.
        net_m2: net new housing to last year, shape (n_flow_years, n_districts) [m2].

    Returns:
        The same shape.
    """
    stock = np.asarray(resolved.constants.base.housing_stock_m2)
    factor = district_price_factor(net_m2.T[None, :, :], stock, resolved.book.number("price.elasticity"))
    growth = (1.0 + resolved.book.number("price.growth")) ** np.arange(net_m2.shape[0], dtype=np.float64)
    return np.asarray(factor)[0].T * growth[:, None]


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


def net_housing_range(resolved: ResolvedScenario, table: ChoiceTable) -> FloatArray:
    """Least and largest net new housing to last year that villages may add up to, in the years in which they sell.

    Returns:
        shape (2, n_flow_years, n_districts) [m2]; 0 in other years.
    """
    weights, years = net_housing_weights(resolved), sale_years(resolved)
    range_ends = np.zeros((2, len(weights), table.n_districts))
    for district, villages in enumerate(table.villages_of):
        if villages.size:
            range_ends[:, years, district] = extremes(table, np.full(years.size, district), weights[years])
    return range_ends


def sale_years(resolved: ResolvedScenario) -> IntArray:
    """Flow years in which some village can sell."""
    return np.flatnonzero(resolved.clock.flow_profiles["sale"].any(axis=0))


def linear_limits(
    resolved: ResolvedScenario, table: ChoiceTable, factor_low: FloatArray, factor_high: FloatArray
) -> Limits:
    """The hard city-wide rules that are linear in the amounts, with the tolerance of the rule checker.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        factor_low: least sale price relative to the base year, shape (n_flow_years, n_districts).
        factor_high: largest one, same shape.

    Returns:
        The limits. Costs that follow prices count at the least factor, revenues at the largest, so that no valid plan
        breaks a limit; rules that are not among BOUND_RULES are left out.
    """
    names: list[str] = []
    weights: list[FloatArray] = []
    limit: list[float] = []
    for rule in active_rules(resolved, (RuleMode.HARD,)):
        for row, most, scale in _rows(resolved, table, rule, factor_low, factor_high):
            if row.any():
                names.append(rule.name)
                weights.append(row / scale)
                limit.append(most / scale)
    shape = (0, *table.weights().shape)
    return Limits(tuple(names), np.stack(weights) if weights else np.zeros(shape), np.array(limit))


Row = tuple[FloatArray, float, float]
"""Weights of a limit, the limit, and the scale of both."""


def _rows(resolved: ResolvedScenario, table: ChoiceTable, rule: Rule, low: FloatArray, high: FloatArray) -> list[Row]:
    """The linear limits that a rule means for every valid plan."""
    limit = rule.limit(resolved)
    if limit is None or rule.name not in BOUND_RULES:
        return []
    most = limit + TOLERANCE * (abs(limit) if limit else 1.0)
    if rule.name == "yearly_quota":
        return [(row, float(n), 1.0) for row, n in zip(_starts(table), resolved.scenario.yearly_quotas, strict=True)]
    if rule.name == "annual_capital":
        return [(row, most, 1e9) for row in _yearly_cost(resolved, table, low)]
    if rule.name == "peak_capital":
        return [(row, most, 1e9) for row in -np.cumsum(_yearly_net(resolved, table, high), axis=0)]
    if rule.name == "district_floor_area":
        return _district_floor(resolved, table)
    ratio = {
        "commodity_cap": ({"commodity": 1.0}, most),
        "rental_share": ({"commodity": limit * (1.0 - TOLERANCE), "rental": limit * (1.0 - TOLERANCE) - 1.0}, 0.0),
        "new_to_demolished": ({"new_floor": 1.0, "demolished": -most}, 0.0),
    }
    coefficients, right = ratio[rule.name]
    row = table.weights()
    for name, value in coefficients.items():
        row[:, :, AMOUNTS.index(name)] = value
    return [(row, right, 1e6)]


def _starts(table: ChoiceTable) -> FloatArray:
    """Villages that start in each year, shape (plan_years, n_districts, plan_years, n_amounts)."""
    rows = np.zeros((table.n_years, *table.weights().shape))
    for year, row in enumerate(rows):
        row[:, year, AMOUNTS.index("renewed")] = 1.0
    return rows


def _yearly_cost(resolved: ResolvedScenario, table: ChoiceTable, factor: FloatArray) -> FloatArray:
    """Gross cost of each flow year, shape (n_flow_years, n_districts, plan_years, n_amounts)."""
    rows = unpriced_flow(resolved, signed=False)[:, None] + np.zeros((1, table.n_districts, 1, 1))
    cost = AMOUNTS.index("sales_cost")
    rows[..., cost] += factor[:, :, None] * resolved.clock.flow_profiles["sale"][1:].T[:, None, :]
    return rows


def _yearly_net(resolved: ResolvedScenario, table: ChoiceTable, factor: FloatArray) -> FloatArray:
    """Revenue less cost of each flow year, same shape."""
    del table
    return unpriced_flow(resolved, signed=True)[:, None] + factor[:, :, None, None] * sold_weights(resolved)[:, None]


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
