"""What bargaining brings, condensed: by village and option, how likely it is agreed on, on which terms and how late.

The table is made in envs/people/bargaining; the kernel looks plans up in it. What a plan says itself of the terms wins;
how likely it is agreed on stays that of its option.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import IntArray
from data.scenario import LAND_USES
from envs.kernel.computing.backend import Array, array_namespace, device
from envs.kernel.plans import Plans

NO_OPTION = -1


@dataclass(frozen=True, eq=False)
class Agreements:
    """What bargaining brings to every village and option; arrays by both have the shape (n_villages, n_options).

    Attributes:
        intensity: index into data.scenario.INTENSITIES by option, shape (n_options,).
        land_use: index into data.scenario.LAND_USES by option, shape (n_options,).
        facility_ratio: by option, shape (n_options,).
        floor_area_ratio: of the option in the village.
        legal: True where the village may take the option.
        options_of_kind: options of each intensity and land use, shape (n_kinds, most of a kind); NO_OPTION fills rows.
        probability: share of the draws of households in which it is agreed on; 0 where the option is not legal.
        multiplier: expected where it is agreed on [x]; NaN where the model decides, as without bargaining.
        onsite_share: expected share resettled on site; NaN where the scenario decides.
        delay_yr: expected [yr]; 0 where nothing is agreed on.
        calendar: position in `calendar_delay_yr` of a delay that makes the calendar of `delay_yr`.
        calendar_delay_yr: a delay for each calendar that the delays of the table make, the first 0, (n_calendars,).
        gain_cny_per_m2: expected gain of villagers, developer and government per m2 of site where it is agreed on,
            shape (3, n_villages, n_options); NaN where nothing is.
    """

    intensity: Array
    land_use: Array
    facility_ratio: Array
    floor_area_ratio: Array
    legal: Array
    options_of_kind: Array
    probability: Array
    multiplier: Array
    onsite_share: Array
    delay_yr: Array
    calendar: Array
    calendar_delay_yr: Array
    gain_cny_per_m2: Array

    @property
    def n_options(self) -> int:
        """Options of each village."""
        return int(self.intensity.shape[0])

    @cached_property
    def _some_option(self) -> Array:
        """Options of each kind, any option where rows are filled up."""
        xp = array_namespace(self.options_of_kind)
        return xp.where(self.options_of_kind == NO_OPTION, xp.zeros_like(self.options_of_kind), self.options_of_kind)

    @cached_property
    def far_of_kind(self) -> Array:
        """Floor-area ratio of the options of each kind, infinite where a village may not take one.

        Shape (n_villages, n_kinds, most of a kind), as options_of_kind.
        """
        xp = array_namespace(self.floor_area_ratio)
        legal = self.legal[:, self._some_option] & (self.options_of_kind != NO_OPTION)
        far = self.floor_area_ratio[:, self._some_option]
        return xp.where(legal, far, xp.full_like(far, float("inf")))

    @cached_property
    def facility_of_kind(self) -> Array:
        """Facility ratio of the options of each kind, shape (n_kinds, most of a kind)."""
        return self.facility_ratio[self._some_option]


@dataclass(frozen=True, eq=False)
class BargainedTerms:
    """What bargaining brings to the villages of plans; arrays of shape (n_plans, n_villages), float64.

    Attributes:
        probability: that the village agrees; 1 where it is kept: there is nothing to agree on.
        compensation_multiplier: the plan's own, else expected; NaN where the model decides.
        onsite_share: likewise; NaN where the scenario decides.
        delay_yr: likewise [yr]; NaN where the village is kept.
        calendar_delay_yr: the plan's own, else a delay that makes the same calendar as the expected one [yr].
    """

    probability: Array
    compensation_multiplier: Array
    onsite_share: Array
    delay_yr: Array
    calendar_delay_yr: Array


def kind_of(intensity: Array, land_use: Array) -> Array:
    """Number of an intensity and a land use together."""
    return intensity * len(LAND_USES) + land_use


def options_of_kind(intensity: IntArray, land_use: IntArray, n_kinds: int) -> IntArray:
    """Options of each kind in their order, rows filled with NO_OPTION; shape (n_kinds, most of a kind).

    Example:
        Two options of rehabilitation, and one of a rebuilding for employment.

        >>> options_of_kind(np.array([0, 0, 2]), np.array([4, 4, 2]), 15)[[4, 12]]
        array([[ 0,  1],
               [ 2, -1]])
    """
    kind = kind_of(intensity, land_use)
    members = [np.flatnonzero(kind == k) for k in range(n_kinds)]
    table = np.full((n_kinds, max(1, *(each.size for each in members))), NO_OPTION, dtype=np.int64)
    for row, each in zip(table, members, strict=True):
        row[: each.size] = each
    return table


def nearest_options(table: Agreements, plans: Plans) -> tuple[Array, Array, Array]:
    """The option of the table that is nearest to what a plan does in each village that it renews.

    Options of the same intensity and land use come first, then the least difference of floor-area and facility ratio
    together; of equals the first. Where no option of the kind is legal in a village, the nearest of any kind.

    Args:
        table: what bargaining brings.
        plans: canonical, shape (n_plans, n_villages), in the library of the table.

    Returns:
        Plan, village and option of each renewed village, shape (n_cells,) each; NO_OPTION where none is legal.
    """
    xp = array_namespace(plans.start_year)
    plan, village = xp.nonzero(plans.start_year > 0)
    kind = kind_of(plans.intensity, plans.land_use)[plan, village]
    far, facility = plans.floor_area_ratio[plan, village], plans.facility_ratio[plan, village]
    apart = xp.abs(table.far_of_kind[village, kind] - far[:, None])
    apart = apart + xp.abs(table.facility_of_kind[kind] - facility[:, None])
    place = xp.argmin(apart, axis=1)
    option = table.options_of_kind[kind, place]
    cell = xp.arange(option.shape[0], device=device(option))
    lost = xp.nonzero(xp.isinf(apart[cell, place]))[0]
    if lost.shape[0]:
        every = xp.arange(table.n_options, dtype=option.dtype, device=device(option))
        every = every[None, :] + xp.zeros((lost.shape[0], 1), dtype=option.dtype, device=device(option))
        option[lost] = _nearest(table, village[lost], every, far[lost], facility[lost])
    return plan, village, option


def _nearest(table: Agreements, village: Array, candidates: Array, far: Array, facility: Array) -> Array:
    """The nearest legal one of candidate options, (n_cells, n_candidates) to (n_cells,); NO_OPTION if none is legal."""
    xp = array_namespace(far)
    some = xp.where(candidates == NO_OPTION, xp.zeros_like(candidates), candidates)
    legal = (candidates != NO_OPTION) & table.legal[village[:, None], some]
    apart = xp.abs(table.floor_area_ratio[village[:, None], some] - far[:, None])
    ratio = xp.reshape(xp.take(table.facility_ratio, xp.reshape(some, (-1,))), some.shape)
    apart = apart + xp.abs(ratio - facility[:, None])
    apart = xp.where(legal, apart, xp.full_like(apart, float("inf")))
    nearest = xp.argmin(apart, axis=1)[:, None]
    chosen = xp.take_along_axis(some, nearest, axis=1)[:, 0]
    return xp.where(xp.any(legal, axis=1), chosen, xp.full_like(chosen, NO_OPTION))


def terms_of_plans(table: Agreements, plans: Plans) -> BargainedTerms:
    """Look plans up in the table.

    Args:
        table: what bargaining brings.
        plans: canonical, shape (n_plans, n_villages), in the library of the table.

    Returns:
        See BargainedTerms; a village for which no option is legal cannot agree on any: its probability is 0.
    """
    xp = array_namespace(plans.start_year)
    plan, village, option = nearest_options(table, plans)
    known = option != NO_OPTION
    plan, village, option = plan[known], village[known], option[known]
    rebuilt = plans.intensity[plan, village] > 0
    nothing = xp.full_like(plans.floor_area_ratio, float("nan"))

    def looked_up(values: Array, elsewhere: Array, *, only_rebuilt: bool = False) -> Array:
        column, found = xp.asarray(elsewhere, copy=True), values[village, option]
        column[plan, village] = xp.where(rebuilt, found, xp.full_like(found, float("nan"))) if only_rebuilt else found
        return column

    kept = xp.astype(plans.start_year == 0, plans.floor_area_ratio.dtype)
    calendar_delay_yr = xp.take(table.calendar_delay_yr, xp.reshape(table.calendar, (-1,)))
    calendar_delay_yr = xp.reshape(calendar_delay_yr, table.calendar.shape)
    return BargainedTerms(
        probability=looked_up(table.probability, kept),
        compensation_multiplier=_own(
            plans.compensation_multiplier, looked_up(table.multiplier, nothing, only_rebuilt=True)
        ),
        onsite_share=_own(plans.onsite_share, looked_up(table.onsite_share, nothing, only_rebuilt=True)),
        delay_yr=_own(plans.delay_yr, looked_up(table.delay_yr, nothing)),
        calendar_delay_yr=_own(plans.delay_yr, looked_up(calendar_delay_yr, nothing)),
    )


def _own(own: Array | None, bargained: Array) -> Array:
    """What the plan says, else what was bargained."""
    if own is None:
        return bargained
    xp = array_namespace(bargained)
    return xp.where(xp.isnan(own), bargained, own)
