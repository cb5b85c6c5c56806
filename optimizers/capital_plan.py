"""The best plan for capital alone: assignments at the prices and marginal burdens that the last plan leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.kernel.evaluate import measure_plans
from envs.kernel.plans import Plans, concatenate
from envs.kernel.registry import indicator
from envs.kernel.resolved import ResolvedScenario
from envs.kernel.trace import REPORT
from envs.options import OptionSpace, option_space
from envs.rules import valid
from optimizers.capital_terms import capital_objective, linear_limits, price_factor, priced_sales
from optimizers.choice_amounts import ChoiceTable, option_table
from optimizers.choice_program import ChoiceProgram, Limits, PricedSales, Solution

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
OBJECTIVE = "net_present_value_cny"
ROUNDS = 30
"""Most assignments; the plan usually settles within ten."""


@dataclass(frozen=True, eq=False)
class CapitalPlan:
    """The best valid plan found for capital alone.

    Attributes:
        plan: batch of one.
        start_year: its genes, shape (n_villages,).
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
    feedback. The evaluator measures every plan, and the best valid one is kept.

    Args:
        resolved: scenario resolved against a city.
        space: its options; None = enumerate them.

    Returns:
        The plan; None where no valid one was found.
    """
    space = option_space(resolved) if space is None else space
    table = option_table(resolved, space)
    sales = priced_sales(resolved, table)
    genes = [np.zeros((2, resolved.city.n_villages), dtype=np.int64)]
    genes[0][0] = np.argmax(space.start_mask, axis=1)
    best: tuple[float, IntArray] | None = None
    aim = genes[0]
    for _ in range(ROUNDS):
        candidates = _next_plans(resolved, table, sales, aim)
        plans = concatenate([space.decode(g[0][None, :], g[1][None, :]) for g in (aim, *candidates)])
        value = _value(resolved, plans)
        order = np.argsort(-value)
        if best is not None and value[order[0]] <= best[0]:
            break
        best = (float(value[order[0]]), (aim, *candidates)[order[0]])
        aim = best[1]
    if best is None or not np.isfinite(best[0]):
        return None
    return CapitalPlan(space.decode(best[1][0][None, :], best[1][1][None, :]), best[1][0], best[1][1], best[0])
