"""The calendars that choices may follow: the scenario's own, and one for each delay that bargaining may bring."""

from __future__ import annotations

from data.scenario import Bargaining
from envs.kernel.computing.backend import Array, to_numpy
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.timing import Clock, delayed
from envs.kernel.trace import Trace


def choice_clocks(resolved: ResolvedScenario) -> tuple[Clock, ...]:
    """The scenario's calendar, then those that its table of agreements makes, where these are counted.

    The calendars of every trace begin with them in this order (envs.kernel.tracing.calendar.Calendar.clocks).
    """
    table = resolved.agreements
    if table is None or resolved.scenario.bargaining is not Bargaining.COUNTED:
        return (resolved.clock,)
    return tuple(delayed(resolved.clock, float(years)) for years in to_numpy(table.calendar_delay_yr))


def calendar_of_choices(trace: Trace) -> Array:
    """Position of the calendar that each village of a trace follows among choice_clocks, (n_plans, n_villages).

    0 where a plan gives a village a delay that no choice has.
    """
    xp, n_starts = trace.xp, trace.resolved.clock.plan_years + 1
    position = (trace.calendar_row - trace.plans.start_year) // n_starts
    return xp.where(position < len(choice_clocks(trace.resolved)), position, xp.zeros_like(position))
