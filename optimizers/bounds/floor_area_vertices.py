"""The legal floors of a village and their corners.

For one intensity and land use, every floor, and every sum of money at given prices, is linear in a village's gross
new floor and its facility floor; the legal pairs of the two form a polygon. Whatever is linear is largest in a corner.
Sale prices answer to both: the polygon is cut into cells in which they hardly move.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from data.arrays import BoolArray, FloatArray
from data.scenario import INTENSITIES, LAND_USES, REBUILT_SHARE, FixedVillage, Intensity, LandUse, RuleMode
from envs.kernel.built_form import obligated_floor_m2
from envs.kernel.consent import consent_share, offer
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.check import RULES, rule_mode
from envs.rules.rule import TOLERANCE

DENSITY_CELLS = (0.0, 0.6, 0.85, 0.95, 0.99, 1.0)
"""Where densities are cut, as a share of their range: money alone builds as dense as it may."""
FACILITY_CELLS = (0.0, 0.05, 0.2, 0.5, 1.0)
"""Where facility ratios are cut: money alone gives as few as it may."""
ROUNDING = 1e-9
"""Relative slack of the comparisons that decide whether a corner belongs to a polygon."""


@dataclass(frozen=True, eq=False)
class FloorRange:
    """Legal densities and facility ratios of one intensity and land use; each of shape (n_villages,).

    Attributes:
        far_low: least floor-area ratio.
        far_high: largest one.
        facility_low: least facility ratio.
        facility_high: largest one.
        owed_ratio: resettlement and industrial floor, as a floor-area ratio of the rebuilt net site.
        allowed: True where the village may do this at all.
    """

    far_low: FloatArray
    far_high: FloatArray
    facility_low: FloatArray
    facility_high: FloatArray
    owed_ratio: FloatArray
    allowed: BoolArray


def floor_range(resolved: ResolvedScenario, intensity: Intensity, land_use: LandUse) -> FloorRange:
    """What the built-in rules about single villages allow, with the tolerance of the rule checker.

    Args:
        resolved: scenario resolved against a city.
        intensity: what is done.
        land_use: what for; means nothing where nothing is rebuilt.

    Returns:
        The ranges. Fixed villages have theirs; consent and the least facility ratio count where they are hard.
    """
    villages, scenario = resolved.city.villages, resolved.scenario
    rho = REBUILT_SHARE[INTENSITIES.index(intensity)]
    far_low, far_high = _far_range(resolved, rho)
    facility_low = max(scenario.facility_ratio.low, _least_facility_ratio(resolved, rho, land_use))
    ranges = FloorRange(
        far_low=far_low - TOLERANCE * (rho > 0.0),
        far_high=far_high + TOLERANCE * (rho > 0.0),
        facility_low=np.full(len(villages), max(facility_low - TOLERANCE, 0.0)),
        facility_high=np.full(len(villages), min(scenario.facility_ratio.high + TOLERANCE, 1.0)),
        owed_ratio=_owed_ratio(resolved, rho),
        allowed=_may(resolved, intensity, land_use),
    )
    for name, fixed in scenario.fixed.items():
        _take_fixed(ranges, int(np.flatnonzero(villages.village_id == name)[0]), fixed, intensity, land_use)
    return ranges


def cells(ranges: FloorRange) -> list[FloorRange]:
    """Parts of legal ranges, narrow where money alone builds; together they are the whole."""

    def cut(low: FloatArray, high: FloatArray, shares: tuple[float, ...]) -> list[tuple[FloatArray, FloatArray]]:
        ends = [low, *(low + share * (high - low) for share in shares[1:-1]), high]
        return list(pairwise(ends))

    return [
        replace(ranges, far_low=far[0], far_high=far[1], facility_low=f[0], facility_high=f[1])
        for far in cut(ranges.far_low, ranges.far_high, DENSITY_CELLS)
        for f in cut(ranges.facility_low, ranges.facility_high, FACILITY_CELLS)
    ]


def _far_range(resolved: ResolvedScenario, rho: float) -> tuple[FloatArray, FloatArray]:
    """Floor-area ratios within the scenario's range and the villages' limits; 0, 0 where nothing is rebuilt."""
    villages, scenario = resolved.city.villages, resolved.scenario
    if rho == 0.0:
        return np.zeros(len(villages)), np.zeros(len(villages))
    limit = villages.far_limit
    net_site = villages.site_area_m2 * resolved.book.number("built.buildable_share")
    room = (limit * net_site * (1.0 + TOLERANCE) - (1.0 - rho) * villages.gross_floor_area_m2) / (rho * net_site)
    low = np.maximum(scenario.floor_area_ratio.low, scenario.floor_area_ratio_share.low * limit)
    high = np.minimum(scenario.floor_area_ratio.high, scenario.floor_area_ratio_share.high * limit)
    return low, np.minimum(high, room)


def _owed_ratio(resolved: ResolvedScenario, rho: float) -> FloatArray:
    villages, book = resolved.city.villages, resolved.book
    resettlement, industrial = obligated_floor_m2(
        np.ones(len(villages)),
        villages.registered_residents,
        onsite_share=_onsite_share(resolved),
        resettlement_m2=book.number("comp.resettlement_area"),
        industrial_m2=book.number("built.collective_industrial_m2"),
    )
    owed = (resettlement + industrial) / (villages.site_area_m2 * book.number("built.buildable_share"))
    return np.asarray(owed * (rho > 0.0))


def _onsite_share(resolved: ResolvedScenario) -> FloatArray:
    """Share of registered residents resettled on site: the scenario's, or a fixed village's own."""
    share = np.full(len(resolved.city.villages), resolved.onsite_share)
    for name, fixed in resolved.scenario.fixed.items():
        if fixed.onsite_share is not None:
            share[resolved.city.villages.village_id == name] = fixed.onsite_share
    return share


def _least_facility_ratio(resolved: ResolvedScenario, rho: float, land_use: LandUse) -> float:
    """Of the rule on facilities where it is hard; where all that is left becomes facilities the ratio may be lower."""
    if rule_mode(resolved.scenario, "minimum_facility_ratio") is not RuleMode.HARD:
        return 0.0
    shares = resolved.constants.base.land_use_shares[LAND_USES.index(land_use)]
    if rho > 0.0 and float(np.sum(shares)) < 1.0:
        return 0.0
    return float(RULES["minimum_facility_ratio"].limit(resolved) or 0.0) * (1.0 - TOLERANCE)


def _may(resolved: ResolvedScenario, intensity: Intensity, land_use: LandUse) -> BoolArray:
    villages, scenario = resolved.city.villages, resolved.scenario
    allowed = np.full(len(villages), intensity in scenario.intensities)
    if intensity is Intensity.REHABILITATE:
        return allowed
    allowed &= villages.rebuild_allowed & (land_use in scenario.land_uses)
    if land_use is LandUse.COMMODITY_HOUSING:
        allowed &= ~villages.rental_only
    if rule_mode(scenario, "consent") is RuleMode.HARD:
        allowed &= _may_agree(resolved)
    return allowed


def _may_agree(resolved: ResolvedScenario) -> BoolArray:
    """Whether a village agrees at the largest multiplier to the most it could be offered: all services, least density.

    A relaxation: what is certified stays a bound, for no option offers more.
    """
    taste, constants, book = resolved.taste, resolved.constants, resolved.book
    best = constants.prices.sale_price_cny_per_m2 * (
        (1.0 + taste.services * np.clip(1.0 - constants.services.before, 0.0, None))
        * taste.far_least_ratio**-taste.density
    )
    terms = offer(
        constants.claims,
        onsite_share=resolved.onsite_share,
        price_cny_per_m2=best,
        resettlement_price_cny_per_m2=resolved.unit_costs.resettlement_price_cny_per_m2,
    )
    most = consent_share(np.full_like(best, book.number("consent.cap")), terms, resolved.voters)
    return np.asarray(most >= book.number("consent.threshold") * (1.0 - TOLERANCE))


def _take_fixed(ranges: FloorRange, village: int, fixed: FixedVillage, intensity: Intensity, land_use: LandUse) -> None:
    """Replace the ranges of a village whose decision is given."""
    rebuilt = intensity is not Intensity.REHABILITATE
    same_use = not rebuilt or fixed.land_use is land_use
    ranges.allowed[village] = fixed.start_year > 0 and fixed.intensity is intensity and same_use
    ranges.far_low[village] = max(fixed.floor_area_ratio - TOLERANCE, 0.0) * rebuilt
    ranges.far_high[village] = (fixed.floor_area_ratio + TOLERANCE) * rebuilt
    ranges.facility_low[village] = max(fixed.facility_ratio - TOLERANCE, 0.0)
    ranges.facility_high[village] = min(fixed.facility_ratio + TOLERANCE, 1.0)


def floor_corners(ranges: FloorRange) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Corners of the legal polygon, and of the strip beside it in which the rule checker tolerates a shortfall.

    In the polygon what is left of the new floor, FAR (1 - f) - owed, is not negative; in the strip it counts as zero.

    Args:
        ranges: legal ranges.

    Returns:
        Floor-area ratio, facility ratio and mask, each of shape (n_corners, n_villages).
    """
    sides = [(far, f) for far in (ranges.far_low, ranges.far_high) for f in (ranges.facility_low, ranges.facility_high)]
    slacks = (0.0, 2.0 * TOLERANCE)  # 1e-6 m2 beside 1e-6 of the floor: far less than the second half
    for slack in slacks:
        for far in (ranges.far_low, ranges.far_high):
            some = np.where(far > 0.0, far, 1.0)
            sides.append((far, np.where(far > 0.0, 1.0 + slack - ranges.owed_ratio / some, 0.0)))
        for f in (ranges.facility_low, ranges.facility_high):
            sides.append((ranges.owed_ratio / np.maximum(1.0 + slack - f, ROUNDING), f))
    far, facility = (np.stack([side[k] for side in sides]) for k in range(2))
    inside = (far >= ranges.far_low * (1.0 - ROUNDING)) & (far <= ranges.far_high * (1.0 + ROUNDING))
    inside &= (facility >= ranges.facility_low - ROUNDING) & (facility <= ranges.facility_high + ROUNDING)
    left = far * (1.0 - facility) - ranges.owed_ratio
    inside &= left >= -(slacks[1] * far + ROUNDING * np.maximum(far, 1.0))
    return far, facility, inside & ranges.allowed
