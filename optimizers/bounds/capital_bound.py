"""A certified upper bound of the net present value, the feedback of new housing on prices included."""

from __future__ import annotations

import time
from dataclasses import astuple, dataclass, replace

import numpy as np

from data.arrays import FloatArray, IntArray
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.bounds.amounts import ChoiceTable
from optimizers.bounds.capital_terms import linear_limits, price_factor, sale_years
from optimizers.bounds.column_generation import MONEY, ChoiceProgram, Limits, Solution
from optimizers.bounds.elimination import worthwhile
from optimizers.bounds.market_envelopes import MarketModel, MarketSums, first_points, market_model, market_terms
from optimizers.bounds.sum_ranges import tightened

ROUNDS = 8
"""Most rounds of tightening."""
WORTH_ANOTHER = 5e-4
"""Relative gain of a round below which tightening ends."""
ROUNDING = 1e-9
"""Relative margin for the rounding of sums."""


def capital_bound_cny(
    resolved: ResolvedScenario,
    table: ChoiceTable,
    plan: Plans,
    value_cny: float,
    *,
    rounds: int = ROUNDS,
    seconds: float = 600.0,
) -> float:
    """No valid plan of the table's choices has a larger net present value.

    The bound covers whole and split villages alike, and prices that answer: sales are valued below concave functions of
    sums over a district's villages (market_envelopes.py), within ranges that every better plan respects.

    Args:
        resolved: scenario resolved against a city.
        table: choices: of choice_table, every legal density and facility ratio; of option_table, those of searches.
        plan: a good valid plan, batch of one; the better it is, the tighter the bound.
        value_cny: its net present value [CNY]; -inf where no valid plan is known (then `plan` may be any).
        rounds: most rounds of tightening.
        seconds: time after which no further step begins.

    Returns:
        The bound [CNY]; at least value_cny.
    """
    most_cny = most_above_cny(resolved, table, plan, value_cny, rounds=rounds, seconds=seconds)
    return max(most_cny + ROUNDING * abs(most_cny), value_cny)


def most_above_cny(
    resolved: ResolvedScenario, table: ChoiceTable, plan: Plans, value_cny: float, *, rounds: int, seconds: float
) -> float:
    """No plan that is worth at least `value_cny` is worth more than this; below `value_cny`, there is no such plan.

    Arguments as of capital_bound_cny; `value_cny` need not be reached by any plan.
    """
    began = time.perf_counter()
    relaxation = _Relaxation.of(resolved, _compact(worthwhile(resolved, table)), plan)
    floor = MONEY * value_cny
    program = relaxation.program()
    solution = program.solve()
    bound = solution.bound
    for _ in range(rounds):
        if bound <= floor or time.perf_counter() - began > seconds:
            break
        relaxation = relaxation.within(program, solution, floor)
        program = relaxation.program(program.columns)
        solution = program.solve()
        gain, bound = bound - solution.bound, min(bound, solution.bound)
        if gain <= WORTH_ANOTHER * abs(bound):
            break
    return bound / MONEY


def _compact(table: ChoiceTable) -> ChoiceTable:
    """Without choices that no village may take."""
    some = np.flatnonzero(table.mask.any(axis=0))
    if not some.size:
        return table
    return replace(table, plans=table.plans[some], amounts=table.amounts[:, some], mask=table.mask[:, some])


@dataclass(frozen=True, eq=False)
class _Relaxation:
    """What is known of every plan that is better than the known one.

    Attributes:
        model: functions that bound what sales are worth.
        sums: ranges of their sums.
        points: even floor started, where tangents touch, shape (n_points, n_districts, plan_years) [m2].
    """

    model: MarketModel
    sums: MarketSums
    points: FloatArray

    @classmethod
    def of(cls, resolved: ResolvedScenario, table: ChoiceTable, plan: Plans) -> _Relaxation:
        """Ranges that villages may add up to, each for itself."""
        model = market_model(resolved, table, plan)
        return cls(model, model.ranges(), first_points(model))

    def program(self, columns: IntArray | None = None) -> ChoiceProgram:
        """The program within these ranges."""
        table = self.model.table
        objective, envelopes = market_terms(self.model, self.sums, self.points)
        return ChoiceProgram(
            table=table,
            villages=np.arange(table.district_idx.size),
            objective=objective,
            limits=self.limits(),
            envelopes=envelopes,
            columns=np.zeros((3, 0), dtype=np.int64) if columns is None else columns,
        )

    def limits(self) -> Limits:
        """Linear limits at the price factors that these ranges leave."""
        resolved, sums = self.model.resolved, self.sums
        least, most = (price_factor(resolved, sums.supply[side], sums.sold[side]) for side in (1, 0))
        return linear_limits(resolved, self.model.table, least, most)

    def within(self, program: ChoiceProgram, solution: Solution, floor: float) -> _Relaxation:
        """Tangents where the solution is, and tighter ranges for plans worth at least `floor` [bn CNY]."""
        model, table = self.model, self.model.table
        used = table.amounts[solution.village, solution.choice] * solution.share[:, None]
        points = np.concatenate([self.points, model.started(solution.start_year, used, solution.village)[None]])
        if not np.isfinite(floor):
            return replace(self, points=points)
        places, years = np.flatnonzero(model.price > 0.0), sale_years(model.resolved)
        district, year = np.repeat(places, years.size), np.tile(years, places.size)
        tighter = []
        for weights, ranges in zip(model.weights, astuple(self.sums), strict=True):
            now = ranges.copy()
            now[:, year, district] = tightened(
                program,
                solution.multipliers,
                floor,
                district=district,
                weights=weights[year] if weights.ndim == 3 else weights[year, district],
                ranges=ranges[:, year, district],
            )
            tighter.append(now)
        return replace(self, sums=MarketSums(*tighter), points=points)
