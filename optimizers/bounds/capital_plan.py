"""The best plan for capital alone: assignments at the prices and burdens that the last plan leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.choices.options import OptionSpace, option_space
from envs.kernel.capital import net_present_value_cny
from envs.kernel.evaluate import measure_plans
from envs.kernel.markets import housing_rent_index
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT
from envs.rules.check import violations
from optimizers.bounds.amounts import ChoiceTable, option_table
from optimizers.bounds.capital_terms import (
    capital_objective,
    discount,
    factor,
    linear_limits,
    places_weights,
    price_factor,
    rent_weights,
    sold_floor_weights,
    sold_weights,
    sums_of,
    supply_weights,
)
from optimizers.bounds.column_generation import ChoiceProgram, Limits

ROUNDS = 20
"""Most assignments; without limits of capital the plan settles within ten."""
PATIENCE = 4
"""Assignments without a better valid plan after which to stop."""
MARGIN = 1e-3
"""First margin under a limit of money that a plan broke at its own prices."""
SLIGHT = 0.01
"""Relative excess that keeping one village more as it is may undo."""
MOST_TRIMS = 1_000
"""Largest number of renewed villages of which each is tried; in larger cities one evaluation takes a second."""


@dataclass(frozen=True, eq=False)
class CapitalPlan:
    """The best valid plan found for capital alone.

    Attributes:
        plan: batch of one.
        start_year: its genes, 0 = keep, shape (n_villages,).
        option: positions in the option space, same shape.
        net_present_value_cny: by the evaluator.
    """

    plan: Plans
    start_year: IntArray
    option: IntArray
    net_present_value_cny: float


def best_capital_plan(resolved: ResolvedScenario, space: OptionSpace | None = None) -> CapitalPlan | None:
    """Assign years and options to villages again and again, at the prices that the last plan leaves.

    Each assignment maximizes the net present value linearized at the last plan: a village earns what it sells at that
    plan's prices, less what its net new housing takes from the sales of its district. It is exact where prices have no
    feedback. Only plans that the evaluator measured and the rule checker found valid count; where one breaks a limit,
    the next is assigned at the same prices with a margin, and where it does so by a little, one village less may do.

    Args:
        resolved: scenario resolved against a city.
        space: its options; None = enumerate them.

    Returns:
        The plan; None where no valid one was found.
    """
    space = option_space(resolved) if space is None else space
    table = option_table(resolved, space)
    at = np.argmax(space.start_mask, axis=1), np.zeros(resolved.city.n_villages, dtype=np.int64)
    first, excess = _measured(resolved, space, *at)
    best = first if excess == 0.0 else None
    margin, waited, columns = 0.0, 0, np.zeros((3, 0), dtype=np.int64)
    for _ in range(ROUNDS):
        weights, prices, rents = linearized(resolved, table, *at)
        limits = _under(linear_limits(resolved, table, prices, prices, rents), margin)
        program = ChoiceProgram(table, np.arange(resolved.city.n_villages), weights, limits, columns=columns)
        proposed = program.whole_plan(program.solve())
        columns = program.columns
        candidate, excess = _measured(resolved, space, *proposed)
        trimmed = _trimmed(resolved, space, *proposed) if 0.0 < excess < SLIGHT else None
        if trimmed is not None and (best is None or trimmed.net_present_value_cny > best.net_present_value_cny):
            best, waited = trimmed, 0
        if excess > 0.0:
            margin += excess + MARGIN  # and again from the same plan
            waited += 1
        else:
            at = proposed
            better = best is None or candidate.net_present_value_cny > best.net_present_value_cny
            best, waited = (candidate, 0) if better else (best, waited + 1)
        if waited > PATIENCE:
            break
    return best


def _measured(
    resolved: ResolvedScenario, space: OptionSpace, start: IntArray, option: IntArray
) -> tuple[CapitalPlan, float]:
    """A plan with its value, and its largest relative excess over a hard rule."""
    plan = space.decode(start[None, :], option[None, :])
    return (
        CapitalPlan(plan, start, option, float(plan_value_cny(resolved, plan)[0])),
        float(violations(resolved, plan)[1].max(initial=0.0)),
    )


def _trimmed(resolved: ResolvedScenario, space: OptionSpace, start: IntArray, option: IntArray) -> CapitalPlan | None:
    """The best valid plan that keeps one village more as it is; None where there is none, or too many to try."""
    begun = np.flatnonzero(start > 0)
    if begun.size > MOST_TRIMS:
        return None
    starts, options = np.tile(start, (begun.size, 1)), np.tile(option, (begun.size, 1))
    starts[np.arange(begun.size), begun] = options[np.arange(begun.size), begun] = 0
    plans = space.decode(starts, options)
    valid = np.flatnonzero(violations(resolved, plans)[1].max(axis=-1, initial=0.0) <= 0.0)
    if valid.size == 0:
        return None
    values = plan_value_cny(resolved, plans[valid])
    k = int(valid[np.argmax(values)])
    return CapitalPlan(plans[k : k + 1], starts[k], options[k], float(values.max()))


def plan_value_cny(resolved: ResolvedScenario, plans: Plans) -> FloatArray:
    """Net present value of plans, shape (n_plans,) [CNY]; the evaluator's, without the rest of the city."""
    rate = resolved.book.number("finance.discount_rate")
    flow = measure_plans(resolved, plans, [lambda trace: trace.net_cash_flow_cny], precision=REPORT)[0]
    return np.asarray(net_present_value_cny(flow, rate))


def _under(limits: Limits, margin: float) -> Limits:
    """Limits of money lowered by a margin."""
    money = np.array([name.endswith("_capital") for name in limits.names], dtype=bool)
    return replace(limits, limit=limits.limit * (1.0 - margin * money))


def linearized(
    resolved: ResolvedScenario, table: ChoiceTable, start_year: IntArray, choice: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Gradient of the net present value at a plan, and the indices of its prices.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        start_year: 0 = keep, shape (n_villages,).
        choice: of each village, same shape.

    Returns:
        Weights, shape (n_districts, plan_years, n_amounts) [CNY], the factor of sale prices and the index of housing
        rents, shape (n_flow_years, n_districts) each.
    """
    markets, worth = resolved.constants.markets, discount(resolved)[:, None]
    amounts = table.amounts[np.arange(start_year.size), choice]
    kinds = sold_weights, supply_weights, sold_floor_weights, places_weights
    sums_by = [kind(resolved) for kind in kinds]
    revenue, supply, sold, places = (sums_of(table, weights, start_year, amounts) for weights in sums_by)
    rents = housing_rent_index(factor(markets.rent, places))
    rented = sums_of(table, rent_weights(resolved), start_year, amounts)
    weights = capital_objective(resolved, rents)
    price = price_factor(resolved, supply, sold)
    weights += np.einsum("td,tyk->dyk", worth * price, sums_by[0])
    answers = (
        (revenue * _slope(lambda x: price_factor(resolved, supply + x, sold)), sums_by[1]),
        (revenue * _slope(lambda x: price_factor(resolved, supply, sold + x)), sums_by[2]),
        (rented * _slope(lambda x: housing_rent_index(factor(markets.rent, places + x))), sums_by[3]),
    )
    for slope, of_sum in answers:
        weights += np.einsum("td,tyk->dyk", worth * slope, of_sum)
    return weights, price, rents


def _slope(value: Callable[[float], FloatArray]) -> FloatArray:
    return 0.5 * (value(1.0) - value(-1.0))
