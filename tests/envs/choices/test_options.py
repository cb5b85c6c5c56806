"""Options are legal by the rule checker, which knows nothing of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.scenario import (
    INTENSITIES,
    LAND_USES,
    FixedVillage,
    Intensity,
    LandUse,
    Range,
    RuleMode,
    Scenario,
    ShareRange,
)
from data.synthesis.city import synthesize_city
from envs.choices.options import OptionSpace, far_range, levels, option_space
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.plans import canonical
from envs.kernel.trace import SEARCH, Trace
from envs.rules.check import RULES, check, violations

N = 12
RENTAL_ONLY, PROTECTED = 1, 4
CITY = synthesize_city(N, 3)
LATE = FixedVillage(
    start_year=3, intensity="rebuild", land_use="rental_housing", floor_area_ratio=2.0, facility_ratio=0.1
)


def resolved_with(**changes: Any) -> ResolvedScenario:
    return resolve(Scenario(**({"plan_years": 5, "villages_per_year": N} | changes)), CITY)


def one_option_plans(space: OptionSpace) -> Plans:
    """As many plans as the longest list of options: plan k gives every village its k-th legal option, cyclically."""
    most = int(space.option_mask.sum(axis=1).max(initial=0))
    option = np.zeros((most, space.option_mask.shape[0]), dtype=np.int64)
    start = np.zeros_like(option)
    for village, mask in enumerate(space.option_mask):
        legal = np.flatnonzero(mask)
        years = np.flatnonzero(space.start_mask[village])
        start[:, village] = np.resize(years, most) if years[-1] else 0
        if legal.size:
            option[:, village] = np.resize(legal, most)
    return space.decode(start, option)


def built_in_excess(resolved: ResolvedScenario, plans: Plans) -> dict[str, float]:
    names, excess = violations(resolved, plans)
    worst = zip(names, excess.max(axis=0, initial=0.0), strict=True)
    return {name: float(value) for name, value in worst if RULES[name].built_in and value > 0.0}


def test_every_option_of_every_village_is_legal_alone() -> None:
    resolved = resolved_with(density_levels=3, facility_levels=3)
    space = option_space(resolved)
    village, option = np.nonzero(space.option_mask)
    start = np.zeros((village.size, N), dtype=np.int64)
    start[np.arange(village.size), village] = 1
    chosen = np.zeros_like(start)
    chosen[np.arange(village.size), village] = option
    assert built_in_excess(resolved, space.decode(start, chosen)) == {}


def test_masked_options_are_illegal_or_have_no_range() -> None:
    space = option_space(resolved_with())
    rebuilt = space.intensity > 0
    sale = space.land_use == LAND_USES.index(LandUse.COMMODITY_HOUSING)
    assert not space.option_mask[PROTECTED, rebuilt].any()
    assert space.option_mask[PROTECTED, ~rebuilt].all()
    assert not space.option_mask[RENTAL_ONLY, rebuilt & sale].any()
    assert (space.floor_area_ratio[~space.option_mask] == 0.0).all()


def test_fixed_forbidden_and_locked_villages_are_respected() -> None:
    fixed = {
        "V00001": FixedVillage(start_year=2, intensity="rebuild", land_use="rental_housing", floor_area_ratio=2.0,
                               facility_ratio=0.1),
        "V00003": FixedVillage(start_year=0),
    }  # fmt: skip
    resolved = resolved_with(fixed=fixed, forbidden=("V00006",), locked=("V00007",))
    space = option_space(resolved)
    assert np.flatnonzero(space.start_mask[0]).tolist() == [2]
    assert np.flatnonzero(space.start_mask[2]).tolist() == [0]
    assert np.flatnonzero(space.start_mask[5]).tolist() == [0]
    assert np.flatnonzero(space.start_mask[6]).tolist() == [1, 2, 3, 4, 5]
    assert np.flatnonzero(space.fixed_mask).tolist() == [0, 2]
    plans = space.decode(np.full((1, N), 4), np.zeros((1, N), dtype=np.int64))
    assert [column[0, 0] for column in plans.columns] == [
        2, INTENSITIES.index(Intensity.REBUILD), LAND_USES.index(LandUse.RENTAL_HOUSING), 2.0, 0.1
    ]  # fmt: skip
    assert plans.start_year[0, 2] == 0
    assert built_in_excess(resolved, one_option_plans(space)) == {}


def test_years_that_are_over_are_closed_to_all_but_fixed_villages() -> None:
    fixed = {"V00001": FixedVillage(start_year=2), "V00003": FixedVillage(start_year=0)}
    resolved = resolved_with(fixed=fixed, locked=("V00007",), first_open_year=4)
    space = option_space(resolved)
    assert np.flatnonzero(space.start_mask[0]).tolist() == [2]
    assert np.flatnonzero(space.start_mask[2]).tolist() == [0]
    assert np.flatnonzero(space.start_mask[6]).tolist() == [4, 5]
    assert np.flatnonzero(space.start_mask[1]).tolist() == [0, 4, 5]


def test_kept_villages_are_canonical() -> None:
    space = option_space(resolved_with())
    plans = space.decode(np.zeros((1, N), dtype=np.int64), np.full((1, N), 7))
    assert (plans.start_year == 0).all()
    assert (plans.intensity == 0).all()
    assert (plans.floor_area_ratio == 0.0).all()
    assert (plans.facility_ratio == 0.0).all()
    assert (plans.land_use == LAND_USES.index(LandUse.PUBLIC_SERVICE)).all()


def test_a_village_without_a_legal_option_can_only_be_kept() -> None:
    resolved = resolved_with(
        intensities=(Intensity.REBUILD,), land_uses=(LandUse.COMMODITY_HOUSING,), locked=("V00005",)
    )
    space = option_space(resolved)
    for village in (PROTECTED, RENTAL_ONLY):
        assert not space.option_mask[village].any()
        assert np.flatnonzero(space.start_mask[village]).tolist() == [0]
    assert space.start_mask[0].all()


def test_hard_consent_and_facility_share_leave_only_what_passes() -> None:
    rules = {"consent": RuleMode.HARD, "minimum_facility_ratio": RuleMode.HARD}
    resolved = resolved_with(rules=rules, parameters={"consent.threshold": 0.95, "consent.cap": 1.2})
    space = option_space(resolved)
    soft = option_space(resolved_with(rules={"minimum_facility_ratio": RuleMode.HARD}))
    options = np.arange(soft.n_options)[:, None] * np.ones(N, dtype=np.int64)
    consent = Trace(resolved, soft.decode(np.ones_like(options), options), SEARCH).consent.T
    agrees = consent >= 0.95 - 1e-6
    assert (space.option_mask == (soft.option_mask & agrees)).all()
    of_option = (soft.option_mask & ~agrees).any(axis=1) & space.option_mask[:, space.intensity > 0].any(axis=1)
    assert of_option.any()  # the same village agrees to one option and not to another
    names, excess = violations(resolved, one_option_plans(space))
    worst = dict(zip(names, excess.max(axis=0), strict=True))
    assert worst["consent"] == 0.0
    assert worst["minimum_facility_ratio"] == 0.0


def test_levels_span_the_range() -> None:
    assert levels(0.05, 0.25, 5).tolist() == pytest.approx([0.05, 0.10, 0.15, 0.20, 0.25])
    assert levels(0.05, 0.25, 1).tolist() == [0.15]
    assert levels(0.1, 0.1, 3).tolist() == [0.1, 0.1, 0.1]


def test_density_levels_run_from_the_lowest_to_the_highest_legal_ratio() -> None:
    resolved = resolved_with(facility_levels=1, land_uses=(LandUse.RENTAL_HOUSING,), intensities=(Intensity.REBUILD,))
    space = option_space(resolved)
    low, high = far_range(resolved, Intensity.REBUILD, float(space.facility_ratio[0]))
    legal = space.option_mask.all(axis=1)
    assert legal.sum() >= N - 2
    np.testing.assert_allclose(space.floor_area_ratio[legal, 0], low[legal], atol=1e-9)
    np.testing.assert_allclose(space.floor_area_ratio[legal, -1], high[legal], atol=1e-9)
    assert (np.diff(space.floor_area_ratio[legal], axis=1) >= 0.0).all()
    assert (far_range(resolved, Intensity.REHABILITATE, 0.1)[1] == 0.0).all()


def test_the_highest_ratio_is_the_highest() -> None:
    """One step more breaks a rule: the range is not narrower than the rules ask for."""
    resolved = resolved_with(facility_levels=1, intensities=(Intensity.REBUILD,), land_uses=(LandUse.RENTAL_HOUSING,))
    space = option_space(resolved)
    plan = space.decode(np.eye(N, dtype=np.int64), np.full((N, N), space.n_options - 1))
    denser = Plans(*plan.columns[:3], plan.floor_area_ratio + 0.002 * (plan.start_year > 0), plan.facility_ratio)
    for village in np.flatnonzero(space.option_mask.any(axis=1)):
        found = [finding.rule for finding in check(resolved, denser[[village]]) if not finding.holds]
        assert {"floor_area_ratio", "far_limit"} & set(found)


shares = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)).map(sorted)
ratios = st.tuples(st.floats(0.0, 4.0), st.floats(0.0, 4.0)).map(sorted)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    far_share=shares,
    far=ratios,
    facility=shares,
    density_levels=st.integers(1, 4),
    facility_levels=st.integers(1, 4),
    onsite=st.floats(0.0, 1.0),
)
def test_options_are_legal_whatever_the_bounds(
    far_share: list[float],
    far: list[float],
    facility: list[float],
    density_levels: int,
    facility_levels: int,
    onsite: float,
) -> None:
    resolved = resolved_with(
        floor_area_ratio_share=ShareRange(low=far_share[0], high=far_share[1]),
        floor_area_ratio=Range(low=far[0], high=far[1]),
        facility_ratio=ShareRange(low=facility[0], high=facility[1]),
        density_levels=density_levels,
        facility_levels=facility_levels,
        onsite_resettlement_share=onsite,
    )
    space = option_space(resolved)
    n_rebuilt = 2 * len(LAND_USES) * density_levels * facility_levels
    assert space.n_options == facility_levels + n_rebuilt
    assert built_in_excess(resolved, one_option_plans(space)) == {}


# --- encoding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("density_levels", [1, 3])
@pytest.mark.parametrize("given", [{}, {"V00001": LATE}])
def test_encoding_a_decoded_plan_gives_it_back(density_levels: int, given: dict[str, FixedVillage]) -> None:
    resolved = resolved_with(density_levels=density_levels, facility_levels=3, fixed=given)
    space = option_space(resolved)
    plans = canonical(one_option_plans(space))
    assert (plans.start_year > 0).any(axis=1).sum() > 3
    start, option = space.encode(plans)
    np.testing.assert_array_equal(start, plans.start_year)
    free = (start > 0) & ~space.fixed_mask
    assert space.option_mask[np.arange(N), option][free].all()
    for one, other in zip(space.decode(start, option).columns, plans.columns, strict=True):
        np.testing.assert_array_equal(one, other)


def test_encoding_keeps_the_kind_and_takes_the_nearest_level() -> None:
    space = option_space(resolved_with(density_levels=3, facility_levels=3))
    plans = one_option_plans(space)
    start, option = space.encode(plans)
    nudged = replace(
        plans, floor_area_ratio=plans.floor_area_ratio * 1.0001, facility_ratio=plans.facility_ratio + 1e-4
    )
    again, near = space.encode(nudged)
    np.testing.assert_array_equal(again, start)
    for one, other in zip(space.decode(again, near).columns, space.decode(start, option).columns, strict=True):
        np.testing.assert_array_equal(one, other)


def test_encoding_what_is_not_legal_takes_a_legal_option() -> None:
    space = option_space(resolved_with(density_levels=2, facility_levels=2))
    commodity = LAND_USES.index(LandUse.COMMODITY_HOUSING)
    whole = np.ones((1, N), dtype=np.int64)
    plans = Plans(whole, 2 * whole, commodity * whole, np.full((1, N), 2.0), np.full((1, N), 0.1))
    _, option = space.encode(plans)
    assert space.option_mask[np.arange(N), option[0]].all()
    assert space.land_use[option[0, RENTAL_ONLY]] != commodity
    assert space.intensity[option[0, PROTECTED]] == 0
