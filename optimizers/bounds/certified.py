"""Certified bounds: what no plan of a scenario can exceed, and proofs that a target is out of reach."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from data.errors import refuse
from data.scenario import Bargaining, Target
from envs.choices.options import option_space
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import Plans, canonical, empty_plan
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.bounds.amounts import ChoiceTable, choice_table, option_table
from optimizers.bounds.capital_bound import ROUNDS, capital_bound_cny, most_above_cny
from optimizers.bounds.capital_plan import best_capital_plan, plan_value_cny

CAPITAL = "net_present_value_cny"
LEGAL, OPTIONS = "legal", "options"
COVERED = {
    LEGAL: "every valid plan, with any density and facility ratio within the legal ranges, with terms of the model",
    OPTIONS: "every valid plan of the options that searches choose among, with terms of the model",
}
"""Terms of the model: a plan leaves multiplier, on-site share and delay empty, but for what fixed villages bring."""
HOW = (
    "Linear program over all villages and start years (HiGHS); what sales are worth in markets that answer is bounded "
    "by concave functions of a district's sums, ranges tightened. The bound is recomputed from the multipliers, "
    "whatever the solver says."
)
SECONDS = 600.0


@dataclass(frozen=True, eq=False)
class Bound:
    """A bound and what is proven.

    Attributes:
        objective: indicator name.
        value: no plan is better, natural units.
        how: how it was computed.
        certified: what exactly is proven.
        seconds: wall time, the search for a known plan included.
        known: best value known; None where no valid plan is.
        plan: that plan, batch of one.
    """

    objective: str
    value: float
    how: str
    certified: str
    seconds: float
    known: float | None
    plan: Plans | None

    @property
    def gap(self) -> float | None:
        """Distance of the best known value from the bound / |best known value|; None where it is undefined."""
        return None if not self.known else abs(self.value - self.known) / abs(self.known)


def bound(
    resolved: ResolvedScenario,
    objective: str,
    *,
    among: str = LEGAL,
    known_plan: Plans | None = None,
    rounds: int = ROUNDS,
    seconds: float = SECONDS,
) -> Bound | None:
    """What no plan of the scenario exceeds on one objective.

    Args:
        resolved: scenario resolved against a city.
        objective: indicator name.
        among: LEGAL or OPTIONS; see COVERED.
        known_plan: a valid plan, batch of one, that may be better than the one found here; None = there is none. One
            that gives multipliers, on-site shares or delays of its own is not among the plans covered, and left out.
        rounds: most rounds of tightening.
        seconds: time after which no further step of the bound begins.

    Returns:
        The bound; None where no useful one is proven (docs/bounds.md says why).

    Raises:
        InputError: unknown indicator or range of plans.
    """
    if among not in COVERED:
        raise refuse("bound_range_unknown", layer="among", name=among, known=tuple(COVERED))
    if indicator(objective).name != CAPITAL or _other_terms(resolved):
        return None
    began = time.perf_counter()
    plan, known = _best_known(resolved, known_plan)
    value = capital_bound_cny(resolved, _table(resolved, among), plan, known, rounds=rounds, seconds=seconds)
    some = bool(np.isfinite(known))
    return Bound(
        objective=objective,
        value=value,
        how=HOW,
        certified=f"{COVERED[among]}: {CAPITAL} <= {value:.6g}",
        seconds=time.perf_counter() - began,
        known=known if some else None,
        plan=plan if some else None,
    )


def cannot_reach(
    resolved: ResolvedScenario, target: Target, *, among: str = LEGAL, rounds: int = ROUNDS, seconds: float = SECONDS
) -> Bound | None:
    """Proof that no plan of the scenario reaches a target.

    Args:
        resolved: scenario resolved against a city.
        target: of an objective, at its own horizon.
        among: LEGAL or OPTIONS; see COVERED.
        rounds: most rounds of tightening.
        seconds: time after which no further step begins.

    Returns:
        The proof; None where none is found: the target may be within reach or not.
    """
    wanted = target.at_least
    if indicator(target.indicator).name != CAPITAL or target.year is not None or wanted is None:
        return None
    if _other_terms(resolved):
        return None
    began = time.perf_counter()
    plan, known = _best_known(resolved, None)
    if known >= wanted:
        return None
    table = _table(resolved, among)
    most = most_above_cny(resolved, table, plan, wanted, rounds=rounds, seconds=seconds)
    if not most < wanted - 1e-9 * abs(wanted):
        return None
    some = bool(np.isfinite(known))
    return Bound(
        objective=target.indicator,
        value=wanted,
        how=HOW,
        certified=f"{COVERED[among]}: {CAPITAL} < {wanted:.6g}",
        seconds=time.perf_counter() - began,
        known=known if some else None,
        plan=plan if some else None,
    )


def _other_terms(resolved: ResolvedScenario) -> bool:
    """Whether villages are renewed on terms that no bound knows: bargained ones, or a fixed village's own calendar."""
    counts = resolved.scenario.bargaining is Bargaining.COUNTED
    return counts or any(fixed.start_year > 0 and fixed.delay_yr for fixed in resolved.scenario.fixed.values())


def _table(resolved: ResolvedScenario, among: str) -> ChoiceTable:
    return choice_table(resolved) if among == LEGAL else option_table(resolved, option_space(resolved))


def _best_known(resolved: ResolvedScenario, known_plan: Plans | None) -> tuple[Plans, float]:
    """The better of the given plan and the one found for capital alone; the empty plan and -inf where none is valid."""
    capital_plan = best_capital_plan(resolved)
    plan, value = (
        (empty_plan(resolved.city.n_villages), -np.inf)
        if capital_plan is None
        else _valued(capital_plan.plan, resolved)
    )
    if known_plan is not None and _is_covered(resolved, known_plan):
        given_value = float(plan_value_cny(resolved, known_plan)[0])
        plan, value = (known_plan, given_value) if given_value > value else (plan, value)
    return plan, value


def _is_covered(resolved: ResolvedScenario, plan: Plans) -> bool:
    """Whether a plan gives nothing besides what the scenario fixes: others are outside what is certified."""
    free = ~np.isin(resolved.city.villages.village_id, list(resolved.scenario.fixed))
    return all(bool(np.isnan(np.asarray(column)[:, free]).all()) for column in canonical(plan).given.values())


def _valued(plan: Plans, resolved: ResolvedScenario) -> tuple[Plans, float]:
    return plan, float(plan_value_cny(resolved, plan)[0])
