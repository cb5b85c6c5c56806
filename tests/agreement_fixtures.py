"""A table of what bargaining brings, written by hand over the options of a scenario."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.arrays import FloatArray
from data.scenario import INTENSITIES, LAND_USES, Bargaining
from envs.choices.options import OptionSpace, option_space
from envs.kernel.agreements import Agreements, options_of_kind
from envs.kernel.resolved_scenario import ResolvedScenario


def counting(resolved: ResolvedScenario, mode: Bargaining = Bargaining.COUNTED) -> ResolvedScenario:
    """The same scenario, whose bargaining is looked at; without a table."""
    return replace(resolved, scenario=resolved.scenario.model_copy(update={"bargaining": mode}))


def table_of(
    space: OptionSpace,
    *,
    probability: FloatArray | float = 1.0,
    multiplier: FloatArray | float = np.nan,
    onsite_share: FloatArray | float = np.nan,
    calendar: FloatArray | int = 0,
    calendar_delay_yr: tuple[float, ...] = (0.0,),
) -> Agreements:
    """A table over all options; a number is that of every village and option."""
    shape, n_kinds = space.option_mask.shape, len(INTENSITIES) * len(LAND_USES)

    def by_option(values: FloatArray | float) -> FloatArray:
        return np.broadcast_to(np.asarray(values, dtype=np.float64), shape).copy()

    position = np.broadcast_to(np.asarray(calendar, dtype=np.int64), shape).copy()
    delays = np.array(calendar_delay_yr)
    return Agreements(
        intensity=space.intensity,
        land_use=space.land_use,
        facility_ratio=space.facility_ratio,
        floor_area_ratio=space.floor_area_ratio,
        legal=space.option_mask,
        options_of_kind=options_of_kind(space.intensity, space.land_use, n_kinds),
        probability=by_option(probability),
        multiplier=by_option(multiplier),
        onsite_share=by_option(onsite_share),
        delay_yr=delays[position],
        calendar=position,
        calendar_delay_yr=delays,
        gain_cny_per_m2=np.zeros((3, *shape)),
    )


def random_table(resolved: ResolvedScenario, seed: int) -> Agreements:
    """Other terms for every village and option, some of them late."""
    space, rng = option_space(resolved.without_bargaining), np.random.default_rng(seed)
    shape = space.option_mask.shape
    return table_of(
        space,
        probability=np.round(rng.random(shape), 2),
        multiplier=1.0 + 0.5 * rng.random(shape),
        onsite_share=0.5 + 0.5 * rng.random(shape),
        calendar=rng.integers(0, 2, shape),
        calendar_delay_yr=(0.0, 0.9),
    )
