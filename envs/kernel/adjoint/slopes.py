"""The objectives whose slopes are known."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from envs.kernel.adjoint.accessibility import accessibility_slope
from envs.kernel.adjoint.commute import commute_slope, commuting_carbon_slope
from envs.kernel.adjoint.money import annual_cost_slope, capital_slope, cost_slope, peak_funding_slope, profit_slope
from envs.kernel.adjoint.money_in_futures import ROBUST_SLOPES
from envs.kernel.adjoint.quantities import BY_OPTION
from envs.kernel.computing.backend import Array, device
from envs.kernel.trace import Trace

Slope = Callable[[Trace, float], dict[str, Array]]


def sum_slope(trace: Trace, _width: float, *, name: str) -> dict[str, Array]:
    """D a sum over villages by what each contributes: 1, whenever it starts; as money.capital_slope."""
    xp, (n_plans, n_villages) = trace.xp, trace.plans.start_year.shape
    by_start = xp.astype(
        xp.arange(trace.resolved.clock.plan_years + 1, device=device(trace.plans.start_year)) > 0, xp.float64
    )
    return {name: by_start + xp.zeros((n_plans, n_villages, 1), dtype=xp.float64, device=device(by_start))}


SLOPES: dict[str, Slope] = {
    "net_present_value_cny": lambda trace, _: capital_slope(trace),
    "mean_commute_km": lambda trace, _: commute_slope(trace),
    "service_accessibility": lambda trace, width: accessibility_slope(trace, cap_width=width),
    "total_profit_cny": lambda trace, _: profit_slope(trace),
    "total_cost_cny": lambda trace, _: cost_slope(trace),
    "max_annual_cost_cny": lambda trace, _: annual_cost_slope(trace),
    "peak_funding_cny": lambda trace, width: peak_funding_slope(trace, width=PEAK_WIDTH * width),
    "commuting_carbon_tco2e_per_yr": lambda trace, _: commuting_carbon_slope(trace),
    **{name: partial(sum_slope, name=name) for name in BY_OPTION},
    **ROBUST_SLOPES,
}
"""Objectives whose slopes are known (trace, how far kinks are smoothed); searches steer the others by trial alone."""
PEAK_WIDTH = 0.2
"""Width of the years that count as the peak where kinks are smoothed wholly (see peak_funding_slope)."""
