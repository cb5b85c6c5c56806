"""The choices a village legally has: levels of density and facilities relative to its own legal range.

Searches and the environment choose among these options; the rule checker (envs/rules) knows nothing of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from array_api_compat import array_namespace, device

from data.arrays import BoolArray, FloatArray, IntArray
from data.scenario import CANONICAL_LAND_USE, INTENSITIES, LAND_USES, REBUILT_SHARE, Intensity, LandUse, RuleMode
from envs.kernel.built_form import obligated_floor_m2
from envs.kernel.computing.parallel_chunks import chunks
from envs.kernel.plans import OPTIONAL_COLUMNS, Plans, canonical, choose
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import SEARCH, Trace

FAR_STEP = 0.001
"""Floor-area ratios are offered in steps that survive a spreadsheet."""
CELLS_PER_CHUNK = 50_000
"""Villages x options traced at once; the trace holds about fifty arrays of that size."""


@dataclass(frozen=True, eq=False)
class OptionSpace:
    """Every option of every village: what may be done (option) and when (start year).

    Attributes:
        intensity: index by option, shape (n_options,).
        land_use: index by option, shape (n_options,).
        facility_ratio: by option, shape (n_options,).
        floor_area_ratio: shape (n_villages, n_options); 0 where the option is not legal or nothing is rebuilt.
        option_mask: True where the village may take the option, shape (n_villages, n_options).
        start_mask: True where the village may start in the year (column 0 = keep), shape (n_villages, plan_years + 1).
        fixed: given decisions; villages with start_mask of a single year and these columns replace the option.
        fixed_mask: True for villages whose decision is given, shape (n_villages,).
    """

    intensity: IntArray
    land_use: IntArray
    facility_ratio: FloatArray
    floor_area_ratio: FloatArray
    option_mask: BoolArray
    start_mask: BoolArray
    fixed: Plans
    fixed_mask: BoolArray

    @property
    def n_options(self) -> int:
        """Options besides keep, before masks."""
        return int(self.intensity.shape[0])

    @property
    def option_kinds(self) -> tuple[IntArray | FloatArray, ...]:
        """Intensity, land use, facility ratio and mean density of each option, (n_options,) each."""
        density = np.asarray(np.round(np.mean(self.floor_area_ratio, axis=0), 3), dtype=np.float64)
        return self.intensity, self.land_use, self.facility_ratio, density

    def decode(self, start_year: IntArray, option: IntArray) -> Plans:
        """Plans from start years and options.

        Args:
            start_year: shape (n_plans, n_villages), 0 = keep.
            option: same shape, in 0..n_options-1; ignored where kept or fixed. Both in the array library of the space.

        Returns:
            Canonical plans; the decisions of fixed villages are put in.
        """
        xp, renewed = array_namespace(start_year), start_year > 0
        village = xp.arange(start_year.shape[1], device=device(start_year))
        chosen = Plans(
            start_year=start_year,
            intensity=self.intensity[option] * renewed,
            land_use=xp.where(renewed, self.land_use[option], LAND_USES.index(CANONICAL_LAND_USE)),
            floor_area_ratio=self.floor_area_ratio[village, option] * renewed,
            facility_ratio=self.facility_ratio[option] * renewed,
        )
        return choose(self.fixed_mask, self.fixed, chosen)

    def every_option(self, some: slice) -> Plans:
        """Plans of some options, one row each, on NumPy: every village that may take it starts in year 1."""
        options = np.arange(some.start, some.stop)[:, None]
        start = self.option_mask[:, some].T.astype(np.int64)
        return self.decode(start, np.broadcast_to(options, start.shape))

    def encode(self, plans: Plans) -> tuple[IntArray, IntArray]:
        """Start years and options nearest to plans: the same intensity and land use, the nearest legal level.

        Args:
            plans: shape (n_plans, n_villages); what they say besides (plans.OPTIONAL_COLUMNS) is left out.

        Returns:
            Start years and options, same shape each; where a choice has no legal option of its kind, any other.
        """
        plans = canonical(plans)
        options = np.zeros(plans.start_year.shape, dtype=np.int64)
        for row in range(plans.n_plans):
            other_kind = (self.intensity != plans.intensity[row][:, None]) | (
                self.land_use != plans.land_use[row][:, None]
            )
            far_apart = np.abs(self.floor_area_ratio - plans.floor_area_ratio[row][:, None])
            apart = far_apart + np.abs(self.facility_ratio - plans.facility_ratio[row][:, None]) + 100.0 * other_kind
            options[row] = np.argmin(np.where(self.option_mask, apart, np.inf), axis=1)
        return plans.start_year.astype(np.int64), options


def option_space(resolved: ResolvedScenario) -> OptionSpace:
    """Enumerate the options of a resolved scenario.

    Args:
        resolved: scenario resolved against a city.

    Returns:
        The option space; a village without any legal option can only be kept.
    """
    scenario = resolved.scenario
    facility = levels(scenario.facility_ratio.low, scenario.facility_ratio.high, scenario.facility_levels)
    rows = [(Intensity.REHABILITATE, CANONICAL_LAND_USE, 0, f) for f in range(facility.size)]
    rebuilt = [i for i in scenario.intensities if i is not Intensity.REHABILITATE]
    rows += list(product(rebuilt, scenario.land_uses, range(scenario.density_levels), range(facility.size)))
    if Intensity.REHABILITATE not in scenario.intensities:
        rows = rows[facility.size :]
    far = np.zeros((resolved.city.n_villages, len(rows)))
    mask = np.zeros(far.shape, dtype=bool)
    for o, (intensity, land_use, level, f) in enumerate(rows):
        low, high = far_range(resolved, intensity, float(facility[f]))
        mask[:, o] = (low <= high + 1e-9) & _use_allowed(resolved, intensity, land_use)
        mask[:, o] &= _hard_rules_allow(resolved, float(facility[f]))
        share = 0.5 if scenario.density_levels == 1 else level / (scenario.density_levels - 1)
        value = np.round((low + (high - low) * share) / FAR_STEP) * FAR_STEP
        far[:, o] = np.where(mask[:, o], np.round(value, 3), 0.0)
    fixed, fixed_mask = _fixed(resolved)
    space = OptionSpace(
        intensity=np.array([INTENSITIES.index(row[0]) for row in rows], dtype=np.int64),
        land_use=np.array([LAND_USES.index(row[1]) for row in rows], dtype=np.int64),
        facility_ratio=np.array([facility[row[3]] for row in rows]),
        floor_area_ratio=far,
        option_mask=mask,
        start_mask=_start_mask(resolved, np.asarray(mask.any(axis=1)), fixed, fixed_mask),
        fixed=fixed,
        fixed_mask=fixed_mask,
    )
    return _where_villages_agree(resolved, space) if resolved.scenario.rules.get("consent") is RuleMode.HARD else space


def _where_villages_agree(resolved: ResolvedScenario, space: OptionSpace) -> OptionSpace:
    """The options to which the registered households of their village consent at the multiplier offered."""
    least = resolved.book.number("consent.threshold") - 1e-6
    mask = space.option_mask.copy()
    for some in chunks(space.n_options, max(1, CELLS_PER_CHUNK // max(1, len(mask)))):
        mask[:, some] &= (Trace(resolved, space.every_option(some), SEARCH).consent >= least).T
    return replace(
        space,
        option_mask=mask,
        floor_area_ratio=np.where(mask, space.floor_area_ratio, 0.0),
        start_mask=_start_mask(resolved, np.asarray(mask.any(axis=1)), space.fixed, space.fixed_mask),
    )


def reference_consent(resolved: ResolvedScenario) -> FloatArray:
    """Consent of each village to one reference option, a feature by which villages compare; shape (n_villages,).

    It is rebuilt for the first land use of the scenario, at the middle of its legal densities and facility ratios.
    """
    scenario, shape = resolved.scenario, (1, resolved.city.n_villages)
    facility = 0.5 * (scenario.facility_ratio.low + scenario.facility_ratio.high)
    far = 0.5 * np.add(*far_range(resolved, Intensity.REBUILD, facility))
    land_use = LAND_USES.index((scenario.land_uses or LAND_USES)[0])
    one = np.ones(shape, dtype=np.int64)
    rebuilt = INTENSITIES.index(Intensity.REBUILD) * one
    plans = Plans(one, rebuilt, land_use * one, far[None], np.full(shape, facility))
    return np.asarray(Trace(resolved, plans, SEARCH).consent[0])


def levels(low: float, high: float, n: int) -> FloatArray:
    """Evenly spaced levels, the middle if there is one; rounded to 4 digits inside the range."""
    values = np.array([0.5 * (low + high)]) if n == 1 else np.linspace(low, high, n)
    return np.clip(np.round(values, 4), low, high)


def far_range(resolved: ResolvedScenario, intensity: Intensity, facility_ratio: float) -> tuple[FloatArray, FloatArray]:
    """Legal floor-area ratios of every village, on the FAR_STEP grid; low > high = none.

    Args:
        resolved: scenario resolved against a city.
        intensity: what is done.
        facility_ratio: f.

    Returns:
        Lowest and highest ratio, shape (n_villages,) each; 0, 0 where nothing is rebuilt.
    """
    rho = REBUILT_SHARE[INTENSITIES.index(intensity)]
    villages, scenario, book = resolved.city.villages, resolved.scenario, resolved.book
    if rho == 0.0:
        return np.zeros(len(villages)), np.zeros(len(villages))
    net_site = villages.site_area_m2 * book.number("built.buildable_share")
    owed = sum(
        obligated_floor_m2(
            np.full(len(villages), rho),
            villages.registered_residents,
            onsite_share=resolved.onsite_share,
            resettlement_m2=book.number("comp.resettlement_area"),
            industrial_m2=book.number("built.collective_industrial_m2"),
        )
    )
    retained = (1.0 - rho) * villages.gross_floor_area_m2
    least = np.maximum(scenario.floor_area_ratio.low, scenario.floor_area_ratio_share.low * villages.far_limit)
    needed = owed / (rho * net_site * max(1.0 - facility_ratio, 1e-9))
    most = np.minimum(scenario.floor_area_ratio.high, scenario.floor_area_ratio_share.high * villages.far_limit)
    room = (villages.far_limit * net_site - retained) / (rho * net_site)
    low = np.ceil(np.maximum(least, needed) / FAR_STEP - 1e-6) * FAR_STEP
    low = np.where(low < needed, low + FAR_STEP, low)
    return low, np.floor(np.minimum(most, room) / FAR_STEP + 1e-9) * FAR_STEP


def _use_allowed(resolved: ResolvedScenario, intensity: Intensity, land_use: LandUse) -> BoolArray:
    villages = resolved.city.villages
    if intensity is Intensity.REHABILITATE:
        return np.ones(len(villages), dtype=bool)
    return villages.rebuild_allowed & ~(villages.rental_only & (land_use is LandUse.COMMODITY_HOUSING))


def _hard_rules_allow(resolved: ResolvedScenario, facility_ratio: float) -> BoolArray:
    """What the rule on the least facility ratio leaves of an option, where it is hard."""
    rules, book = resolved.scenario.rules, resolved.book
    allowed = np.ones(resolved.city.n_villages, dtype=bool)
    if rules.get("minimum_facility_ratio") is RuleMode.HARD:
        allowed &= facility_ratio >= book.number("rule.facility_ratio_min") - 1e-9
    return allowed


def _fixed(resolved: ResolvedScenario) -> tuple[Plans, BoolArray]:
    n = resolved.city.n_villages
    start, intensity = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    bargained = {name: np.full(n, np.nan) for name in OPTIONAL_COLUMNS}
    land_use = np.full(n, LAND_USES.index(CANONICAL_LAND_USE), dtype=np.int64)
    far, ratio, mask = np.zeros(n), np.zeros(n), np.zeros(n, dtype=bool)
    position = {name: i for i, name in enumerate(resolved.city.villages.village_id.tolist())}
    for name, decision in resolved.scenario.fixed.items():
        i = position[name]
        mask[i] = True
        if decision.start_year == 0:
            continue
        start[i], ratio[i] = decision.start_year, decision.facility_ratio
        for field, column in bargained.items():
            column[i] = np.nan if getattr(decision, field) is None else getattr(decision, field)
        intensity[i] = INTENSITIES.index(decision.intensity)
        if decision.intensity is not Intensity.REHABILITATE:
            land_use[i], far[i] = LAND_USES.index(decision.land_use), decision.floor_area_ratio
    return canonical(Plans(start, intensity, land_use, far, ratio, **bargained)), mask


def _start_mask(resolved: ResolvedScenario, any_option: BoolArray, fixed: Plans, fixed_mask: BoolArray) -> BoolArray:
    scenario, ids = resolved.scenario, resolved.city.villages.village_id
    mask = np.ones((ids.size, scenario.plan_years + 1), dtype=bool)
    mask[:, 1:] = (any_option & ~np.isin(ids, scenario.forbidden))[:, None]
    mask[:, 1 : scenario.first_open_year] = False
    mask[:, 0] = ~(np.isin(ids, scenario.locked) & any_option)
    mask[fixed_mask] = np.arange(scenario.plan_years + 1) == np.asarray(fixed.start_year)[fixed_mask, None]
    return mask
