"""What each option of each village is worth by itself, with the answer of its own district's markets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import FloatArray
from envs.choices.options import CELLS_PER_CHUNK, OptionSpace
from envs.kernel.adjoint import calendar_of_choices, choice_clocks
from envs.kernel.alone import indices_alone, profiles_from
from envs.kernel.capital import net_present_value_cny
from envs.kernel.computing.parallel_chunks import chunks
from envs.kernel.project_account import ITEMS, REVENUE
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.timing import Clock
from envs.kernel.trace import SEARCH, Trace


@dataclass(frozen=True, eq=False)
class VillagesAlone:
    """Villages renewed alone, whose value is computed when it is first asked for, and once.

    Attributes:
        resolved: scenario resolved against a city.
        space: legal options, on NumPy.
    """

    resolved: ResolvedScenario
    space: OptionSpace

    @cached_property
    def value_cny(self) -> FloatArray:
        """See village_value_cny."""
        return village_value_cny(self.resolved, self.space)


def village_value_cny(resolved: ResolvedScenario, space: OptionSpace) -> FloatArray:
    """Net present value of each village and option if it alone is renewed, from year 1 on.

    Args:
        resolved: scenario resolved against a city.
        space: legal options, on NumPy.

    Returns:
        shape (n_villages, n_options) [CNY]; -inf where the option is not legal.
    """
    n_villages = space.option_mask.shape[0]
    value = np.full((space.n_options, n_villages), -np.inf)
    n_flow_years = resolved.clock.last_flow_year + 1
    for some in chunks(space.n_options, CELLS_PER_CHUNK // max(n_villages * n_flow_years, 1)):
        value[some] = value_alone_cny(Trace(resolved, space.every_option(some), SEARCH))
    return np.where(space.option_mask, value.T, -np.inf)


def value_alone_cny(trace: Trace) -> FloatArray:
    """Present value of each village as if the others were kept and it began in year 1.

    Args:
        trace: of plans that start in year 1 or never, without delays of their own, on NumPy.

    Returns:
        shape (n_plans, n_villages) [CNY].
    """
    clocks, value = choice_clocks(trace.resolved), _value_by_calendar(trace, trace.resolved.clock)
    calendar = calendar_of_choices(trace) if len(clocks) > 1 else None
    for position, clock in enumerate(clocks[1:], start=1):
        value = np.where(calendar == position, _value_by_calendar(trace, clock), value)
    return value


def _value_by_calendar(trace: Trace, clock: Clock) -> FloatArray:
    """The same if all villages follow one calendar."""
    profiles = profiles_from(clock, 1)
    index = indices_alone(trace, profiles)
    rate, worth, value = trace.resolved.book.number("finance.discount_rate"), {}, np.zeros_like(trace.form.commodity)
    for item in ITEMS:
        years = (item.profile, item.index)
        if years not in worth:
            worth[years] = net_present_value_cny(profiles[item.profile] * index[item.index], rate)
        value += (1.0 if item.kind == REVENUE else -1.0) * worth[years] * trace.amounts_cny[item.name]
    return value
