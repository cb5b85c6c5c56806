"""Packages that a project may be agreed on: an option near the plan's, a multiplier, a share resettled on site."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.parameter_book import Book
from data.scenario import LAND_USES
from envs.kernel.plans import Plans

SAME = 1e-6
"""Ratios nearer than this are the same level."""


class LegalOptions(Protocol):
    """Legal options of every village, on NumPy; envs.choices.options.OptionSpace is one."""

    @property
    def intensity(self) -> IntArray:
        """Index by option, shape (n_options,)."""
        ...

    @property
    def land_use(self) -> IntArray:
        """Index by option, shape (n_options,)."""
        ...

    @property
    def facility_ratio(self) -> FloatArray:
        """By option, shape (n_options,)."""
        ...

    @property
    def floor_area_ratio(self) -> FloatArray:
        """Shape (n_villages, n_options)."""
        ...

    @property
    def option_mask(self) -> BoolArray:
        """True where the village may take the option, shape (n_villages, n_options)."""
        ...

    @property
    def fixed_mask(self) -> BoolArray:
        """True for villages whose decision is given, shape (n_villages,)."""
        ...


@dataclass(frozen=True, eq=False)
class Packages:
    """What every village could be agreed on; in row p each takes its package p, and row 0 is the plan itself.

    Attributes:
        plans: canonical, shape (n_packages, n_villages).
        offered: True where the package exists for the village, same shape; floor that falls short is not seen here.
        n_terms: packages of each option, one after another, the plan's own terms first.
    """

    plans: Plans
    offered: BoolArray
    n_terms: int


def packages(plan: Plans, options: LegalOptions, book: Book, *, option_fixed: bool = False) -> Packages:
    """The plan's option and its neighbors, each with every multiplier and on-site share on the table.

    Args:
        plan: canonical batch of one, on NumPy.
        options: legal options of the scenario.
        book: multipliers and on-site shares; the first of each is what the plan says, else the model's own.
        option_fixed: whether only the terms are on the table, not the neighbors of the plan's option.

    Returns:
        The packages; the delay of the plan stays in all of them.
    """
    near, exists = (plan, plan.start_year > 0) if option_fixed else neighbors(plan, options)
    multiplier, onsite = (
        np.array([np.nan, *book.series(key)]) for key in ("bargain.multipliers", "bargain.onsite_shares")
    )
    if option_fixed and not plan.intensity.any():
        multiplier = onsite = np.array([np.nan])  # nothing to offer: only the option itself
    option, m, s = (axis.ravel() for axis in np.indices((near.n_plans, multiplier.size, onsite.size)))
    plans = replace(
        near[option],
        compensation_multiplier=_else_plans(multiplier[m], plan.compensation_multiplier, plan),
        onsite_share=_else_plans(onsite[s], plan.onsite_share, plan),
    )
    free = plan.intensity[0] > 0
    on_table = ((m == 0)[:, None] | free & ~_is_settled(plan.compensation_multiplier, options)) & (
        (s == 0)[:, None] | free & ~_is_settled(plan.onsite_share, options)
    )
    return Packages(plans, exists[option] & on_table, n_terms=multiplier.size * onsite.size)


def _is_settled(of_plan: FloatArray | None, options: LegalOptions) -> BoolArray:
    """Whether a given decision gives the term; shape (n_villages,)."""
    return options.fixed_mask & (False if of_plan is None else ~np.isnan(of_plan[0]))


def neighbors(plan: Plans, options: LegalOptions) -> tuple[Plans, BoolArray]:
    """The plan's option in row 0, then one level of density and of facility ratio away, then every other land use.

    Args:
        plan: batch of one.
        options: legal options.

    Returns:
        Plans of shape (5 + other land uses, n_villages), and True where the village has that neighbor.
    """
    far, facility, land_use = plan.floor_area_ratio[0], plan.facility_ratio[0], plan.land_use[0]
    rows, exists = [plan], [plan.start_year[0] > 0]
    for upwards in (True, False):
        level = _next_level(_densities(plan, options), far, upwards=upwards)
        rows.append(replace(plan, floor_area_ratio=np.where(np.isfinite(level), level, far)[None]))
        exists.append(np.isfinite(level))
    for upwards in (True, False):
        level = _next_level(_facility_ratios(plan, options), facility, upwards=upwards)
        rows.append(replace(plan, facility_ratio=np.where(np.isfinite(level), level, facility)[None]))
        exists.append(np.isfinite(level))
    for shift in range(1, len(LAND_USES)):
        other = (land_use + shift) % len(LAND_USES)
        rows.append(replace(plan, land_use=other[None]))
        exists.append((plan.intensity[0] > 0) & _holds_density(plan, options, other, facility))
    free = (plan.start_year[0] > 0) & ~options.fixed_mask
    return _stacked(rows), np.stack([exists[0], *(there & free for there in exists[1:])])


def _densities(plan: Plans, options: LegalOptions) -> FloatArray:
    """Levels of density of the plan's intensity, land use and nearest facility ratio; NaN elsewhere."""
    same = _of_kind(plan, options, plan.land_use[0])
    apart = np.where(same, np.abs(options.facility_ratio - plan.facility_ratio[0][:, None]), np.inf)
    nearest = same & (apart <= np.min(apart, axis=1, keepdims=True) + SAME)
    return np.where(nearest & (plan.intensity[0] > 0)[:, None], options.floor_area_ratio, np.nan)


def _facility_ratios(plan: Plans, options: LegalOptions) -> FloatArray:
    """Facility ratios at which the plan's density and land use are legal; NaN elsewhere, (n_villages, n_options)."""
    ratios = np.unique(options.facility_ratio)
    holds = np.stack([_holds_density(plan, options, plan.land_use[0], np.full_like(ratios[0], r)) for r in ratios])
    return np.where(holds.T, ratios, np.nan)


def _holds_density(plan: Plans, options: LegalOptions, land_use: IntArray, facility_ratio: FloatArray) -> BoolArray:
    """Whether the plan's density lies within those legal for a land use and a facility ratio; shape (n_villages,)."""
    same = _of_kind(plan, options, land_use)
    apart = np.where(same, np.abs(options.facility_ratio - np.atleast_1d(facility_ratio)[:, None]), np.inf)
    nearest = same & (apart <= np.min(apart, axis=1, keepdims=True) + SAME)
    low = np.min(np.where(nearest, options.floor_area_ratio, np.inf), axis=1)
    high = np.max(np.where(nearest, options.floor_area_ratio, -np.inf), axis=1)
    far = plan.floor_area_ratio[0]
    return (far >= low - SAME) & (far <= high + SAME)


def _of_kind(plan: Plans, options: LegalOptions, land_use: IntArray) -> BoolArray:
    """Legal options of the plan's intensity and a land use, shape (n_villages, n_options)."""
    return (
        options.option_mask
        & (options.intensity == plan.intensity[0][:, None])
        & (options.land_use == land_use[:, None])
    )


def _next_level(levels: FloatArray, at: FloatArray, *, upwards: bool) -> FloatArray:
    """The nearest level beyond what a village has, (n_villages,); infinite where there is none."""
    if upwards:
        return np.min(np.where(levels > at[:, None] + SAME, levels, np.inf), axis=1)
    return np.max(np.where(levels < at[:, None] - SAME, levels, -np.inf), axis=1)


def _stacked(rows: list[Plans]) -> Plans:
    names = ("start_year", "intensity", "land_use", "floor_area_ratio", "facility_ratio")
    columns = {name: np.concatenate([getattr(row, name) for row in rows]) for name in names}
    delay = rows[0].delay_yr
    return Plans(**columns, delay_yr=None if delay is None else np.repeat(delay, len(rows), axis=0))


def _else_plans(level: FloatArray, of_plan: FloatArray | None, plan: Plans) -> FloatArray:
    """A level for every village; where it is NaN, what the plan says; shape (n_packages, n_villages)."""
    own = np.full(plan.start_year.shape, np.nan) if of_plan is None else of_plan
    return np.where(np.isnan(level)[:, None], own, level[:, None])
