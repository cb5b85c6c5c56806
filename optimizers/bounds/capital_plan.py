"""The best plan for capital alone: assignments in markets that answer as they do near the last plan."""

from __future__ import annotations

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
    sums_of,
    supply_weights,
)
from optimizers.bounds.column_generation import ChoiceProgram, Limits
from optimizers.bounds.market_envelopes import around_plan, first_points, market_model, market_terms

ROUNDS = 10
"""Most assignments; without limits of capital the plan settles within five."""
PATIENCE = 2
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

    Each assignment maximizes the concave functions of market_envelopes.py near the last plan, so that it does not crowd
    into one year or district; it is exact where prices have no feedback. Only plans that the evaluator measured and the
    rule checker found valid count; where one breaks a limit, the next is assigned at the same prices with a margin, and
    where it does so by a little, one village less may do.

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
        program = _program(resolved, table, *at, plan=space.decode(at[0][None, :], at[1][None, :]))
        program = replace(program, limits=_under(program.limits, margin), columns=columns)
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


def _program(
    resolved: ResolvedScenario, table: ChoiceTable, start_year: IntArray, choice: IntArray, *, plan: Plans
) -> ChoiceProgram:
    """Villages assigned where markets answer as they do near a plan."""
    prices, rents, base = unsold(resolved, table, start_year, choice)
    model = market_model(resolved, table, plan)
    local, sums = around_plan(model, model.ranges())
    objective, envelopes = market_terms(local, sums, first_points(model), base)
    limits = linear_limits(resolved, table, prices, prices, rents)
    return ChoiceProgram(local.table, np.arange(start_year.size), objective, limits, envelopes)


def unsold(
    resolved: ResolvedScenario, table: ChoiceTable, start_year: IntArray, choice: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What a plan makes of prices and rents, and the gradient of all value but that of sales.

    Args:
        resolved: scenario resolved against a city.
        table: choices.
        start_year: 0 = keep, shape (n_villages,).
        choice: of each village, same shape.

    Returns:
        Factor of sale prices and index of housing rents, shape (n_flow_years, n_districts) each, and weights, shape
        (n_districts, plan_years, n_amounts) [CNY].
    """
    amounts = table.amounts[np.arange(start_year.size), choice]
    kinds = supply_weights(resolved), sold_floor_weights(resolved), places_weights(resolved), rent_weights(resolved)
    supply, sold, places, rented = (sums_of(table, weights, start_year, amounts) for weights in kinds)
    market = resolved.constants.markets.rent
    rents, more, fewer = (housing_rent_index(factor(market, places + person)) for person in (0.0, 1.0, -1.0))
    slope = discount(resolved)[:, None] * rented * 0.5 * (more - fewer)
    base = capital_objective(resolved, rents) + np.einsum("td,tyk->dyk", slope, places_weights(resolved))
    return price_factor(resolved, supply, sold), rents, base
